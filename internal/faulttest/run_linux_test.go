package faulttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Faults of writers are found: one that overwrites, one that returns no error, one that leaves files.
func TestFinds(t *testing.T) {
	under(t, func(in *injector) {
		path := func(dir string) string { return filepath.Join(dir, "a.txt") }
		for _, c := range []struct {
			want string
			do   func(dir string) error
		}{
			{"is neither the old one nor the new one", func(dir string) error {
				return os.WriteFile(path(dir), []byte("new"), 0o644)
			}},
			{"no error, but a.txt is not what it should be", func(dir string) error {
				os.WriteFile(path(dir), []byte("new"), 0o644)
				return nil
			}},
			{"there is also a.txt.new", func(dir string) error {
				f, err := os.OpenFile(path(dir)+".new", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
				if err != nil && !os.IsExist(err) {
					return err
				}
				if err == nil {
					defer f.Close()
					if _, err := f.WriteString("new"); err != nil {
						return err
					}
					return os.Rename(f.Name(), path(dir))
				}
				return os.WriteFile(path(dir), []byte("new"), 0o644)
			}},
		} {
			w := Work{Name: "bad", Prepare: old, Do: c.do}
			r := w.run(t, in)
			if got := strings.Join(r.wrong, "\n"); !strings.Contains(got, c.want) {
				t.Errorf("found is\n%s\nexpected is one with %q", got, c.want)
			}
		}
	})
}
