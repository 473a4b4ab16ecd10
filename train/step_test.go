package train

import (
	"testing"

	"smoothlab/classifier"
	"smoothlab/internal/steptest"
	"smoothlab/method"
	"smoothlab/smoothmix"
)

// oneBatch is smallJob with the network of that name and 8 digits, all of them in each update.
func oneBatch(t testing.TB, arch string, m method.Method) *Job {
	t.Helper()
	job := smallJob(t, m)
	a, err := classifier.Lookup(arch)
	if err != nil {
		t.Fatal(err)
	}
	job.Start, job.Method, job.Test = classifier.New(a, 1), m, nil
	if job.Data, err = job.Data.Slice(0, 8, 1); err != nil {
		t.Fatal(err)
	}
	job.Data = steptest.Fit(t, m, job.Data)
	job.Settings = DefaultSettings()
	job.Settings.Batch, job.Settings.Split, job.Settings.Seed = 8, 1, 5
	return &job
}

// trainedStep takes the first update of a job.
func trainedStep(t *testing.T, job *Job) (*classifier.Classifier, float64, []Mean) {
	t.Helper()
	tr, err := newTrainer(job, nil, state{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.free()
	if err := tr.step(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := tr.Classifier()
	if err != nil {
		t.Fatal(err)
	}
	loss, terms := tr.means()
	return c, loss, terms
}

// variants returns the methods of the list, with fewer steps and noise samples, and two with other near ends.
func variants(t *testing.T) map[string]method.Method {
	all := map[string]method.Method{
		"smoothmix one-step": &smoothmix.SmoothMix{
			Sigma:   0.5,
			M:       2,
			Steps:   2,
			Alpha:   1,
			Eta:     5,
			MixStep: 1,
			Warmup:  10,
		},
		"smoothmix two-step, maxnorm": &smoothmix.SmoothMix{
			Sigma:   0.5,
			M:       2,
			Steps:   3,
			Alpha:   1,
			Eta:     5,
			MixStep: 2,
			MaxNorm: 1.5,
		},
	}
	for _, e := range Methods() {
		all[e.Name] = steptest.Quick(t, e.New())
	}
	return all
}

// listedMix is the listed method of variants, so that its programs are compiled once for all tests.
func listedMix() *smoothmix.SmoothMix {
	return &smoothmix.SmoothMix{Sigma: 0.5, M: 2, Steps: 3, Alpha: 1, Eta: 5, Warmup: 10}
}
