package papertable

import (
	"strings"
	"testing"

	"smoothlab/certify"
	"smoothlab/certify/paper"
	"smoothlab/zoo"
)

// made returns a finished row with an ACR, certified with the settings for which the authors' runs are re-expressed.
func made(acr float64) *zoo.Row {
	return &zoo.Row{
		Card: zoo.Card{Plan: certify.Fixed(100, 10_000, 0.001), Every: "images 0, 20, … of mnist test: 10,000 images",
			Certified: &zoo.Certified{Images: 500, ACR: acr, Error: 0.02}, Training: "16 epochs"},
	}
}

// The verdict compares with the interval of one more run, and only for a certification like the authors'.
func TestVerdict(t *testing.T) {
	interval := &paper.Prediction{Mean: 1.4527, Low: 1.45, High: 1.4554}
	otherVotes, fewer, others := made(1.46), made(1.46), made(1.46)
	otherVotes.Plan.N = 100_000
	fewer.Certified.Images = 50
	others.Every = "images 0, 20, … of mnist train: 5,000 of 60,000 images"
	for _, c := range []struct {
		row     *zoo.Row
		authors *paper.Prediction
		verdict string
		text    string
	}{
		{nil, interval, NotMade, "not made yet"},
		{made(1.4424), interval, Below, "below, −0.0103 = 99.3%, 0.0076 under the interval"},
		{made(1.45), interval, Inside, "inside, −0.0027 = 99.8%"},
		{made(1.4600), interval, Above, "above, +0.0073 = 100.5%, 0.0046 over the interval"},
		{made(1.46), nil, NoInterval, "no interval"},
		{otherVotes, interval, OtherImages, "not comparable"},
		{fewer, interval, OtherImages, "not comparable"},
		{others, interval, OtherImages, "not comparable"},
	} {
		s := Standing{Sigma: 0.5, Made: c.row, Authors: c.authors}
		if s.Verdict() != c.verdict || s.verdict() != c.text {
			t.Errorf("%s: %q, want %s: %q", s.Verdict(), s.verdict(), c.verdict, c.text)
		}
	}
}

// A table without rows shows all of them as not made yet, next to the authors' numbers of the reference page.
func TestEmptyTable(t *testing.T) {
	z, err := zoo.Dir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for sigma, want := range map[float64]string{0.25: "0.7747 … 0.7783", 0.5: "1.4500 … 1.4554", 1: "1.7130 … 1.7259"} {
		standings, err := Compare(z, "mnist", sigma)
		if err != nil {
			t.Fatal(err)
		}
		text := Grid(standings).Text()
		if n := strings.Count(text, NotMade); n != 10 || !strings.Contains(text, want) {
			t.Errorf("sigma %g: %d rows not made, want 10, and SmoothMix's %s in\n%s", sigma, n, want, text)
		}
		claims, err := Claims(standings)
		if err != nil || len(claims) != 5 ||
			!strings.Contains(claims[2].String(), "not made yet (smoothmix and macer)") {
			t.Errorf("claims %v, %v", claims, err)
		}
	}
	standings, err := Compare(z, "cifar10", 0.5)
	if err != nil || standings[0].Authors != nil || standings[0].Verdict() != NotMade {
		t.Errorf("cifar10: %+v, %v", standings, err)
	}
	if got := Grid(standings).Text(); !strings.Contains(got, "cifar10 at sigma 0.5: 0 of 5 rows made") {
		t.Errorf("cifar10:\n%s", got)
	}
}
