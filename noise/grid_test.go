package noise

import (
	"encoding/csv"
	"math"
	"math/big"
	"os"
	"strconv"
	"testing"
)

func parsed(t *testing.T, s string) *big.Float {
	t.Helper()
	f, _, err := big.ParseFloat(s, 10, precision, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The probabilities are mpmath's, to 43 of the 45 digits that testdata/grid.csv has.
func TestRoundedNormal(t *testing.T) {
	for _, row := range fixture(t) {
		sigma, _ := row.sigma.Float64()
		p := roundedNormal(sigma, row.most)
		for i, j := range []int{0, 1, 100, 300} {
			want, got := row.p[i], p[row.most+j]
			if off := new(
				big.Float,
			).Sub(got, want); off.Abs(off).
				Cmp(new(big.Float).Mul(want, big.NewFloat(1e-43))) >
				0 {
				t.Errorf("sigma %v: P(%d) = %s, mpmath has %s", sigma, j, got.Text('g', 45), want.Text('g', 45))
			}
			if p[row.most-j].Cmp(got) != 0 {
				t.Errorf("sigma %v: P(%d) differs from P(%d)", sigma, -j, j)
			}
		}
		beyond := big.NewFloat(1)
		for _, x := range p {
			beyond.SetPrec(precision).Sub(beyond, x)
		}
		b, _ := beyond.Float64()
		if want, _ := row.beyond.Float64(); math.Abs(b-want) > 1e-10*want {
			t.Errorf("sigma %v: beyond ±%d lies %g, mpmath has %g", sigma, row.most, b, want)
		}
	}
}

type fixtureRow struct {
	sigma  *big.Float
	most   int
	p      [4]*big.Float
	beyond *big.Float
}

func fixture(t *testing.T) (rows []fixtureRow) {
	t.Helper()
	f, err := os.Open("testdata/grid.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) != 4 {
		t.Fatalf("%d lines of testdata/grid.csv: %v", len(lines), err)
	}
	for _, l := range lines[1:] {
		row := fixtureRow{sigma: parsed(t, l[0]), beyond: parsed(t, l[6])}
		if row.most, err = strconv.Atoi(l[1]); err != nil {
			t.Fatal(err)
		}
		for i := range row.p {
			row.p[i] = parsed(t, l[2+i])
		}
		rows = append(rows, row)
	}
	return rows
}

// The parts of the table's slots for each value add up to its weight exactly, and the bound on the distance follows
// from the weights; both are recomputed here in rational numbers.
func TestGridTable(t *testing.T) {
	for _, sigma := range []float64{1. / Levels, 0.25, 1} {
		g, err := NewGrid(sigma)
		if err != nil {
			t.Fatal(err)
		}
		most := -g.Least
		size := new(big.Int).Lsh(big.NewInt(1), uint(64-g.Bits))
		weights := make([]*big.Int, len(g.Table))
		for i := range weights {
			weights[i] = new(big.Int)
		}
		for i, entry := range g.Table {
			own, alias := new(big.Int).SetUint64(entry>>g.Bits), entry&(1<<g.Bits-1)
			weights[i].Add(weights[i], own)
			weights[alias].Add(weights[alias], new(big.Int).Sub(size, own))
		}
		p := roundedNormal(sigma, most)
		sum, left := new(big.Rat), big.NewRat(1, 1)
		for i, w := range weights {
			if i >= len(p) {
				if w.Sign() != 0 {
					t.Errorf("sigma %g: a value beyond the table has weight %v", sigma, w)
				}
				continue
			}
			x, _ := p[i].Rat(nil)
			left.Sub(left, x)
			d := new(big.Rat).Sub(x, new(big.Rat).SetFrac(w, new(big.Int).Lsh(big.NewInt(1), 64)))
			if off, _ := d.Float64(); math.Abs(off) > 1.5*0x1p-64 { // a unit, and the tails
				t.Errorf("sigma %g: value %d is off by %g, more than a unit of 2⁻⁶⁴", sigma, g.Least+i, off)
			}
			sum.Add(sum, d.Abs(d))
		}
		want, _ := sum.Add(sum, left.Abs(left)).Mul(sum, big.NewRat(1, 2)).Float64()
		if got := g.Distance(1); !(got >= want && got <= want*(1+1e-12)) {
			t.Errorf("sigma %g: distance %g, the table's is %g", sigma, got, want)
		}
		if got := g.Distance(784); !(got >= 784*want && got <= 784*want*(1+1e-12)) {
			t.Errorf("sigma %g: distance of 784 values %g, expected %g", sigma, got, 784*want)
		}
	}
}

// Words at both ends of a slot give the values of its entry, and a million Philox words give the normal distribution:
// chi-square of 41 cells, within 5 standard deviations of its mean.
func TestGridAt(t *testing.T) {
	g, err := NewGrid(0.25)
	if err != nil {
		t.Fatal(err)
	}
	for slot, entry := range g.Table {
		low, threshold := uint64(slot)<<(64-g.Bits), entry>>g.Bits
		alias := g.Least + int(entry&(1<<g.Bits-1))
		if threshold > 0 {
			if got := g.At(low + threshold - 1); got != g.Least+slot {
				t.Fatalf("below the threshold slot %d gives %d", slot, got)
			}
		}
		if got := g.At(low + threshold); got != alias {
			t.Fatalf("at the threshold slot %d gives %d, want %d", slot, got, alias)
		}
	}
	const n, cells, width = 1_000_000, 41, 8 // cells of 8 values, the outer two open
	cell := func(j int) int { return min(max((j+cells*width/2)/width, 0), cells-1) }
	p := roundedNormal(0.25, -g.Least)
	var want, got [cells]float64
	for i := range p {
		x, _ := p[i].Float64()
		want[cell(g.Least+i)] += n * x
	}
	s := NewStream(3, Bound, 0)
	for range n {
		got[cell(g.At(s.Uint64()))]++
	}
	chi := 0.0
	for i := range got {
		chi += (got[i] - want[i]) * (got[i] - want[i]) / want[i]
	}
	if mean, sd := float64(cells-1), math.Sqrt(2*(cells-1)); math.Abs(chi-mean) > 5*sd {
		t.Errorf("chi-square %.1f of %d cells, expected %.0f ± %.1f", chi, cells, mean, sd)
	}
}

func TestGridRefuses(t *testing.T) {
	for _, sigma := range []float64{0, -1, 1. / 256, 14, math.NaN(), math.Inf(1)} {
		if g, err := NewGrid(sigma); err == nil {
			t.Errorf("sigma %v: a table of %d slots", sigma, len(g.Table))
		}
	}
}
