package classifier_test

import (
	"fmt"
	"os"
	"path/filepath"

	"smoothlab/classifier"
)

// A classifier is drawn, saved for Python and Go alike, and read back with the same bits.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	arch, err := classifier.Lookup("lenet")
	if err != nil {
		fmt.Println(err)
		return
	}
	c := classifier.New(arch, 1)
	path := filepath.Join(dir, "lenet.safetensors")
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

// Two networks become one, whose logits are the sums of theirs.
func ExampleNewEnsemble() {
	arch, err := classifier.Lookup("linear")
	if err != nil {
		fmt.Println(err)
		return
	}
	members := []*classifier.Classifier{classifier.New(arch, 1), classifier.New(arch, 2)}
	e, err := classifier.NewEnsemble(members, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Arch.Trainable(), "parameters:", e.Arch.Params[0].Name, "…", e.Arch.Params[3].Name)
	_, err = classifier.NewEnsemble(append(members, members[0]), 0)
	fmt.Println(err)
	// Output:
	// 15700 parameters: 0.fc.weight … 1.fc.bias
	// member 3: it is member 1 again, with the same weights
}
