package baseline

import (
	"math"
	"path/filepath"
	"testing"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/steptest"
	"smoothlab/internal/testengine"
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// DDN on softmax regression against a second implementation of the authors' code in NumPy, in float64
// (testdata/ddn/make.py): images whose majority changes at once, later, repeatedly, before the first step, and never.
// Pixels are multiples of 1/255. One that lies in the middle between two, to float32's 1e-6 or so, may be rounded to
// the other, and the norm of its image then differs by as little as 1/255 in one of 784 values: at most one pixel in
// 200 may, and not by more than two steps.
func TestDDN(t *testing.T) {
	for _, file := range []string{"ddn_m3.npz", "ddn_m1.npz"} {
		a := steptest.ReadNpz(t, filepath.Join("testdata", "ddn", file))
		m := NewSmoothAdvDDN()
		x, noise := a["x"].Shape().Dimensions, a["noise"].Shape().Dimensions
		m.M, m.Steps, m.Eps = noise[0], a["steps_adv"].Shape().Dimensions[0], float64(
			tensors.MustCopyFlatData[float32](a["eps"])[0],
		)
		arch, err := classifier.Lookup("linear")
		if err != nil {
			t.Fatal(err)
		}
		p, err := testengine.Open(t).
			Program(steptest.Unique(t.Name()+file), func(_ *engine.Program, in []*Node) []*Node {
				image := func(v *Node, lead ...int) *Node { return Reshape(v, append(lead, 28, 28, 1)...) }
				scalars := map[string]*Node{
					"eps":   in[5],
					"gamma": Const(in[0].Graph(), float32(m.Gamma)),
					"warm":  OnesLike(in[5]),
				}
				st := method.NewStep(
					m,
					method.Inputs{
						Arch:    arch,
						Params:  in[:2],
						X:       image(in[2], x[0]),
						Y:       in[3],
						Noise:   image(in[4], noise[:2]...),
						Scalars: scalars,
					},
				)
				return []*Node{m.attack(st)}
			})
		if err != nil {
			t.Fatal(err)
		}
		out, err := p.Call(t.Context(), a["w"], a["b"], a["x"], a["y"], a["noise"], a["eps"])
		if err != nil {
			t.Fatal(err)
		}
		got, want := tensors.MustCopyFlatData[float32](out[0]), tensors.MustCopyFlatData[float32](a["adv"])
		other := 0
		for i := range want {
			d := math.Abs(float64(got[i] - want[i]))
			if !(d < 2.01/255) {
				t.Fatalf("%s: pixel %d of image %d is %g, want %g", file, i%784, i/784, got[i], want[i])
			}
			if d > 1e-5 {
				other++
			}
		}
		t.Logf("%s: %d of %d pixels differ", file, other, len(want))
		if other > len(want)/200 {
			t.Errorf("%s: %d of %d pixels differ", file, other, len(want))
		}
		engine.Free(out...)
	}
}
