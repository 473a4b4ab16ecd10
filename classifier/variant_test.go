package classifier

import (
	"bytes"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
)

func scaling(t testing.TB, mean, sd []float64, channels int) *Scaling {
	t.Helper()
	s, err := NewScaling(mean, sd, channels)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Networks that compute different functions of the same weights have different names, because programs and fingerprints
// depend on the name. A network that is changed back equals the listed one.
func TestVariantsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range Architectures() {
		three, err := a.WithClasses(3)
		if err != nil {
			t.Fatal(err)
		}
		half := scaling(t, []float64{0.5}, []float64{0.5}, a.Input.Channels)
		names := []string{a.Name, three.Name, a.WithScaling(half).Name, three.WithScaling(half).Name}
		if a.Scaling != nil {
			names = append(names, a.WithScaling(nil).Name)
		}
		for _, name := range names {
			if seen[name] {
				t.Errorf("two networks are named %q", name)
			}
			seen[name] = true
		}
		back, err := three.WithScaling(half).WithClasses(a.Classes)
		if err != nil {
			t.Fatal(err)
		}
		if back = back.WithScaling(a.Scaling); back.Name != a.Name || back.Base != a.Name {
			t.Errorf("%s changed back is %s", a.Name, back.Name)
		}
	}
	_, err := lookup(t, "lenet").WithClasses(1 << 17)
	checkSentence(t, err, "got 131072")
}

// The normalizing layer computes (x − mean)/sd in front of every network, for votes and for attacks: logits equal those
// of the network without it on pixels that were normalized on the host; gradients with respect to the points equal
// those times 1/sd. LeNet has a faster form for attacks.
func TestScalingIsInFront(t *testing.T) {
	const n = 2
	for _, name := range []string{"linear", "lenet"} {
		a := lookup(t, name)
		mean, sd := []float64{0.25}, []float64{0.5} // so that no rounding differs
		front := a.WithScaling(scaling(t, mean, sd, 1))
		if front.Name == a.Name || front.Attack == nil != (a.Attack == nil) {
			t.Fatalf("%s is %s", a.Name, front.Name)
		}
		c := New(a, 3)
		x := images(n, a.Input)
		normalized := slices.Clone(x)
		for i := range normalized {
			normalized[i] = (x[i] - 0.25) / 0.5
		}
		run := func(a *Architecture, x []float32) [][]float32 {
			return evaluate(t, "front "+a.Name, c.values(x), func(in []*Node) []*Node {
				w, x := a.Weights(in[:len(a.Params)]), in[len(a.Params)]
				logits := a.Logits(w, x, Attack)
				short := a.AttackLogits(w, x, x)
				return []*Node{
					logits,
					Gradient(ReduceAllSum(Square(logits)), x)[0],
					short,
					Gradient(ReduceAllSum(Square(short)), x)[0],
				}
			})
		}
		got, want := run(front, x), run(a, normalized)
		for k := range got {
			scale := float32(1)
			if k%2 == 1 {
				scale = 2 // 1/sd
			}
			for i := range want[k] {
				want[k][i] *= scale
			}
			if worst, largest := furthest(got[k], want[k]); !(worst <= 1e-6*largest) || largest == 0 {
				t.Errorf("%s, output %d: largest difference %g of values up to %g", name, k, worst, largest)
			}
		}
	}
}

// Checkpoints keep outputs and normalization; networks of the list stay in version 1 of the format.
func TestVariantsRoundTrip(t *testing.T) {
	a := lookup(t, "linear")
	three, err := a.WithClasses(3)
	if err != nil {
		t.Fatal(err)
	}
	half := scaling(t, []float64{0.1307}, []float64{0.3081}, 1)
	resnet := lookup(t, "resnet20")
	for _, test := range []struct {
		arch    *Architecture
		version string
	}{
		{a, "1"}, {resnet, "1"}, {three, "2"}, {a.WithScaling(half), "2"}, {three.WithScaling(half), "2"}, {resnet.WithScaling(nil), "2"},
	} {
		want := &Checkpoint{Classifier: New(test.arch, 1)}
		want.Facts.Classes = numbers(test.arch.Classes)
		data := encoded(t, want)
		_, meta, err := parse(data)
		if err != nil || meta["version"] != test.version || meta["arch"] != test.arch.Base {
			t.Errorf("%s: %v, %v", test.arch.Name, meta, err)
		}
		got, err := Read(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, want)
		if got.Fingerprint() != want.Fingerprint() || !got.Arch.Scaling.equal(test.arch.Scaling) {
			t.Errorf("%s comes back as %s", test.arch.Name, got.Arch.Name)
		}
	}
	seven := New(three, 1).Fingerprint()
	if seven == New(three.WithScaling(half), 1).Fingerprint() {
		t.Error("the fingerprint does not depend on the normalization")
	}
}

// Metadata that do not describe a network are refused.
func TestVariantsUnreadable(t *testing.T) {
	for key, values := range map[string][]string{
		"classes":   {"", "x", "1", "-3", "99999999999999999999", "100000"},
		"normalize": {"", "{", `{"mean":[9],"std":[1]}`, `{"mean":[0,0,0],"std":[1]}`, `{"mean":[0],"std":[-1]}`, `{"mean":[]}`},
	} {
		for _, value := range values {
			meta := map[string]string{"version": "2", "arch": "lenet", "classes": "3", "normalize": "null"}
			if _, err := described(meta); err != nil {
				t.Fatal(err)
			}
			meta[key] = value
			_, err := described(meta)
			checkSentence(t, err)
		}
	}
}
