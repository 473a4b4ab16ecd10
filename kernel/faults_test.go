package kernel

import (
	"testing"

	"smoothlab/internal/faulttest"
)

// Whatever file operation fails, the installed kernelspec is whole or not there.
func TestFaults(t *testing.T) {
	install := func(program string) func(dir string) error {
		return func(dir string) error {
			_, err := Install(dir, program)
			return err
		}
	}
	faulttest.Run(t, func(*testing.T) []faulttest.Work {
		return []faulttest.Work{
			{Name: "install", Do: install("/opt/new")},
			{Name: "install again", Prepare: install("/opt/old"), Do: install("/opt/new")},
		}
	})
}
