package dataset

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/faulttest"
)

// If any file operation fails, the data set is opened completely or not at all: no class, part or image is missing.
func TestFaults(t *testing.T) {
	seen := func(path, split string, opts Options) func(dir string) error {
		return func(dir string) error {
			at, opts := filepath.Join(dir, path), opts
			if opts.Dir != "" {
				at, opts.Dir = path, filepath.Join(dir, opts.Dir)
			}
			d, err := Open(t.Context(), at, split, opts)
			if err != nil {
				return err
			}
			d.Name = "data"
			text := fmt.Sprintf("%v %v %v %x", d, d.Labels, d.Classes, d.Pixels)
			return atomicfile.Write(filepath.Join(dir, "seen.txt"), []byte(text))
		}
	}
	faulttest.Run(t, func(t *testing.T) []faulttest.Work {
		pictures := tree(t, "train/a/1.png", "train/b/2.png", "train/c/3.png", "test/a/4.png", "test/c/5.png", "more/d/6.png")
		copied := func(dir string) error {
			if err := os.CopyFS(filepath.Join(dir, "pictures"), os.DirFS(pictures)); err != nil {
				return err
			}
			return os.Symlink("1.png", filepath.Join(dir, "pictures", "train", "a", "7.png"))
		}
		arrays := npzFile(t, bytesOf("x_train", "2, 1, 2", 10, 220, 30, 240), bytesOf("y_train", "2,", 2, 0),
			bytesOf("x_test", "2, 1, 2", 20, 210, 40, 230), bytesOf("y_test", "2,", 1, 0),
			array{"classes", "<U1", "4,", []byte("a\x00\x00\x00b\x00\x00\x00c\x00\x00\x00d\x00\x00\x00")})
		batches := func(dir string) error {
			at := filepath.Join(dir, "cifar", "cifar10", cifarDir)
			if err := os.MkdirAll(at, 0o755); err != nil {
				return err
			}
			for i := range 2 {
				name := filepath.Join(at, fmt.Sprintf("data_batch_%d.bin", i+1))
				if err := os.WriteFile(name, record(byte(i), 1, 2, 3), 0o644); err != nil {
					return err
				}
			}
			return nil
		}
		return []faulttest.Work{
			{Name: "pictures", Prepare: copied, Do: seen("pictures", "test", Options{})},
			{Name: "npz", Do: seen("a.npz", "test", Options{}), Prepare: func(dir string) error {
				data, err := os.ReadFile(arrays)
				if err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(dir, "a.npz"), data, 0o644)
			}},
			{Name: "batches", Prepare: batches, Do: seen("cifar10", "train", Options{Dir: "cifar"})},
		}
	})
}
