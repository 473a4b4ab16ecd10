package draw

import (
	"context"
	"math"
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/testengine"
	"smoothlab/noise"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

const (
	seed = 0x123456789abcdef0
	item = 42
)

// normals draws rows·n values through the graph.
func normals(t testing.TB, rows []uint32, n int) []float32 {
	t.Helper()
	p, err := testengine.Open(t).Program("normals "+t.Name(), func(_ *engine.Program, in []*Node) []*Node {
		src := Source{Key: in[0], Purpose: For(in[0].Graph(), noise.Bound), Item: in[1]}
		return []*Node{Normal(src, in[2], n)}
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Call(context.Background(), Key(seed), uint32(item), rows)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	return tensors.MustCopyFlatData[float32](out[0])
}

func upTo(n int) []uint32 {
	rows := make([]uint32, n)
	for i := range rows {
		rows[i] = uint32(i)
	}
	return rows
}

// The graph's Philox returns the same words as the host's, which is checked against Random123's known answers.
func TestWordsAreTheHosts(t *testing.T) {
	rows, blocks := []uint32{0, 1, 7, math.MaxUint32}, 5
	p, err := testengine.Open(t).Program("words", func(_ *engine.Program, in []*Node) []*Node {
		w := Source{Key: in[0], Purpose: For(in[0].Graph(), noise.Bound), Item: in[1]}.words(in[2], blocks)
		return w[:]
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Call(context.Background(), Key(seed), uint32(item), rows)
	if err != nil {
		t.Fatal(err)
	}
	for r, row := range rows {
		for b := range blocks {
			want := noise.Philox([4]uint32{uint32(b), row, item, uint32(noise.Bound)}, noise.Key(seed))
			for i := range 4 {
				if got := tensors.MustCopyFlatData[uint32](out[i])[r*blocks+b]; got != want[i] {
					t.Errorf("word %d of row %d block %d = %08x, want %08x", i, row, b, got, want[i])
				}
			}
		}
	}
}

// Each value is Box–Muller's of the host's words, computed in float64. XLA's float32 logarithm, and our sine and cosine
// are good to about 2e-7 relative, on values up to 6.7; 4e-6 leaves room for other backends' versions.
func TestNormalIsBoxMuller(t *testing.T) {
	const n = 10 // not a multiple of 4: the last block is cut
	rows := upTo(200)
	got := normals(t, rows, n)
	blocks := (n + 3) / 4
	for r := range rows {
		for k := range n {
			want := boxMullerHost(
				noise.Philox([4]uint32{uint32(k % blocks), uint32(r), item, uint32(noise.Bound)}, noise.Key(seed)),
				k/blocks,
			)
			if d := math.Abs(float64(got[r*n+k]) - want); !(d < 4e-6) {
				t.Fatalf("row %d value %d = %g, want %g", r, k, got[r*n+k], want)
			}
		}
	}
}

func boxMullerHost(w [4]uint32, k int) float64 {
	a, b := w[k/2*2], w[k/2*2+1]
	r := math.Sqrt(-2 * math.Log((float64(a)+1)/(1<<32)))
	s, c := math.Sincos(2 * math.Pi * float64(b>>8) / (1 << 24))
	return r * []float64{c, s}[k%2]
}

// Cosine and sine at every multiple of an eighth of a turn, next to it, and at random angles, against package math.
// Both polynomials are accurate to 6e-8 on ±π/4 (Cephes); the roundings of the angle and of the result add as much.
func TestCircle(t *testing.T) {
	var v []uint32
	for eighth := range uint32(8) {
		at := eighth << 21
		v = append(v, at, at+1, (at-1)&(1<<24-1))
	}
	stream := noise.NewStream(seed, noise.Test, 0)
	for range 100_000 {
		v = append(v, uint32(stream.Uint64()>>40))
	}
	p, err := testengine.Open(t).Program("circle", func(_ *engine.Program, in []*Node) []*Node {
		cos, sin := circle(in[0])
		return []*Node{cos, sin}
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Call(t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	cos, sin := tensors.MustCopyFlatData[float32](out[0]), tensors.MustCopyFlatData[float32](out[1])
	for i, x := range v {
		s, c := math.Sincos(2 * math.Pi * float64(x) / (1 << 24))
		if !(math.Abs(float64(cos[i])-c) < 1.8e-7) || !(math.Abs(float64(sin[i])-s) < 1.8e-7) {
			t.Fatalf("at %d/2²⁴ of a turn: %g, %g, want %g, %g", x, cos[i], sin[i], c, s)
		}
	}
}

// Moments and tails of two million values against the normal distribution's, within five standard errors.
func TestNormalDistribution(t *testing.T) {
	z := normals(t, upTo(2000), 1000)
	n := float64(len(z))
	var moments [5]float64
	var beyond [5]float64
	for _, v := range z {
		x := float64(v)
		if math.IsNaN(x) || math.Abs(x) > 6.67 {
			t.Fatalf("value %g", x)
		}
		for k := 1; k <= 4; k++ {
			moments[k] += math.Pow(x, float64(k)) / n
			if math.Abs(x) > float64(k) {
				beyond[k]++
			}
		}
	}
	// E zᵏ = 0, 1, 0, 3 and Var zᵏ = E z²ᵏ − (E zᵏ)² = 1, 2, 15, 96.
	for k, c := range [][2]float64{1: {0, 1}, 2: {1, 2}, 3: {0, 15}, 4: {3, 96}} {
		if k > 0 && math.Abs(moments[k]-c[0]) > 5*math.Sqrt(c[1]/n) {
			t.Errorf("moment %d = %g, want %g ± %g", k, moments[k], c[0], 5*math.Sqrt(c[1]/n))
		}
	}
	for k := 1; k <= 4; k++ {
		p := math.Erfc(float64(k) / math.Sqrt2) // P(|z| > k)
		if want := n * p; math.Abs(beyond[k]-want) > 5*math.Sqrt(want*(1-p)) {
			t.Errorf("|z| > %d: %g values, want %g", k, beyond[k], want)
		}
	}
	// Neighbours in each direction are uncorrelated: the mean of n products has standard error 1/√n.
	for _, lag := range []int{1, 250, 500, 750, 1000} {
		var sum float64
		for i := lag; i < len(z); i++ {
			sum += float64(z[i]) * float64(z[i-lag])
		}
		if r := sum / n; math.Abs(r) > 5/math.Sqrt(n) {
			t.Errorf("correlation at lag %d is %g", lag, r)
		}
	}
}

// Words of all zeros and all ones, for which other samplers return infinity or NaN.
func TestExtremeBits(t *testing.T) {
	p, err := testengine.Open(t).Program("extreme bits", func(_ *engine.Program, in []*Node) []*Node {
		z0, z1 := boxMuller(in[0], in[1])
		return []*Node{z0, z1, unit(in[1])}
	})
	if err != nil {
		t.Fatal(err)
	}
	const f = math.MaxUint32
	out, err := p.Call(context.Background(), []uint32{0, 0, f, f}, []uint32{0, f, 0, f})
	if err != nil {
		t.Fatal(err)
	}
	largest := math.Sqrt(64 * math.Ln2) // √(−2 ln 2⁻³²)
	want := []float64{largest, largest, 0, 0}
	for i, v := range tensors.MustCopyFlatData[float32](out[0]) {
		if d := math.Abs(float64(v) - want[i]); !(d < 1e-4) {
			t.Errorf("bits %d: %g, want %g", i, v, want[i])
		}
	}
	for i, v := range tensors.MustCopyFlatData[float32](out[1]) {
		if !(math.Abs(float64(v)) < 1e-4) {
			t.Errorf("sine half of bits %d: %g, want 0", i, v)
		}
	}
	if u := tensors.MustCopyFlatData[float32](out[2]); u[0] != 0 || !(u[1] < 1) {
		t.Errorf("uniform of extreme bits: %v, want 0 and less than 1", u[:2])
	}
}

// A row depends only on its sample number, not on other rows.
func TestRowsStandAlone(t *testing.T) {
	all := normals(t, upTo(300), 784)
	for _, r := range []uint32{0, 1, 299} {
		one := normals(t, []uint32{r}, 784)
		for k := range one {
			if one[k] != all[int(r)*784+k] {
				t.Fatalf("row %d value %d: alone %g, among others %g", r, k, one[k], all[int(r)*784+k])
			}
		}
	}
}

// BenchmarkNormal draws the noise of a certification chunk, also by GoMLX's own sampler.
func BenchmarkNormal(b *testing.B) {
	e := testengine.Open(b)
	ours, err := e.Program("bench ours", func(_ *engine.Program, in []*Node) []*Node {
		return []*Node{Normal(Source{Key: in[0], Purpose: For(in[0].Graph(), noise.Bound), Item: in[1]}, in[2], 784)}
	})
	if err != nil {
		b.Fatal(err)
	}
	rows := tensors.FromValue(upTo(1000))
	grid, err := e.Program("bench grid", func(_ *engine.Program, in []*Node) []*Node {
		return []*Node{
			Grid(Source{Key: in[0], Purpose: For(in[0].Graph(), noise.Bound), Item: in[1]}, in[2], 784, in[3], in[4]),
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	table, err := noise.NewGrid(0.5)
	if err != nil {
		b.Fatal(err)
	}
	theirs, err := e.Program("bench gomlx", func(_ *engine.Program, in []*Node) []*Node {
		_, z := RandomNormal(in[0], shapes.Make(dtypes.Float32, 1000, 784))
		return []*Node{z}
	})
	if err != nil {
		b.Fatal(err)
	}
	state, err := RNGStateFromSeed(1)
	if err != nil {
		b.Fatal(err)
	}
	run := func(p *engine.Program, args ...any) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				out, err := p.Call(context.Background(), args...)
				if err != nil {
					b.Fatal(err)
				}
				engine.Free(out...)
			}
			b.ReportMetric(784000*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mvalues/s")
		}
	}
	b.Run("ours", run(ours, Key(seed), uint32(item), rows))
	b.Run("grid", run(grid, Key(seed), uint32(item), rows, tensors.FromValue(table.Table), int32(table.Least)))
	b.Run("gomlx", run(theirs, state))
}

// Each value equals the table's value for the host's words; samples may have different items.
func TestGridIsTheHosts(t *testing.T) {
	g, err := noise.NewGrid(0.5)
	if err != nil {
		t.Fatal(err)
	}
	const n = 9 // odd: half of the last block is cut
	samples, items := []uint32{0, 5, math.MaxUint32}, []uint32{item, 7, 0}
	p, err := testengine.Open(t).Program("grid", func(_ *engine.Program, in []*Node) []*Node {
		return []*Node{
			Grid(Source{Key: in[0], Purpose: For(in[0].Graph(), noise.Bound), Item: in[1]}, in[2], n, in[3], in[4]),
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Call(t.Context(), Key(seed), items, samples, g.Table, int32(g.Least))
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	got := tensors.MustCopyFlatData[int32](out[0])
	for r, sample := range samples {
		for k := range n {
			blocks := (n + 1) / 2
			w := noise.Philox([4]uint32{uint32(k % blocks), sample, items[r], uint32(noise.Bound)}, noise.Key(seed))
			half := k / blocks * 2
			if want := g.At(uint64(w[half+1])<<32 | uint64(w[half])); int(got[r*n+k]) != want {
				t.Errorf("row %d value %d = %d, want %d", r, k, got[r*n+k], want)
			}
		}
	}
}
