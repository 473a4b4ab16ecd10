package train

import (
	"math"
	"slices"
	"strings"
	"testing"

	"smoothlab/baseline"
	"smoothlab/smoothmix"
)

// docs/algorithms.md §2: MNIST epochs 0–30 at 0.01, 31–60 at 0.001, 61–89 at 0.0001; CIFAR-10 0–50, 51–100, 101–149 from 0.1.
func TestRateDropsLate(t *testing.T) {
	mnist := DefaultSettings()
	cifar := DefaultSettings()
	cifar.Epochs, cifar.LR, cifar.LRPeriod = 150, 0.1, 50
	for _, c := range []struct {
		s           Settings
		first, last int
		want        float64
	}{
		{mnist, 0, 30, 0.01}, {mnist, 31, 60, 0.001}, {mnist, 61, 89, 0.0001},
		{cifar, 0, 50, 0.1}, {cifar, 51, 100, 0.01}, {cifar, 101, 149, 0.001},
	} {
		for e := c.first; e <= c.last; e++ {
			if got := c.s.Rate(e); math.Abs(got/c.want-1) > 1e-12 {
				t.Errorf("epoch %d: %g, want %g", e, got, c.want)
			}
		}
	}
}

// A schedule scaled to a third keeps its shape: drops after epochs 10 and 20, warm-up over 10/3 epochs.
func TestScaled(t *testing.T) {
	m, s := Scaled(smoothmix.New(), DefaultSettings(), 30)
	var got []float64
	for _, e := range []int{0, 10, 11, 20, 21, 29} {
		got = append(got, math.Round(s.Rate(e)*1e6)/1e6)
	}
	if !slices.Equal(got, []float64{0.01, 0.01, 0.001, 0.001, 0.0001, 0.0001}) {
		t.Errorf("rates %v", got)
	}
	for e, want := range []float64{0.3, 0.6, 0.9, 1, 1} { // (e+1)/(10/3)
		if w := m.Traits().Warm(e); math.Abs(w-want) > 1e-12 {
			t.Errorf("warm-up of epoch %d: %g, want %g", e, w, want)
		}
	}
	if w := baseline.NewGaussian().Traits().Warm(0); w != 1 {
		t.Errorf("warm-up of a method without one: %g", w)
	}
}

// docs/algorithms.md §2, §14: 940 updates an epoch for MNIST with m = 4, the last four of 24 images (60,000 = 234·256 + 96);
// what does not divide by m is left out.
func TestSpans(t *testing.T) {
	s := DefaultSettings()
	all := s.spans(smoothmix.New(), 60000)
	if len(all) != 940 || all[0] != (span{0, 64}) || all[4] != (span{256, 320}) || all[939] != (span{59976, 60000}) {
		t.Errorf("%d spans, %v … %v", len(all), all[:2], all[len(all)-1])
	}
	if n := len(s.spans(baseline.NewGaussian(), 60000)); n != 235 {
		t.Errorf("Gaussian: %d updates, want 235", n)
	}
	m := smoothmix.New()
	m.M = 3
	if got := s.spans(m, 258); !slices.Equal(got, []span{{0, 85}, {85, 170}, {170, 255}}) { // 256 = 3·85 + 1; 2 < 3 are left out
		t.Errorf("spans %v", got)
	}
}

func TestSettingsCheck(t *testing.T) {
	for want, change := range map[string]func(*Settings){
		"epochs must be at least 1":                    func(s *Settings) { s.Epochs = 0 },
		"batch must be at least 1":                     func(s *Settings) { s.Batch = 0 },
		"a batch of 3 images cannot be cut into m = 4": func(s *Settings) { s.Batch = 3 },
		"lr must be greater than 0":                    func(s *Settings) { s.LR = math.NaN() },
		"lr_period must be greater than 0":             func(s *Settings) { s.LRPeriod = 0 },
		"gamma must be greater than 0":                 func(s *Settings) { s.Gamma = 0 },
		"split must be at least 0":                     func(s *Settings) { s.Split = -1 },
		"lr must be greater than 0, and finite":        func(s *Settings) { s.LR = math.Inf(1) },
		"lr_period must be greater than 0 epochs, and": func(s *Settings) { s.LRPeriod = math.Inf(1) },
		"gamma must be greater than 0, and finite":     func(s *Settings) { s.Gamma = math.Inf(1) },
		"momentum must be at least 0, and finite":      func(s *Settings) { s.Momentum = math.Inf(1) },
		"weight_decay must be at least 0, and finite":  func(s *Settings) { s.WeightDecay = math.NaN() },
	} {
		s := DefaultSettings()
		change(&s)
		if err := s.Check(smoothmix.New(), 1000); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want a sentence with %q, got %v", want, err)
		}
	}
	s := DefaultSettings()
	if err := s.Check(smoothmix.New(), 2); err == nil || !strings.Contains(err.Error(), "a batch of 2 images") {
		t.Errorf("2 images: %v", err)
	}
}
