package columns_test

import (
	"fmt"
	"os"
	"path/filepath"

	"smoothlab/columns"
)

// Write a slice of structs for pandas.
func ExampleSave() {
	type row struct {
		Index  int     `json:"index"`
		Radius float64 `json:"radius"`
	}
	t, err := columns.Of([]row{{0, 1.5}, {20, 0.25}})
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "columns")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "radii.csv")
	if err := columns.Save(path, t); err != nil {
		fmt.Println(err)
		return
	}
	text, err := os.ReadFile(path)
	fmt.Print(string(text), err)
	// Output:
	// index,radius
	// 0,1.5
	// 20,0.25
	// <nil>
}
