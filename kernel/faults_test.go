package kernel

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"smoothlab/internal/faulttest"
)

// If any file operation fails, the installed kernelspec is complete or absent, and cells of the history stay.
func TestFaults(t *testing.T) {
	install := func(program string) func(dir string) error {
		return func(dir string) error {
			_, err := Install(dir, program)
			return err
		}
	}
	uninstall := func(dir string) error {
		if _, err := Uninstall(dir); !errors.Is(err, ErrNotInstalled) {
			return err
		}
		return nil
	}
	remember := func(dir string) error {
		h, err := openHistory(filepath.Join(dir, "history.jsonl"))
		if err != nil || len(h.find(historyRequest{Access: "search", Pattern: "x = 1"})) > 0 {
			return err
		}
		return h.add(1, "x = 1")
	}
	cells := func(_ string, data []byte) []byte { // sessions have a number each, and begin with a line
		var inputs []byte
		for line := range bytes.Lines(data) {
			var e entry
			if err := json.Unmarshal(line, &e); err == nil && e.Line > 0 {
				inputs = append(inputs, e.Input...)
			}
		}
		return inputs
	}
	old := func(dir string) error {
		return os.WriteFile(filepath.Join(dir, "history.jsonl"), (entry{1, 1, "old"}).line(), 0o600)
	}
	faulttest.Run(t, func(*testing.T) []faulttest.Work {
		return []faulttest.Work{
			{Name: "install", Do: install("/opt/new")},
			{Name: "install again", Prepare: install("/opt/old"), Do: install("/opt/new")},
			{Name: "uninstall", Grows: true, Prepare: install("/opt/old"), Do: uninstall},
			{Name: "history", Prepare: old, Do: remember, Comparable: cells},
		}
	})
}
