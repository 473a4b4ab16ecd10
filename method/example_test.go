package method_test

import (
	"fmt"

	"smoothlab/method"
	"smoothlab/smoothmix"
)

// A custom method is a function: here cross-entropy at the adversarial points that SmoothMix searches for. It has
// SmoothMix's settings, and train.Train and walk.New take it like a listed method.
func ExampleNewCustom() {
	adversarial := func(st *method.Step) method.Terms {
		far := st.Search(st.X) // [B, H, W, C]
		return method.Terms{{Name: "cross-entropy", Weight: 1, Value: method.CrossEntropy(st.Logits(far), st.Y)}}
	}
	m := method.NewCustom("adversarial", "", smoothmix.New(), adversarial)
	fmt.Println(method.Describe(m))
	// Output:
	// adversarial(sigma=0.5, m=4, steps=4, alpha=1, eta=5, warmup=10)
}

// With returns a copy of a method with one setting changed, or an error for a value that the method does not allow.
func ExampleWith() {
	m, err := method.With(smoothmix.New(), "eta", 1)
	fmt.Println(method.Describe(m), err)
	_, err = method.With(m, "sigma", -1)
	fmt.Println(err)
	// Output:
	// smoothmix(sigma=0.5, m=4, steps=4, alpha=1, eta=1, warmup=10) <nil>
	// smoothmix: sigma must be greater than 0, got -1
}
