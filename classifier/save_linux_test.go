package classifier

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A failed writing of a checkpoint leaves the file at the path as it was, and no other files.
func TestNotWritten(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old.safetensors")
	if err := os.WriteFile(old, []byte("older"), 0o600); err != nil {
		t.Fatal(err)
	}
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	long := filepath.Join(dir, strings.Repeat("x", 300))
	for name, c := range map[string]struct {
		path  string
		spoil func(*Checkpoint)
		want  string
	}{
		"directory":         {sub, nil, "is a directory; name a file in it"},
		"no such directory": {filepath.Join(dir, "none", "c.safetensors"), nil, "no such file or directory"},
		"file as directory": {filepath.Join(old, "c.safetensors"), nil, "not a directory"},
		"long name":         {long, nil, "too long"},
		"facts":             {old, func(c *Checkpoint) { c.Facts.Sigma = math.NaN() }, "NaN"},
		"training":          {old, func(c *Checkpoint) { c.Training = json.RawMessage("{") }, "not valid JSON"},
		"weights":           {old, func(c *Checkpoint) { c.Params[2] = c.Params[2][1:] }, "conv2.weight"},
		"momentum":          {old, func(c *Checkpoint) { c.Buffers["momentum"][7] = nil }, "momentum.fc2.bias"},
	} {
		t.Run(name, func(t *testing.T) {
			ck := sample(t)
			if c.spoil != nil {
				c.spoil(ck)
			}
			checkSentence(t, ck.Save(c.path), c.path, "not written", c.want)
			unchanged(t, dir, old)
		})
	}
}

// unchanged checks that the directory holds the old file and the empty directory, and nothing else.
func unchanged(t *testing.T, dir, old string) {
	t.Helper()
	if data, err := os.ReadFile(old); err != nil || !bytes.Equal(data, []byte("older")) {
		t.Errorf("the old file holds %d bytes (%v)", len(data), err)
	}
	var names []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		names = append(names, filepath.Base(path))
		return err
	})
	if got := strings.Join(names[1:], " "); err != nil || got != "old.safetensors sub" {
		t.Errorf("left behind: %s (%v)", got, err)
	}
}

// Writing fails in the middle of the file, as on a full disk, because of a limit on file sizes.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old.safetensors")
	if err := os.WriteFile(old, []byte("older"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 20, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	err := sample(t).Save(old)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	checkSentence(t, err, old, "is as it was", "file too large")
	unchanged(t, dir, old)
}

func TestLoadOfNoFile(t *testing.T) {
	dir := t.TempDir()
	_, err := Load(dir)
	checkSentence(t, err, dir, "is a directory")
	missing := filepath.Join(dir, "none.safetensors")
	_, err = Load(missing)
	checkSentence(t, err, missing, "there is no file")
}
