package votes_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"sort"
	"testing"

	"smoothlab/certify"
	"smoothlab/dataset"
	"smoothlab/internal/testengine"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

// authors reads their certification of the network of trained: every 200th test image, N0 = 100, N = 10,000,
// alpha = 0.001, sigma = 0.5. The file in testdata is the whole of it.
func authors(t *testing.T) *certify.Certificates {
	t.Helper()
	path := filepath.Join("testdata", "lenet_gaussian_0.50.N10000.tsv")
	c, err := certify.ReadLog(path, smoothing.Gaussian{Sigma: sigma}, authorsPlan())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func authorsPlan() certify.Plan { return certify.Plan{N0: 100, N: 10_000, Alpha: 0.001} }

// everyNth are the images of a data set whose index is remainder modulo step.
func everyNth(d *dataset.Dataset, step, remainder int) (images []certify.Image) {
	for pos, index := range d.Indices {
		if index%step == remainder {
			images = append(images, certify.Image{Pos: pos, Index: index, Label: int(d.Labels[pos])})
		}
	}
	return images
}

// Ten images, two of them abstentions, with a quarter of the authors' votes. SMOOTHLAB_TEST_ALL=1 does all fifty with
// all votes, a minute's work on two cores.
func TestReferenceCertification(t *testing.T) {
	d, plan, step := digits(t), authorsPlan(), 1000
	plan.N /= 4
	if testengine.All() {
		plan, step = authorsPlan(), 200
	}
	v := newVoter(t, d, seed, 0)
	ours, err := certify.Run(t.Context(), v, everyNth(d, step, 200%step), plan, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[int]certify.Row{}
	for _, row := range authors(t).Rows {
		theirs[row.Index] = row
	}
	level := 1e-3 / float64(len(ours.Rows)) // Bonferroni: right code fails for one seed in a thousand at most
	same, least := 0, 1.
	for _, got := range ours.Rows {
		want, ok := theirs[got.Index]
		if !ok || got.Label != want.Label {
			t.Errorf("image %d: label %d, theirs %d", got.Index, got.Label, want.Label)
			continue
		}
		p := agreement(got, want)
		least = min(least, p)
		if p < level {
			t.Errorf(
				"image %d: class %d with %d of %d votes, radius %.4g; theirs is class %d, radius %.3g: p = %.2g",
				got.Index,
				got.Predicted,
				got.Votes,
				got.Used,
				got.Radius,
				want.Predicted,
				want.Radius,
				p,
			)
		}
		if got.Predicted == want.Predicted {
			same++
		}
	}
	t.Logf(
		"%d of %d classes equal; smallest p-value %.2g, level %.2g; ACR %.4f, theirs %.4f",
		same,
		len(ours.Rows),
		least,
		level,
		ours.ACR(),
		pairedACR(ours, theirs),
	)
}

// agreement returns the p-value of the hypothesis that two rows are of one network: 0 if the classes differ, else by
// Fisher's exact test on the two numbers of votes. The printed radius gives the authors' number only up to an interval,
// and for an abstention it is only known that the bound is under ½. The number in this interval that agrees best with
// ours is taken.
func agreement(ours, theirs certify.Row) float64 {
	plan := authorsPlan()
	if ours.Predicted != theirs.Predicted && ours.Predicted != certify.Abstain && theirs.Predicted != certify.Abstain {
		return 0
	}
	radius := func(count int) float64 {
		return smoothing.Gaussian{Sigma: sigma}.Radius(certify.LowerBound(count, plan.N, plan.Alpha))
	}
	atLeast := func(r float64) int { return sort.Search(plan.N, func(count int) bool { return radius(count) >= r }) }
	lo, hi := 0, atLeast(0) // their abstention: no more votes than these
	if theirs.Predicted != certify.Abstain {
		half := 0.5 * math.Pow(10, math.Floor(math.Log10(theirs.Radius))-2) // three digits, rounded to nearest
		lo, hi = atLeast(theirs.Radius-half), atLeast(theirs.Radius+half)
	}
	expected := int(math.Round(float64(ours.Votes) / float64(ours.Used) * float64(plan.N)))
	return fisher(min(max(expected, lo), hi), plan.N, ours.Votes, ours.Used)
}

// fisher is the two-sided p-value, twice the smaller tail, of k1 of n1 and k2 of n2 under equal probabilities: given
// their sum, k1 is hypergeometric.
func fisher(k1, n1, k2, n2 int) float64 {
	k := k1 + k2
	probability := func(i int) float64 { return math.Exp(choose(n1, i) + choose(n2, k-i) - choose(n1+n2, k)) }
	var below, above float64
	for i := max(0, k-n2); i <= min(k, n1); i++ {
		if i <= k1 {
			below += probability(i)
		}
		if i >= k1 {
			above += probability(i)
		}
	}
	return min(1, 2*min(below, above))
}

// choose is the logarithm of a binomial coefficient.
func choose(n, k int) float64 {
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	return lg(n) - lg(k) - lg(n-k)
}

func pairedACR(ours *certify.Certificates, theirs map[int]certify.Row) float64 {
	var c certify.Certificates
	for _, row := range ours.Rows {
		c.Rows = append(c.Rows, theirs[row.Index])
	}
	return c.ACR()
}

// The test of the comparison itself: Fisher's tea tasting (The Design of Experiments, 1935: 3 of 4 against 1 of 4 gives
// 17/70 in one tail), and a wrong sigma or class would be detected.
func TestAgreement(t *testing.T) {
	if p := fisher(3, 4, 1, 4); math.Abs(p-34./70) > 1e-12 {
		t.Errorf("p = %g, want 34/70", p)
	}
	theirs := certify.Row{Predicted: 3, Radius: 1.24} // about 99.6% of the votes
	for _, c := range []struct {
		row    certify.Row
		agrees bool
	}{
		{certify.Row{Predicted: 3, Votes: 4978, Used: 5000}, true},
		{certify.Row{Predicted: 3, Votes: 4900, Used: 5000}, false},
		{certify.Row{Predicted: 3, Votes: 5000, Used: 5000}, false},
		{certify.Row{Predicted: 4, Votes: 4978, Used: 5000}, false},
		{certify.Row{Predicted: certify.Abstain, Votes: 2500, Used: 5000}, false},
	} {
		if p := agreement(c.row, theirs); (p > 1e-4) != c.agrees {
			t.Errorf("%+v: p = %g", c.row, p)
		}
	}
}

// stopping is a voter that ends its context when it reaches an image.
type stopping struct {
	certify.Voter
	at     int // position of the image
	cancel func()
}

func (s stopping) Vote(ctx context.Context, pos int, p noise.Purpose, first, n int, counts []int) error {
	if pos == s.at {
		s.cancel()
	}
	return s.Voter.Vote(ctx, pos, p, first, n, counts)
}

// A certification that is stopped, and resumed by another voter, ends with the rows of an uninterrupted one.
func TestResumedCertification(t *testing.T) {
	d, plan := digits(t), certify.Plan{N0: 20, N: 100, Alpha: 0.01}
	images, out := everyNth(d, 1200, 0), filepath.Join(t.TempDir(), "log.tsv")
	run := func(ctx context.Context, out string, stop func()) (*certify.Certificates, error) {
		v := newVoter(t, d, seed, 40)
		var voter certify.Voter = v
		if stop != nil {
			voter = stopping{v, images[3].Pos, stop}
		}
		return certify.Run(ctx, voter, images, plan, out, nil)
	}
	whole, err := run(t.Context(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = run(ctx, out, cancel)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
	_, before := testengine.Open(t).Counts()
	resumed, err := run(t.Context(), out, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, after := testengine.Open(t).
		Counts(); after-before != (len(images)-3)*4 { // 20 votes and 100 are 1 and 3 chunks of 40
		t.Errorf("%d calls for %d images", after-before, len(images)-3)
	}
	for i, row := range resumed.Rows {
		row.Time = whole.Rows[i].Time
		if row != whole.Rows[i] {
			t.Errorf("resumed %+v, whole %+v", row, whole.Rows[i])
		}
	}
	if len(resumed.Rows) != len(images) {
		t.Errorf("%d rows of %d", len(resumed.Rows), len(images))
	}
}
