package kernel_test

import (
	"fmt"
	"os"
	"path/filepath"

	"smoothlab/kernel"
)

// Register a program as a kernel, as smoothlab kernel install does with the user's Jupyter directory.
func ExampleInstall() {
	data, err := os.MkdirTemp("", "jupyter")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(data)
	spec, err := kernel.Install(data, "/usr/local/bin/smoothlab")
	if err != nil {
		fmt.Println(err)
		return
	}
	below, err := filepath.Rel(data, spec)
	fmt.Println(below, err)
	program, err := kernel.Installed(data)
	fmt.Println(program, err)
	// Output:
	// kernels/smoothlab <nil>
	// /usr/local/bin/smoothlab <nil>
}
