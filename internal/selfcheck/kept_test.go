package selfcheck

import (
	"os"
	"path/filepath"
	"testing"

	"smoothlab/engine"
)

// A second session loads every program from disk, and computes the same bits as the first, which compiled them.
func TestKeptPrograms(t *testing.T) {
	choose := Quick
	if os.Getenv(StressVariable) != "" {
		choose = All
	}
	cases, err := choose(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "programs")
	var first map[string][][]float32
	var programs int
	for _, session := range []string{"first", "second"} {
		e, err := engine.Open(t.Context(), engine.Options{Programs: dir})
		if err != nil {
			t.Fatal(err)
		}
		results := map[string][][]float32{}
		for _, c := range cases {
			result, err := c.run(t.Context(), e, 0)
			if err != nil {
				t.Fatal(err)
			}
			results[c.Name] = result
		}
		compiled, loaded := e.Compilations()
		e.Close()
		if session == "first" {
			first, programs = results, compiled
			if compiled == 0 || loaded != 0 {
				t.Fatalf("the first session compiled %d programs and loaded %d", compiled, loaded)
			}
			continue
		}
		if compiled != 0 || loaded != programs {
			t.Errorf("the second session compiled %d programs and loaded %d of %d", compiled, loaded, programs)
		}
		for name, result := range results {
			if !equal(result, first[name]) {
				t.Errorf("%s: other bits, by %g", name, difference(result, first[name]))
			}
		}
	}
}
