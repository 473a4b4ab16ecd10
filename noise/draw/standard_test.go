package draw

import (
	"math"
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/testengine"
	"smoothlab/noise"

	. "github.com/gomlx/gomlx/core/graph"
)

// drawn draws rows·n values of a sampler through the graph.
func drawn(t *testing.T, sampler Sampler, rows []uint32, n int) []float32 {
	t.Helper()
	e := testengine.Open(t)
	p, err := e.Program("drawn "+t.Name(), func(_ *engine.Program, in []*Node) []*Node {
		src := Source{Key: in[0], Purpose: For(in[0].Graph(), noise.Bound), Item: in[1]}
		return []*Node{sampler(src, in[2], n)}
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Call(t.Context(), Key(seed), uint32(item), rows)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	values, err := engine.Read[float32](e, out[0])
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// ofOneWord lists the noises whose values take one word each: the host's function, the tolerance for float32, and the
// distribution function. A float32 logarithm is good to some 2e-7, relatively, and values are up to 21.5.
func ofOneWord() map[string]struct {
	host      func(word uint32) float64
	tolerance float64
	below     func(x float64) float64
} {
	return map[string]struct {
		host      func(word uint32) float64
		tolerance float64
		below     func(x float64) float64
	}{
		"laplace": {noise.Laplace, 1e-5, func(x float64) float64 {
			if x < 0 {
				return math.Exp(x) / 2
			}
			return 1 - math.Exp(-x)/2
		}},
		"uniform": {noise.Uniform, 0, func(x float64) float64 { return min(1, max(0, (1+x)/2)) }},
	}
}

// Each value is computed from the same word as on the host.
func TestValuesAreTheHosts(t *testing.T) {
	const n = 10 // not a multiple of 4: the last block is cut
	for name, c := range ofOneWord() {
		t.Run(name, func(t *testing.T) {
			sampler, err := Standard(name)
			if err != nil {
				t.Fatal(err)
			}
			rows := append(upTo(200), math.MaxUint32)
			got := drawn(t, sampler, rows, n)
			blocks := (n + 3) / 4
			for r, row := range rows {
				for k := range n {
					w := noise.Philox([4]uint32{uint32(k % blocks), row, item, uint32(noise.Bound)}, noise.Key(seed))
					want := c.host(w[k/blocks])
					if d := math.Abs(float64(got[r*n+k]) - want); !(d <= c.tolerance) {
						t.Fatalf("row %d value %d = %g, want %g", row, k, got[r*n+k], want)
					}
				}
			}
		})
	}
}

// Two million values against the distribution function at twenty points, within five standard errors, and against their
// neighbors.
func TestStandardDistribution(t *testing.T) {
	for name, c := range ofOneWord() {
		t.Run(name, func(t *testing.T) {
			sampler, err := Standard(name)
			if err != nil {
				t.Fatal(err)
			}
			values := drawn(t, sampler, upTo(2000), 1000)
			n := float64(len(values))
			for x := -4.75; x < 5; x += 0.5 {
				count := 0.0
				for _, v := range values {
					if float64(v) <= x {
						count++
					}
				}
				p := c.below(x)
				if d := math.Abs(count/n - p); d > 5*math.Sqrt(p*(1-p)/n) {
					t.Errorf("P(x <= %g) is %g, want %g", x, count/n, p)
				}
			}
			squares := 0.0
			for _, v := range values {
				squares += float64(v) * float64(v) / n
			}
			for _, lag := range []int{1, 250, 500, 1000} {
				sum := 0.0
				for i := lag; i < len(values); i++ {
					sum += float64(values[i]) * float64(values[i-lag])
				}
				if r := sum / n / squares; math.Abs(r) > 5/math.Sqrt(n) {
					t.Errorf("correlation at lag %d is %g", lag, r)
				}
			}
		})
	}
}

// Words of all zeros and of all ones give numbers within the range: no infinity, and of the uniform noise neither end.
func TestExtremeWords(t *testing.T) {
	for name, c := range ofOneWord() {
		for _, w := range []uint32{0, 1, math.MaxUint32 - 1, math.MaxUint32} {
			if x := c.host(w); !(math.Abs(x) < 21.6) || !(c.below(x) > 0 && c.below(x) < 1) {
				t.Errorf("%s of %08x is %v", name, w, x)
			}
		}
	}
}

func TestStandardRefusesOthers(t *testing.T) {
	if _, err := Standard("cauchy"); err == nil {
		t.Error("cauchy noise is drawn")
	}
}
