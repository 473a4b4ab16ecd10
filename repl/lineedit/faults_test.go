package lineedit

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"smoothlab/internal/faulttest"
)

// If any file operation fails, the items of the history stay.
func TestFaults(t *testing.T) {
	remember := func(dir string) error {
		h, err := OpenHistory(filepath.Join(dir, "new", "history"))
		if err != nil {
			return err
		}
		return h.Add("x = 1\nx")
	}
	whole := func(_ string, data []byte) []byte { // if the disk fails, half a line may stay
		data = bytes.ReplaceAll(data, []byte("x = \n"), nil)
		return bytes.TrimSuffix(data, []byte("x = "))
	}
	faulttest.Run(t, func(*testing.T) []faulttest.Work {
		return []faulttest.Work{
			{Name: "a new history", Grows: true, Do: remember, Comparable: whole},
			{Name: "a history", Do: remember, Comparable: whole, Prepare: func(dir string) error {
				if err := os.Mkdir(filepath.Join(dir, "new"), 0o700); err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(dir, "new", "history"), []byte("old\n"), 0o600)
			}},
		}
	})
}

// A history file that is a device, such as /dev/null, is neither read nor written.
func TestHistoryIsNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	if err := os.Symlink("/dev/zero", path); err != nil {
		t.Fatal(err)
	}
	h, err := OpenHistory(path)
	if err == nil || err.Error() != path+" is a pipe or a device, not a file" {
		t.Errorf("OpenHistory: %v", err)
	}
	if err := h.Add("x = 1"); err != nil {
		t.Errorf("Add: %v", err)
	}
}
