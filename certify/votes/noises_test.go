package votes_test

import (
	"fmt"
	"strings"
	"testing"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/internal/testengine"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

// everyNoise returns the noises of package smoothing, at one scale.
func everyNoise(t *testing.T, scale float64) (list []smoothing.Smoothing) {
	t.Helper()
	for _, name := range smoothing.Names() {
		parameter := "scale"
		if name == "gaussian" {
			parameter = "sigma"
		}
		s, err := smoothing.Find(name, map[string]float64{parameter: scale})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// A voter draws every noise of the list, and its log names the noise and the norm, and reads back.
func TestEveryNoiseIsDrawn(t *testing.T) {
	e, d := testengine.Open(t), digits(t)
	few, err := d.Every(250)
	if err != nil {
		t.Fatal(err)
	}
	plan := certify.Fixed(20, 100, 0.001)
	counts := map[string]bool{}
	for _, s := range everyNoise(t, 0.5) {
		out := t.TempDir() + "/k.tsv"
		k, err := votes.Certify(t.Context(), e, trained(t), few, votes.Options{
			Smoothing: s, Plan: plan, Seed: 1, Out: out})
		if err != nil {
			t.Fatalf("%s: %v", s.Name(), err)
		}
		read, err := certify.ReadLog(out, nil, certify.Plan{})
		if err != nil || read.Smoothing != s || len(read.Rows) != len(k.Rows) {
			t.Errorf("%s: the log reads back as %+v, %v", s.Name(), read, err)
		}
		for _, row := range k.Rows {
			if want := s.Radius(row.PLower); row.Predicted != certify.Abstain && row.Radius != want {
				t.Errorf("%s: radius %v of p %v, want %v", s.Name(), row.Radius, row.PLower, want)
			}
		}
		v, err := votes.New(e, trained(t), d, s, 1, 100)
		if err != nil {
			t.Fatal(err)
		}
		counts[fmt.Sprint(count(t, v, undecided, noise.Bound, 0, 400))] = true
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(counts) != len(smoothing.Names()) {
		t.Errorf("the noises give %d different counts of votes: %v", len(counts), counts)
	}
}

// Votes under noises of one word a value, one by one, as TestVotesAreTheHosts does under Gaussian noise.
func TestOtherVotesAreTheHosts(t *testing.T) {
	const samples, nearTie = 24, 1e-4
	d, h := digits(t), newHostNetwork(trained(t))
	for _, one := range []struct {
		smoothing.Smoothing
		host func(word uint32) float64
	}{{smoothing.Laplace{Scale: 0.5}, noise.Laplace}, {smoothing.Uniform{Scale: 1}, noise.Uniform}} {
		v, err := votes.New(testengine.Open(t), trained(t), d, one.Smoothing, seed, samples)
		if err != nil {
			t.Fatal(err)
		}
		spread := map[int]bool{}
		for i := range samples {
			x := noisyOnHost(d.Image(undecided), d.Indices[undecided], i, smoothing.Scale(one.Smoothing), one.host)
			class, gap := top(h.logits(x))
			spread[class] = true
			if got := count(t, v, undecided, noise.Bound, i, 1); gap > nearTie && got[class] != 1 {
				t.Errorf("%s, copy %d: votes %v, want class %d by %g", one.Name(), i, got, class, gap)
			}
		}
		if len(spread) < 2 {
			t.Errorf("%s: all %d votes are for one class, which does not tell draws apart", one.Name(), samples)
		}
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	}
}

// noisyOnHost adds noise of one word a value to an image.
func noisyOnHost(pixels []byte, index, sample int, scale float64, value func(uint32) float64) []float64 {
	n := len(pixels)
	blocks := (n + 3) / 4
	x := make([]float64, n)
	for k, p := range pixels {
		at := [4]uint32{uint32(k % blocks), uint32(sample), uint32(index), uint32(noise.Bound)}
		x[k] = float64(p)/255 + scale*value(noise.Philox(at, noise.Key(seed))[k/blocks])
	}
	return x
}

func TestRefusedNoises(t *testing.T) {
	e, d := testengine.Open(t), digits(t)
	for _, c := range []struct {
		under smoothing.Smoothing
		sound bool
		want  string
	}{
		{nil, false, "need a noise"},
		{smoothing.Laplace{}, false, "must be above 0"},
		{smoothing.Uniform{Scale: 64}, false, "write 64/255"},
		{smoothing.Laplace{Scale: 1e-60}, false, "greater than 0 as a float32"},
		{smoothing.Laplace{Scale: 0.5}, true, "sound sampling is for Gaussian noise only, not for laplace scale 0.5"},
	} {
		upload := votes.New
		if c.sound {
			upload = votes.NewSound
		}
		if _, err := upload(e, trained(t), d, c.under, 1, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want an error with %q", c.under, err, c.want)
		}
	}
}
