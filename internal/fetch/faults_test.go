package fetch

import (
	"os"
	"path/filepath"
	"testing"

	"smoothlab/internal/faulttest"
)

// Whatever file operation fails, a fetched file is whole or not there, and what a killed process left does no harm.
func TestFaults(t *testing.T) {
	faulttest.Run(t, func(t *testing.T) []faulttest.Work {
		url := serve(t, abc)
		fetch := func(dir string) error {
			return File(t.Context(), filepath.Join(dir, "new", "f.gz"), []string{url}, abcHash, nil)
		}
		return []faulttest.Work{
			{Name: "fetch", Do: fetch},
			{Name: "fetch after a kill", Do: fetch, Prepare: func(dir string) error {
				if err := os.Mkdir(filepath.Join(dir, "new"), 0o755); err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(dir, "new", "f.gz.part"), []byte("abcdef"), 0o644)
			}},
		}
	})
}
