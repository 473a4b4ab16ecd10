package columns_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothlab/columns"
	"smoothlab/internal/npz"

	"github.com/parquet-go/parquet-go"
)

// example has every type of value, cells of two shapes, and numbers that lose digits in careless text formats.
func example() columns.Table {
	return columns.Table{Columns: []columns.Column{
		{Name: "index", Values: []int{7, -1}},
		{Name: "seed", Values: []uint64{math.MaxUint64, 0}},
		{Name: "radius", Values: []float64{0.1, math.NaN()}},
		{Name: "far", Values: []float64{math.Inf(1), math.Inf(-1)}},
		{Name: "class", Values: []string{"a, \"b\"", "ß中\n"}},
		{Name: "correct", Values: []bool{true, false}},
		{Name: "logits", Values: []float32{0.1, -2, 3, 4}, Shape: []int{2}},
		{Name: "points", Values: []float32{1, 2, 3, 4, 5, 6, 7, 8}, Shape: []int{2, 2}, Wide: true},
	}}
}

func saved(t *testing.T, ending string, table columns.Table) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "new", "x"+ending)
	if err := columns.Save(path, table); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestCSV(t *testing.T) {
	const want = "index,seed,radius,far,class,correct,logits_0,logits_1\n" +
		"7,18446744073709551615,0.1,inf,\"a, \"\"b\"\"\",True,0.1,-2\n" +
		"-1,0,NaN,-inf,\"ß中\n\",False,3,4\n"
	if got := saved(t, ".csv", example()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestJSON(t *testing.T) {
	var byName map[string][]any
	if err := json.Unmarshal([]byte(saved(t, ".json", example())), &byName); err != nil {
		t.Fatal(err)
	}
	if len(byName) != 7 || byName["radius"][0] != 0.1 || byName["radius"][1] != nil || byName["far"][1] != "-Infinity" ||
		byName["class"][1] != "ß中\n" || byName["logits"][1].([]any)[0] != 3.0 {
		t.Errorf("%v", byName)
	}
	lines := strings.Split(strings.TrimSuffix(saved(t, ".jsonl", example()), "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines", len(lines))
	}
	want := `{"index": -1, "seed": 0, "radius": null, "far": "-Infinity", "class": "ß中\n", "correct": false, ` +
		`"logits": [3, 4]}`
	if lines[1] != want {
		t.Errorf("got\n%s\nwant\n%s", lines[1], want)
	}
}

func TestNPZ(t *testing.T) {
	data := saved(t, ".npz", example())
	f, err := npz.Open(strings.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{
		"index": "<i8", "seed": "<u8", "radius": "<f8", "far": "<f8",
		"class": "<U6", "correct": "|b1", "logits": "<f4", "points": "<f4",
	}
	if len(f.Arrays) != len(types) {
		t.Errorf("%d arrays, want %d", len(f.Arrays), len(types))
	}
	for _, a := range f.Arrays {
		if a.Err != nil || a.Type != types[a.Name] || a.Shape[0] != 2 {
			t.Errorf("%s is of type %s and shape %v: %v", a.Name, a.Type, a.Shape, a.Err)
		}
	}
	var points []float64
	err = f.Array("points").Each(t.Context(), func(x []float64) error { points = append(points, x...); return nil })
	if err != nil || !slices.Equal(points, []float64{1, 2, 3, 4, 5, 6, 7, 8}) {
		t.Errorf("points %v, %v", points, err)
	}
	names, err := f.Array("class").Strings(t.Context())
	if err != nil || !slices.Equal(names, []string{"a, \"b\"", "ß中\n"}) {
		t.Errorf("classes %q, %v", names, err)
	}
	if data != saved(t, ".npz", example()) {
		t.Error("the same table gives another file")
	}
}

func TestParquet(t *testing.T) {
	data := saved(t, ".parquet", example())
	f, err := parquet.OpenFile(strings.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, field := range f.Schema().Fields() {
		names = append(names, field.Name())
	}
	want := []string{"index", "seed", "radius", "far", "class", "correct", "logits_0", "logits_1"}
	if !slices.Equal(names, want) {
		t.Errorf("columns %v, want %v", names, want)
	}
	type row struct {
		Index   int64   `parquet:"index"`
		Seed    uint64  `parquet:"seed"`
		Radius  float64 `parquet:"radius"`
		Class   string  `parquet:"class"`
		Correct bool    `parquet:"correct"`
		Second  float64 `parquet:"logits_1"`
	}
	rows, err := parquet.Read[row](strings.NewReader(data), int64(len(data)))
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v, %v", rows, err)
	}
	if want := (row{7, math.MaxUint64, 0.1, "a, \"b\"", true, -2}); rows[0] != want {
		t.Errorf("%v, want %v", rows[0], want)
	}
	if r := rows[1]; r.Index != -1 || !math.IsNaN(r.Radius) || r.Class != "ß中\n" || r.Second != 4 {
		t.Errorf("%v", r)
	}
}

// More rows than are written at a time, and no rows.
func TestManyRowsAndNone(t *testing.T) {
	for _, n := range []int{0, 1, 2500} {
		table := columns.Table{}
		table.Add("i", make([]int, n))
		for _, ending := range columns.Endings() {
			data := saved(t, ending, table)
			switch ending {
			case ".csv", ".jsonl":
				want := n
				if ending == ".csv" {
					want++ // the header
				}
				if got := strings.Count(data, "\n"); got != want {
					t.Errorf("%s: %d lines for %d rows", ending, got, n)
				}
			case ".parquet":
				f, err := parquet.OpenFile(strings.NewReader(data), int64(len(data)))
				if err != nil || f.NumRows() != int64(n) {
					t.Errorf("%d rows in Parquet: %v", n, err)
				}
			}
		}
	}
}

// Base is embedded in record, as in reports.
type Base struct {
	Index int `json:"index"`
}

type record struct {
	Base
	Radius *float64   `json:"radius"`
	Counts []int      `json:"counts"`
	Ragged []float64  `json:"ragged"`
	Name   string     `json:"name"`
	Hidden string     `json:"-"`
	Nested []struct{} `json:"nested"`
}

func TestOf(t *testing.T) {
	r := 0.5
	table, err := columns.Of([]record{
		{Base: Base{3}, Radius: &r, Counts: []int{1, 2}, Ragged: []float64{1}, Name: "a"},
		{Base: Base{4}, Counts: []int{3, 4}, Name: "b"},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = "index,radius,counts_0,counts_1,name\n3,0.5,1,2,a\n4,NaN,3,4,b\n"
	if got := saved(t, ".csv", table); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, bad := range []any{3, []int{1}, record{}, []struct{}{{}}} {
		if _, err := columns.Of(bad); err == nil {
			t.Errorf("a table of %T", bad)
		}
	}
}

func TestSaveRefuses(t *testing.T) {
	dir := t.TempDir()
	one := columns.Table{}
	one.Add("a", []int{1})
	for path, want := range map[string]string{
		"":                             "the name of the file is empty",
		".":                            "is a directory",
		dir:                            "is a directory",
		filepath.Join(dir, "x") + "/":  "is the name of a directory",
		filepath.Join(dir, "x"):        "end its name in .npz, .csv, .json, .jsonl or .parquet",
		filepath.Join(dir, "x.npy"):    "did you mean .npz?",
		filepath.Join(dir, "x.tar.gz"): "cannot tell the format",
		"/dev/null":                    "is a pipe or a device",
	} {
		if err := columns.Save(path, one); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", path, err, want)
		}
		if err := columns.CheckPath(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not refused before: %v", path, err)
		}
	}
	two := one
	two.Columns = append(slices.Clone(one.Columns), columns.Column{Name: "a", Values: []int{2}})
	long := one
	long.Columns = append(slices.Clone(one.Columns), columns.Column{Name: "b", Values: []int{2, 3}})
	odd := one
	odd.Columns = append(slices.Clone(one.Columns), columns.Column{Name: "b", Values: []complex128{2}})
	for name, table := range map[string]columns.Table{"none": {}, "two": two, "long": long, "odd": odd} {
		path := filepath.Join(dir, "kept.csv")
		if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := columns.Save(path, table); err == nil {
			t.Errorf("%s columns are saved", name)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != "old" {
			t.Errorf("%s columns: the older file is %q, %v", name, data, err)
		}
	}
}
