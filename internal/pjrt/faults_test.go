package pjrt

import (
	"os"
	"path/filepath"
	"testing"

	"smoothlab/internal/faulttest"
)

// If any file operation fails, the plugin is complete or absent.
func TestFaults(t *testing.T) {
	faulttest.Run(t, func(t *testing.T) []faulttest.Work {
		good := hollow(t)
		s := serve(t, pack(t, "x/xla_cpu_pjrt.so", good))
		install := func(dir string) error {
			_, err := install(t.Context(), s, Env{Own: filepath.Join(dir, "own")}, nil)
			return err
		}
		damaged := func(dir string) error {
			if err := os.Mkdir(filepath.Join(dir, "own"), 0o755); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "own", ownName), good[:300], 0o644)
		}
		return []faulttest.Work{
			{Name: "install the plugin", Do: install},
			{Name: "replace a damaged plugin", Do: install, Prepare: damaged},
		}
	})
}
