package columns_test

import (
	"os"
	"path/filepath"
	"testing"

	"smoothlab/columns"
	"smoothlab/internal/faulttest"
)

// If any file operation fails, a saved file is the old one or the new one, in each format.
func TestFaults(t *testing.T) {
	faulttest.Run(t, func(t *testing.T) []faulttest.Work {
		var work []faulttest.Work
		for _, ending := range columns.Endings() {
			work = append(work, faulttest.Work{
				Name: "save " + ending,
				Prepare: func(dir string) error {
					return os.WriteFile(filepath.Join(dir, "a"+ending), []byte("old"), 0o644)
				},
				Do: func(dir string) error { return columns.Save(filepath.Join(dir, "a"+ending), example()) },
			})
		}
		return work
	})
}
