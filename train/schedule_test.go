package train

import (
	"math"
	"slices"
	"strings"
	"testing"

	"smoothlab/baseline"
	"smoothlab/smoothmix"
)

// docs/algorithms.md §2: MNIST epochs 0–30 at 0.01, 31–60 at 0.001, 61–89 at 0.0001; CIFAR-10 0–50, 51–100, 101–149
// from 0.1.
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
			if got := c.s.Rate(5*e+4, 5); math.Abs(got/c.want-1) > 1e-12 {
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
		got = append(got, math.Round(s.Rate(e, 1)*1e6)/1e6)
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

// docs/algorithms.md §2, §14: 940 updates per epoch for MNIST with m = 4, the last four of 24 images (60,000 = 234·256
// + 96); the remainder of a division by m is left out.
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
	if got := s.spans(
		m,
		258,
	); !slices.Equal(
		got,
		[]span{{0, 85}, {85, 170}, {170, 255}},
	) { // 256 = 3·85 + 1; 2 < 3 are left out
		t.Errorf("spans %v", got)
	}
}

func TestSettingsCheck(t *testing.T) {
	for want, change := range map[string]func(*Settings){
		"epochs must be at least 1":                         func(s *Settings) { s.Epochs = 0 },
		"batch must be at least 1":                          func(s *Settings) { s.Batch = 0 },
		"a batch of 3 images cannot be split into m = 4":    func(s *Settings) { s.Batch = 3 },
		"lr must be greater than 0":                         func(s *Settings) { s.LR = math.NaN() },
		"lr_period must be greater than 0":                  func(s *Settings) { s.LRPeriod = 0 },
		"gamma must be greater than 0":                      func(s *Settings) { s.Gamma = 0 },
		"split must be at least 0":                          func(s *Settings) { s.Split = -1 },
		"lr must be greater than 0, and finite":             func(s *Settings) { s.LR = math.Inf(1) },
		"lr_period must be greater than 0 epochs, and":      func(s *Settings) { s.LRPeriod = math.Inf(1) },
		"gamma must be greater than 0, and finite":          func(s *Settings) { s.Gamma = math.Inf(1) },
		"momentum must be at least 0 and below 1, got +Inf": func(s *Settings) { s.Momentum = math.Inf(1) },
		"momentum must be at least 0 and below 1, got NaN":  func(s *Settings) { s.Momentum = math.NaN() },
		"momentum must be at least 0 and below 1, got 9":    func(s *Settings) { s.Momentum = 9 },
		"weight_decay must be at least 0, and finite":       func(s *Settings) { s.WeightDecay = math.NaN() },
		`unknown schedule "cosin": did you mean`:            func(s *Settings) { s.Schedule = "cosin" },
		"lr_warmup must be at least 0 epochs":               func(s *Settings) { s.LRWarmup = math.NaN() },
		"lr_warmup must be less than the 90 epochs":         func(s *Settings) { s.LRWarmup = 90 },
		`unknown optimizer "adamm": did you mean`:           func(s *Settings) { s.Optimizer = "adamm" },
		"betas must be at least 0 and below 1":              func(s *Settings) { s.Optimizer, s.Beta2 = "adam", 1 },
		"epsilon must be greater than 0":                    func(s *Settings) { s.Optimizer, s.Epsilon = "adamw", 0 },
		"clip must be greater than 0":                       func(s *Settings) { s.Clip = -1 },
		"ema must be at least 0 and below 1":                func(s *Settings) { s.EMA = 1 },
		`the schedule "table" needs a rate`:                 func(s *Settings) { s.Schedule = Table },
		"learning rates for 2 epochs": func(s *Settings) {
			s.Schedule, s.Rates = Table, []float64{1, 2}
		},
		`the schedule "steps" has no rates`: func(s *Settings) { s.Rates = []float64{1, 2} },
		"the learning rate of epoch 2 must be at least 0": func(s *Settings) {
			*s = s.WithRates(func(epoch int) float64 { return 0.3 - 0.1*float64(epoch)*float64(epoch) })
		},
		"lr must be greater than 0, and finite, got 0": func(s *Settings) {
			*s = s.WithRates(func(int) float64 { return 0 })
		},
		"lr must be the largest rate of the epochs": func(s *Settings) {
			*s = s.WithRates(func(int) float64 { return 0.1 })
			s.LR = 0.2
		},
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

// pytorch are the learning rates of twenty steps that torch 2.15.0's schedulers give from a largest rate of 0.03:
// OneCycleLR(max_lr, total_steps=20, cycle_momentum=False), the same with pct_start=0.25, and
// CosineAnnealingLR(T_max=20).
var pytorch = map[string][]float64{
	"one-cycle": {
		0.0011999999999999997,
		0.003950155281000758,
		0.011150155281000756,
		0.02004984471899924,
		0.02724984471899924,
		0.03,
		0.02962392018705262,
		0.02851453896040421,
		0.0267274853271315,
		0.02435236961849289,
		0.021508290053739023,
		0.01833786065808868,
		0.015000059999999999,
		0.011662259341911322,
		0.008491829946260975,
		0.00564775038150711,
		0.0032726346728685013,
		0.0014855810395957886,
		0.0003761998129473766,
		1.2e-07,
	},
	"one-cycle, a quarter": {
		0.0011999999999999997, 0.005417662350913715, 0.0156, 0.025782337649086284, 0.03, 0.02967221532215104,
		0.028703187051911553, 0.027135266374604547, 0.02503697894754649, 0.022500029999999997, 0.01963529637460455,
		0.016567980677307005, 0.013432139322692995, 0.010364823625395451, 0.0075000900000000035, 0.004963141052453513,
		0.0028648536253954525, 0.001296932948088444, 0.00032790467784895867, 1.2e-07},
	"cosine": {
		0.03,
		0.029815325108927065,
		0.029265847744427306,
		0.028365097862825518,
		0.027135254915624213,
		0.025606601717798213,
		0.023816778784387097,
		0.021809857496093203,
		0.019635254915624213,
		0.017346516975603465,
		0.015000000000000001,
		0.012653483024396542,
		0.010364745084375791,
		0.0081901425039068,
		0.006183221215612905,
		0.004393398282201789,
		0.0028647450843757903,
		0.0016349021371744835,
		0.0007341522555726972,
		0.00018467489107293518,
	},
}

// The annealed schedules are PyTorch's, update by update.
func TestAnnealedRatesArePyTorchs(t *testing.T) {
	for name, want := range pytorch {
		s := Settings{Epochs: 4, LR: 0.03} // of five updates each
		var quarter bool
		if s.Schedule, _, quarter = strings.Cut(name, ","); quarter {
			s.LRWarmup = 1
		}
		for i, rate := range want {
			if got := s.Rate(i, 5); math.Abs(got/rate-1) > 1e-9 {
				t.Errorf("%s, update %d: %g, want %g", name, i, got, rate)
			}
		}
	}
}

// The warm-up of the rate is linear up to lr, and the cosine begins where it ends. All rates of all schedules are above
// 0 and at most lr, also if an epoch is one update.
func TestRateWarmup(t *testing.T) {
	s := Settings{Epochs: 5, Schedule: Cosine, LR: 0.03, LRWarmup: 1}
	for i := range 5 {
		if got, want := s.Rate(i, 5), 0.03*float64(i+1)/5; math.Abs(got-want) > 1e-12 {
			t.Errorf("update %d: %g, want %g", i, got, want)
		}
	}
	for i, want := range pytorch["cosine"] {
		if got := s.Rate(5+i, 5); math.Abs(got/want-1) > 1e-9 {
			t.Errorf("update %d: %g, want %g", 5+i, got, want)
		}
	}
	for _, e := range Schedules() {
		if e.Name == Table {
			continue
		}
		for _, perEpoch := range []int{1, 2, 7} {
			for _, warm := range []float64{0, 0.1, 1.5} {
				s := Settings{Epochs: 2, Schedule: e.Name, LR: 0.03, LRWarmup: warm, LRPeriod: 1, Gamma: 0.1}
				for i := range 2 * perEpoch {
					if got := s.Rate(i, perEpoch); !(got > 0 && got <= 0.03) {
						t.Errorf("%s, warm-up %g, update %d of epochs of %d: %g", e.Name, warm, i, perEpoch, got)
					}
				}
			}
		}
	}
}

// PyTorch's MultiStepLR with milestones 50 and 100, stepped after each epoch, gives epochs 0–49 the whole rate; a table
// gives the rates of its function. Both take the linear warm-up.
func TestRatesOfEpochs(t *testing.T) {
	drops := DefaultSettings()
	drops.Epochs, drops.LR, drops.LRPeriod, drops.Schedule = 150, 0.1, 50, MultiStep
	table := drops.WithRates(func(epoch int) float64 { return []float64{0.1, 0.01, 0.001}[epoch/50] })
	for name, s := range map[string]Settings{"multistep": drops, "table": table} {
		if err := s.Check(baseline.NewGaussian(), 1000); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for e, want := range map[int]float64{0: 0.1, 49: 0.1, 50: 0.01, 99: 0.01, 100: 0.001, 149: 0.001} {
			if got := s.Rate(5*e+4, 5); math.Abs(got/want-1) > 1e-12 {
				t.Errorf("%s, epoch %d: %g, want %g", name, e, got, want)
			}
		}
		s.LRWarmup = 2
		if got := s.Rate(4, 5); math.Abs(got/0.05-1) > 1e-12 {
			t.Errorf("%s with warm-up: %g, want 0.05", name, got)
		}
		_, short := Scaled(baseline.NewGaussian(), s, 15)
		if got := []float64{short.Rate(4, 1), short.Rate(5, 1), short.Rate(14, 1)}; math.Abs(got[0]/0.1-1) > 1e-12 ||
			math.Abs(got[1]/0.01-1) > 1e-12 || math.Abs(got[2]/0.001-1) > 1e-12 {
			t.Errorf("%s scaled to a tenth: %v", name, got)
		}
	}
	if got := table.String(); !strings.Contains(got, "lr 0.1 for 50, 0.01 for 50, 0.001 for 50, batches") {
		t.Errorf("the table is described as %s", got)
	}
	other := drops.WithRates(func(epoch int) float64 { return 0.1 / float64(epoch+1) })
	third := drops.WithRates(func(epoch int) float64 { return 0.1 / float64(epoch+1+epoch/149) })
	if other.ratesText() == third.ratesText() {
		t.Error("two tables have the same text")
	}
}
