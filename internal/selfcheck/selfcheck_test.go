package selfcheck

import (
	"os"
	"testing"
	"time"

	"smoothlab/internal/testengine"
)

// StressVariable names an environment variable with a duration, such as 5m, for which every case is repeated under
// load. Without it a few cases are repeated briefly.
const StressVariable = "SMOOTHLAB_STRESS"

// TestUnderLoad repeats the product's programs while the processor has other work. It fails with the plugin
// xla-cpu-pjrt 0.0.1 without its flag (docs/evidence.md).
func TestUnderLoad(t *testing.T) {
	cases, err := Quick(t.Context())
	o := Options{Duration: 10 * time.Second, Loops: 4, Progress: func(s string) { t.Log(s) }}
	if long := os.Getenv(StressVariable); long != "" {
		if o.Duration, err = time.ParseDuration(long); err != nil {
			t.Fatalf("%s: %v", StressVariable, err)
		}
		cases, err = All(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	e := testengine.Open(t)
	r, err := Check(t.Context(), e, cases, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("with %v\n%v", e, r)
	if wrong, runs := r.Wrong(); wrong > 0 {
		t.Errorf("%d of %d results are wrong", wrong, runs)
	}
}
