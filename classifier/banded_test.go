package classifier

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/testengine"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// layer is a convolution with pooling: its sizes and its inputs. These are small whole numbers, so that sums are exact
// in float32 and many elements of a window are equal.
type layer struct {
	n, h, w, c, o, k int
	x, kernel, bias  []float32
	up               []float32 // gradient with respect to the result
}

func newLayer(seed uint64, n, h, w, c, o, k int) *layer {
	r := rand.New(rand.NewPCG(seed, 0))
	whole := func(size, from, to int) []float32 {
		v := make([]float32, size)
		for i := range v {
			v[i] = float32(from + r.IntN(to-from+1))
		}
		return v
	}
	return &layer{
		n:      n,
		h:      h,
		w:      w,
		c:      c,
		o:      o,
		k:      k,
		x:      whole(n*h*w*c, 0, 1),
		kernel: whole(o*c*k*k, -1, 1),
		bias:   whole(o, -1, 1),
		up:     whole(n*(h-k+1)/2*((w-k+1)/2)*o, -3, 3),
	}
}

// expected computes convolution, bias, ReLU and max pooling in PyTorch's order, each with its gradient, by plain loops.
type expected struct {
	y, dx, dkernel, dbias []float64
	ties, windows         int // windows with several equal positive maxima, and all windows
	zeros                 int // windows whose maximum before ReLU is exactly 0
}

func (l *layer) expected() *expected {
	e := &expected{
		y:       make([]float64, len(l.up)),
		dx:      make([]float64, len(l.x)),
		dkernel: make([]float64, len(l.kernel)),
		dbias:   make([]float64, l.o),
	}
	at := 0
	for n := range l.n {
		for py := range (l.h - l.k + 1) / 2 {
			for px := range (l.w - l.k + 1) / 2 {
				for o := range l.o {
					e.window(l, n, py, px, o, at)
					at++
				}
			}
		}
	}
	return e
}

// window does one 2×2 window: the first of its largest elements, row by row, gets the gradient, if it is above 0.
func (e *expected) window(l *layer, n, py, px, o, at int) {
	best, bestY, bestX, equal := 0., 0, 0, 0
	for i := range 4 {
		y, x := 2*py+i/2, 2*px+i%2
		v := float64(l.bias[o])
		l.products(n, y, x, o, func(xi, ki int) { v += float64(l.x[xi]) * float64(l.kernel[ki]) })
		switch {
		case i == 0 || v > best:
			best, bestY, bestX, equal = v, y, x, 1
		case v == best:
			equal++
		}
	}
	e.windows++
	if best == 0 {
		e.zeros++
	}
	if best <= 0 {
		return
	}
	if equal > 1 {
		e.ties++
	}
	e.y[at] = best
	up := float64(l.up[at])
	e.dbias[o] += up
	l.products(n, bestY, bestX, o, func(xi, ki int) {
		e.dx[xi] += up * float64(l.kernel[ki])
		e.dkernel[ki] += up * float64(l.x[xi])
	})
}

// products visits the pairs of input and kernel elements of one output.
func (l *layer) products(n, y, x, o int, visit func(xi, ki int)) {
	for c := range l.c {
		for ky := range l.k {
			for kx := range l.k {
				visit(((n*l.h+y+ky)*l.w+x+kx)*l.c+c, ((o*l.c+c)*l.k+ky)*l.k+kx)
			}
		}
	}
}

// computed runs a form of the layer: value and the gradients to x, kernel and bias.
func (l *layer) computed(t testing.TB, name string, form func(x, w, b *Node) *Node) ([][]float32, error) {
	p, err := testengine.Open(t).Program(name, func(_ *engine.Program, in []*Node) []*Node {
		y := form(in[0], in[1], in[2])
		return append(
			[]*Node{y},
			Gradient(ReduceAllSum(Mul(y, Reshape(in[3], y.Shape().Dimensions...))), in[0], in[1], in[2])...)
	})
	if err != nil {
		return nil, err
	}
	out, err := p.Call(t.Context(), tensors.FromFlatDataAndDimensions(l.x, l.n, l.h, l.w, l.c),
		tensors.FromFlatDataAndDimensions(l.kernel, l.o, l.c, l.k, l.k), l.bias, l.up)
	if err != nil {
		return nil, err
	}
	defer engine.Free(out...)
	var values [][]float32
	for _, v := range out {
		values = append(values, tensors.MustCopyFlatData[float32](v))
	}
	return values, nil
}

