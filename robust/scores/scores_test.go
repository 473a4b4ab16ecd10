package scores_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"smoothlab/robust/scores"
)

// The scores are scikit-learn's (testdata/scores.py), to the rounding of sums of 400 terms.
func TestScoresAreScikitLearns(t *testing.T) {
	data, err := os.ReadFile("testdata/scores.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		P      [][]float64
		Labels []int
		Bins   [][3]float64

		Accuracy, Confidence, Brier, NLL, ECE float64
		BrierTop                              float64 `json:"brier_top"`
	}
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	s := scores.Of(f.P, f.Labels, rand.New(rand.NewPCG(1, 2)))
	for name, x := range map[string][2]float64{
		"accuracy": {s.Accuracy, f.Accuracy}, "confidence": {s.Confidence, f.Confidence}, "Brier": {s.Brier, f.Brier},
		"Brier of the top class": {s.BrierTop, f.BrierTop}, "NLL": {s.NLL, f.NLL}, "ECE": {s.ECE, f.ECE},
	} {
		if math.Abs(x[0]-x[1]) > 1e-12 {
			t.Errorf("%s %v, scikit-learn has %v", name, x[0], x[1])
		}
	}
	top, correct := scores.Top(f.P, f.Labels)
	at := 0
	for _, b := range scores.Reliability(top, correct, scores.Bins) {
		if b.Images == 0 {
			if !math.IsNaN(b.Confidence) || !math.IsNaN(b.Accuracy) {
				t.Errorf("an empty bin has means: %v", b)
			}
			continue
		}
		if at == len(f.Bins) {
			t.Fatalf("bins after scikit-learn's last: %v", b)
		}
		if want := f.Bins[at]; b.Images != int(want[0]) || math.Abs(b.Confidence-want[1]) > 1e-12 ||
			math.Abs(b.Accuracy-want[2]) > 1e-12 {
			t.Errorf("bin %v, scikit-learn has %v", b, want)
		}
		at++
	}
	if at != len(f.Bins) {
		t.Errorf("%d bins with images, scikit-learn has %d", at, len(f.Bins))
	}
}

// One image: right with confidence 1, and a probability of 0 for the label, whose logarithm is floored.
func TestExtremes(t *testing.T) {
	for _, c := range []struct {
		p               []float64
		brier, nll, ece float64
		simulated       float64
	}{
		{[]float64{1, 0}, 0, 0, 0, 0},
		{[]float64{0, 1}, 2, -math.Log(1e-20), 1, 0},
		{[]float64{0.5, 0.5}, 0.5, math.Ln2, 0.5, 0.5}, // right or wrong, it is off by a half
	} {
		s := scores.Of([][]float64{c.p}, []int{0}, rand.New(rand.NewPCG(1, 2)))
		if s.Brier != c.brier || math.Abs(s.NLL-c.nll) > 1e-12 || s.ECE != c.ece ||
			math.Abs(s.Simulated-c.simulated) > 1e-12 {
			t.Errorf("confidence %v: %+v", c.p, s)
		}
	}
}

// The simulated error is the exact one: n images of one confidence q make a bin with E|hits/n − q|, the mean absolute
// deviation of a binomial share, which is 2·k·C(n,k)·q^k·(1−q)^(n−k+1)/n at k = ⌊nq⌋+1 (de Moivre). 1000 rounds come
// within five standard errors, each less than that deviation/√1000.
func TestSimulatedError(t *testing.T) {
	for _, n := range []int{10, 100, 1000} {
		const q = 0.83
		p, labels := make([][]float64, n), make([]int, n)
		for i := range p {
			p[i] = []float64{q, 1 - q}
		}
		k := math.Floor(float64(n)*q) + 1
		lg := func(x float64) float64 { v, _ := math.Lgamma(x); return v }
		N := float64(n)
		want := 2 * k * math.Exp(lg(N+1)-lg(k+1)-lg(N-k+1)+k*math.Log(q)+(N-k+1)*math.Log1p(-q)) / N
		s := scores.Of(p, labels, rand.New(rand.NewPCG(3, uint64(n))))
		if math.Abs(s.Simulated-want) > 5*want/math.Sqrt(1000) {
			t.Errorf("%d images: simulated %g, exactly %g", n, s.Simulated, want)
		}
		if !(s.Simulated95 > s.Simulated && s.Simulated95 < 5*s.Simulated) {
			t.Errorf("%d images: 95%% below %g, mean %g", n, s.Simulated95, s.Simulated)
		}
	}
}

// Edges belong to the bin below, as in scikit-learn.
func TestBinEdges(t *testing.T) {
	for x, want := range map[float64]int{0: 0, 0.2: 0, 0.2000001: 1, 0.4: 1, 1: 4} {
		bins := scores.Reliability([]float64{x}, []bool{true}, 5)
		for b := range bins {
			if (bins[b].Images == 1) != (b == want) {
				t.Errorf("%g is in bin %d, want %d", x, b, want)
			}
		}
	}
}

func ExampleOf() {
	s := scores.Of([][]float64{{0.9, 0.1}, {0.6, 0.4}}, []int{0, 1}, rand.New(rand.NewPCG(1, 2)))
	fmt.Printf("accuracy %.2f, Brier %.2f, NLL %.3f, ECE %.2f\n", s.Accuracy, s.Brier, s.NLL, s.ECE)
	// Output: accuracy 0.50, Brier 0.37, NLL 0.511, ECE 0.35
}
