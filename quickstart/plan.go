package quickstart

import (
	"fmt"
	"math"
	"strings"

	"smoothlab/baseline"
	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/suggest"
	"smoothlab/method"
	"smoothlab/smoothing"
	"smoothlab/smoothmix"
	"smoothlab/train"
)

// Plan holds the settings that are fixed before the work starts.
type Plan struct {
	Name, Help string
	Data       string  // data set, with a training split and a test split to certify
	Every      int     // certify every Every-th of the original test images
	Classifier string  // architecture
	Sigma      float64 // noise of training and certification
	Shared     int     // epochs of Gaussian training shared by all rows; 0: rows start from the initial weights
	Epochs     int     // epochs of each row
	Batch      int
	LR         float64             // first learning rate
	EMA        float64             // decay per SmoothMix step of the average of the weights that is certified; 0: none
	Mix        smoothmix.SmoothMix // method; sigma is set from Sigma, the warm-up scaled with the epochs
	Votes      certify.Plan
	Radii      []float64
	Seed       uint64
}

// Plans lists the plans.
func Plans() []Plan {
	return []Plan{
		{
			Name:       "minute",
			Help:       "under a minute on 2 cores: embedded digits, a shared Gaussian start, 100 test images, N=500",
			Data:       "mnist-mini",
			Every:      100,
			Classifier: "lenet",
			Sigma:      1,
			Shared:     8,
			Epochs:     2,
			Batch:      256,
			LR:         0.03,
			EMA:        0.97,
			Mix:        smoothmix.SmoothMix{M: 4, Steps: 1, Alpha: 8, Eta: 1},
			Votes:      certify.Plan{N0: 100, N: 500, Alpha: 0.001},
			Radii:      []float64{0, 0.5, 1, 1.5, 2},
			Seed:       1,
		},
		{
			Name: "half-hour",
			Help: "half an hour of training on 2 cores, then certification: " +
				"all of MNIST, no shared start, 100 test images, N=100,000",
			Data:       "mnist",
			Every:      100,
			Classifier: "lenet",
			Sigma:      0.5,
			Epochs:     12,
			Batch:      256,
			LR:         0.01,
			Mix:        smoothmix.SmoothMix{M: 4, Steps: 1, Alpha: 4, Eta: 5, Warmup: 10},
			Votes:      certify.Plan{N0: 100, N: 100_000, Alpha: 0.001},
			Radii:      []float64{0, 0.5, 1, 1.5, 1.75},
			Seed:       1,
		},
	}
}

// FindPlan returns the plan with the given name. The error suggests the most similar name.
func FindPlan(name string) (Plan, error) {
	return suggest.Find("plan", name, Plans(), func(p Plan) string { return p.Name })
}

// Check returns an error if the plan is invalid.
func (p Plan) Check() error {
	if p.Every < 1 {
		return fmt.Errorf("every must be at least 1, got %d", p.Every)
	}
	if p.Epochs < 1 || p.Shared < 0 {
		return fmt.Errorf("epochs must be at least 1 and shared epochs at least 0, got %d and %d", p.Epochs, p.Shared)
	}
	if err := smoothing.CheckUnits(smoothing.Gaussian{Sigma: p.Sigma}); err != nil {
		return err
	}
	if float32(p.Sigma) == 0 { // there would be no noise
		return fmt.Errorf("sigma must be greater than 0 as a float32, got %g", p.Sigma)
	}
	if _, err := suggest.Find(
		"data set",
		p.Data,
		dataset.List(),
		func(e dataset.Entry) string { return e.Name },
	); err != nil {
		return err
	}
	if err := p.Votes.CheckUse(nil); err != nil {
		return err
	}
	if _, err := classifier.Lookup(p.Classifier); err != nil {
		return err
	}
	for _, r := range p.rows() {
		if err := r.settings.Check(r.method, r.settings.Batch); err != nil {
			return err
		}
	}
	return nil
}

// row is one classifier of the comparison.
type row struct {
	name, file string
	method     method.Method
	settings   train.Settings
}

// rows returns the three classifiers. Learning-rate periods and warm-up are the authors', scaled with the epochs. The
// average of the weights spans equally many images in each: a Gaussian step takes m times as many as a SmoothMix step.
func (p Plan) rows() []row {
	full := train.DefaultSettings()
	full.Batch, full.LR, full.Seed = p.Batch, p.LR, p.Seed
	mix := p.Mix
	mix.Sigma = p.Sigma
	gaussian := &baseline.Gaussian{Sigma: p.Sigma}
	mixMethod, mixSettings := train.Scaled(&mix, full, p.Epochs)
	_, settings := train.Scaled(gaussian, full, p.Epochs)
	cut := settings
	cut.Split = mix.M
	if p.EMA > 0 {
		mixSettings.EMA, cut.EMA, settings.EMA = p.EMA, p.EMA, math.Pow(p.EMA, float64(mix.M))
	}
	return []row{
		{"Gaussian", "gaussian", gaussian, settings},
		{"Gaussian, SmoothMix's steps", "gaussian-steps", gaussian, cut},
		{"SmoothMix", "smoothmix", mixMethod, mixSettings},
	}
}

// shared returns the training that all rows start from, with a constant learning rate. It has a different seed, because
// the rows also count their epochs from 0 and would otherwise repeat the same order and noise.
func (p Plan) shared() row {
	s := train.DefaultSettings()
	s.Batch, s.LR, s.Seed, s.Epochs = p.Batch, p.LR, ^p.Seed, p.Shared
	return row{"Gaussian, shared start", "start", &baseline.Gaussian{Sigma: p.Sigma}, s}
}

// String lists the settings for the record.
func (p Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(
		&b,
		"settings, fixed beforehand: data %s, classifier %s, sigma %g, seed %d, batches of %d\n",
		p.Data,
		p.Classifier,
		p.Sigma,
		p.Seed,
		p.Batch,
	)
	if p.Shared > 0 {
		fmt.Fprintf(
			&b,
			"  all rows start from the same %d epochs of Gaussian training at lr %g\n",
			p.Shared,
			p.shared().settings.LR,
		)
	}
	for _, r := range p.rows() {
		split := r.settings.Parts(r.method)
		fmt.Fprintf(&b, "  %s: %s, %d epochs, steps of %d images, lr %g, ×%g every %.3g epochs",
			r.name, method.Describe(r.method), r.settings.Epochs, p.Batch/split, r.settings.LR, r.settings.Gamma,
			r.settings.LRPeriod)
		if r.settings.EMA > 0 {
			fmt.Fprintf(&b, ", weights averaged with decay %.3g", r.settings.EMA)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(
		&b,
		"  certified: every %d-th test image, N0=%d, N=%d, alpha=%g\n",
		p.Every,
		p.Votes.N0,
		p.Votes.N,
		p.Votes.Alpha,
	)
	return b.String()
}
