// Package testreference finds the reference data of tests: golden tensors, published logs and data sets.
//
// The repository holds small copies, so every test package passes on a fresh clone. Three environment variables name
// the full sets: SMOOTHLAB_REFERENCE (a directory with paper_tables.csv, logs, certified and golden), SMOOTHLAB_GOLDEN
// (golden tensors alone) and SMOOTHLAB_DATA (data sets). Nothing outside the repository is read unless one is set.
//
// Traps. A variable that names a missing directory fails the test, so that a typo does not skip it silently.
//
// Entry points: [Dir], [Golden], [Data].
package testreference

import (
	"os"
	"path/filepath"
	"testing"
)

// The variables that name the full sets.
const (
	ReferenceVariable = "SMOOTHLAB_REFERENCE"
	GoldenVariable    = "SMOOTHLAB_GOLDEN"
	DataVariable      = "SMOOTHLAB_DATA"
)

// Dir returns the path elem below $SMOOTHLAB_REFERENCE, or skips the test if the variable is not set.
func Dir(t testing.TB, elem ...string) string {
	t.Helper()
	return under(t, ReferenceVariable, elem...)
}

// Data returns the path elem below $SMOOTHLAB_DATA, or skips the test if the variable is not set.
func Data(t testing.TB, elem ...string) string {
	t.Helper()
	return under(t, DataVariable, elem...)
}

// Golden returns the directory of golden tensors: $SMOOTHLAB_GOLDEN, else golden below $SMOOTHLAB_REFERENCE, else the
// copy in the repository. full reports whether a variable named it; then it may lack files that the copy has.
func Golden(t testing.TB) (dir string, full bool) {
	t.Helper()
	switch {
	case os.Getenv(GoldenVariable) != "":
		return under(t, GoldenVariable), true
	case os.Getenv(ReferenceVariable) != "":
		return under(t, ReferenceVariable, "golden"), true
	}
	return filepath.Join(root(t), "smoothmix", "testdata", "golden"), false
}

func under(t testing.TB, variable string, elem ...string) string {
	t.Helper()
	base := os.Getenv(variable)
	if base == "" {
		t.Skipf("needs %s below the directory that %s names; it is not set", filepath.Join(elem...), variable)
	}
	path := filepath.Join(append([]string{base}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is set: %v", variable, err)
	}
	return path
}

// root returns the module's directory, since tests run in their package's.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test's directory")
		}
		dir = parent
	}
}
