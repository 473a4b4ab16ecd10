package walk

import (
	"regexp"
	"testing"

	"smoothlab/baseline"
)

// A verb that takes more memory than any machine has is refused, with a number of noise samples that fits; the walk
// stays as it was.
func TestMemory(t *testing.T) {
	m := baseline.NewMACER()
	w, _ := smallWalk(t, "linear", m, -1)
	defer w.Close()
	if _, err := w.Loss(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	large := baseline.NewMACER()
	large.M = 1_000_000_000 // 8 digits of 784 float32 each: 25 TB
	form := regexp.MustCompile(`^1000000000 noisy copies of 8 images: it takes about [\d.e+]+ GB of memory, ` +
		`more than the [\d.]+ GB of this machine; m=\d+ fits$`)
	if _, err := w.Noise(t.Context(), large, 1); err == nil || !form.MatchString(err.Error()) {
		t.Errorf("%v", err)
	}
	if done := w.Done(); len(done) != 2 {
		t.Errorf("after the refusal the walk has done %v", done)
	}
}