// Value and gradients equal PyTorch's rule exactly: all numbers are whole and small.
func TestConvPool(t *testing.T) {
	for _, c := range []struct {
		n, h, w, c, o, k int
		strips           []int
	}{
		{2, 28, 28, 1, 20, 5, []int{2, 12}}, // LeNet's first layer
		{1, 12, 12, 20, 50, 5, []int{1, 4}}, // its second
		{3, 8, 12, 2, 3, 3, []int{5}},
		{30, 6, 4, 3, 4, 1, []int{2}},
		{30, 3, 9, 1, 2, 2, []int{1}},
	} {
		l := newLayer(uint64(c.h*c.w), c.n, c.h, c.w, c.c, c.o, c.k)
		want := l.expected()
		if c.c < 20 && want.ties*10 < want.windows { // sums of 500 products have few
			t.Errorf("%+v: %d ties in %d windows are too few to tell the rules apart", c, want.ties, want.windows)
		}
		t.Logf("%+v: %d windows, %d ties, %d with maximum 0", c, want.windows, want.ties, want.zeros)
		for _, p := range c.strips {
			for pass := Forward; pass <= Train; pass++ {
				t.Run(fmt.Sprintf("%d×%d×%d,k=%d,p=%d,pass=%d", c.h, c.w, c.c, c.k, p, pass), func(t *testing.T) {
					got, err := l.computed(
						t,
						t.Name(),
						func(x, w, b *Node) *Node { return convPool(x, nil, w, b, p, pass) },
					)
					if err != nil {
						t.Fatal(err)
					}
					all := [][]float64{want.y, want.dx, want.dkernel, want.dbias}
					if pass == Forward && c.k%2 == 0 { // GoMLX's gradient of such a kernel is wrong; no network has one
						all = all[:1]
					}
					for i, want := range all {
						equal(
							t,
							[]string{"value", "gradient to x", "gradient to the kernel", "gradient to the bias"}[i],
							got[i],
							want,
						)
					}
				})
			}
		}
	}
}

func equal(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if float64(got[i]) != want[i] {
			t.Fatalf("%s[%d] = %g, want %g", what, i, got[i], want[i])
		}
	}
}

// The gradient of ReLU at 0 is 0, as in PyTorch.
func TestReluAtZero(t *testing.T) {
	p, err := testengine.Open(t).Program(t.Name(), func(_ *engine.Program, in []*Node) []*Node {
		y := relu(in[0])
		return []*Node{y, Gradient(ReduceAllSum(y), in[0])[0]}
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Call(t.Context(), []float32{-1, 0, 1e-30, 2})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	if y := tensors.MustCopyFlatData[float32](out[0]); !slices.Equal(y, []float32{0, 0, 1e-30, 2}) {
		t.Errorf("values %v", y)
	}
	if d := tensors.MustCopyFlatData[float32](out[1]); !slices.Equal(d, []float32{0, 0, 1, 1}) {
		t.Errorf("gradient %v, want 0 at 0", d)
	}
}

// Sizes that this form does not support panic.
func TestConvPoolRefuses(t *testing.T) {
	for name, c := range map[string]struct{ h, w, p int }{
		"strips do not divide": {28, 28, 5}, "odd width": {28, 27, 1}, "odd height": {27, 28, 2},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newLayer(
				1,
				1,
				c.h,
				c.w,
				1,
				2,
				5,
			).computed(t, t.Name(), func(x, w, b *Node) *Node { return convPool(x, nil, w, b, c.p, Train) })
			checkSentence(t, err, "convPool", t.Name())
		})
	}
}
