package classifier_test

import (
	"fmt"
	"os"
	"path/filepath"

	"smoothlab/classifier"
)

// A classifier is drawn, saved for Python and Go alike, and read back with the same bits.
func Example() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	arch, err := classifier.Lookup("lenet")
	if err != nil {
		fmt.Println(err)
		return
	}
	c := classifier.New(arch, 1)
	path := filepath.Join(folder, "lenet.safetensors")
	if err := (&classifier.Checkpoint{Classifier: c}).Save(path); err != nil {
		fmt.Println(err)
		return
	}
	back, err := classifier.Load(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(back.Arch.Name, back.Arch.Input, back.Fingerprint() == c.Fingerprint())
	// Output: lenet 28×28×1 true
}
