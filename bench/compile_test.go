package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"smoothlab/classifier"
	"smoothlab/internal/testengine"
)

// The smallest network's programs are compiled and reported, for people and for programs; an unknown name is an error.
func TestCompile(t *testing.T) {
	var out, notes bytes.Buffer
	if err := run(
		t.Context(),
		options{Rounds: 1, Compile: true, Only: "linear", JSON: true},
		&out,
		&notes,
	); err != nil {
		t.Fatal(err)
	}
	var c compiling
	if err := json.Unmarshal(out.Bytes(), &c); err != nil {
		t.Fatalf("%v: %s", err, &out)
	}
	a, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != a.Name || c.Params != a.Trainable() || len(c.Took) != len(compiled) {
		t.Errorf("%+v", c)
	}
	for _, name := range compiled {
		if !(c.Took[name] > 0) { // the second call does the same without compiling
			t.Errorf("%s took %g s", name, c.Took[name])
		}
		if _, measured := c.Kept[name]; !measured {
			t.Errorf("%s was not measured in a second session", name)
		}
	}
	if table := compileTable([]compiling{c}); !strings.Contains(table, "linear") || strings.Count(table, "\n") != 2 {
		t.Error(table)
	}
	err = run(t.Context(), options{Rounds: 1, Compile: true, Only: "no such"}, &out, &notes)
	if err == nil || !strings.Contains(err.Error(), `no classifier has "no such" in its name`) {
		t.Error(err)
	}
}

// Shares are relative to the rate of a product that is measured in the same run.
func TestShares(t *testing.T) {
	s := &ourSide{engine: testengine.Open(t)}
	results := []result{{Name: "counted", Seconds: 1}, {Name: "half as fast", Seconds: 2}, {Name: "not counted", Seconds: 1}}
	works := []work{{name: "not counted"}, {name: "half as fast", flop: 1e9}, {name: "counted", flop: 1e9}}
	var notes bytes.Buffer
	if err := s.shares(t.Context(), works, results, 0, &notes); err != nil {
		t.Fatal(err)
	}
	if a, b := results[0].Share, results[1].Share; !(a > 0 && a < 1) || !near(a/b, 2) || results[2].Share != 0 {
		t.Errorf("%+v", results)
	}
	if !strings.Contains(notes.String(), "GFLOP/s") || !strings.Contains(table(results, nil), "%") {
		t.Errorf("%s\n%s", notes.String(), table(results, nil))
	}
}
