package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"smoothlab/internal/faulttest"
)

// If any file operation fails, a fetched file is complete or absent, no second address is tried in vain, and leftovers
// of a killed process are removed.
func TestFaults(t *testing.T) {
	const left = ".other.gz.00000001.smoothlab-part"
	faulttest.Run(t, func(t *testing.T) []faulttest.Work {
		var downloads atomic.Int32
		url := serve(t, func(w http.ResponseWriter, r *http.Request) { downloads.Add(1); abc(w, r) })
		fetch := func(dir string) error {
			downloads.Store(0)
			err := File(t.Context(), filepath.Join(dir, "new", "f.gz"), []string{url, url}, abcHash, nil)
			if n := downloads.Load(); n > 1 {
				return fmt.Errorf("%d downloads", n)
			}
			if err != nil && !errors.Is(err, ErrDiskFull) && !errors.Is(err, ErrNotWritable) {
				return fmt.Errorf("of no kind\n%w", err)
			}
			return err
		}
		return []faulttest.Work{
			{Name: "fetch", Do: fetch},
			{Name: "fetch after a kill", Do: fetch, Prepare: func(dir string) error {
				if err := os.Mkdir(filepath.Join(dir, "new"), 0o755); err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(dir, "new", left), []byte("ab"), 0o644)
			}},
		}
	})
}
