package train

import (
	"testing"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/internal/steptest"
)

// A step with a separate search on the noise, as for deep networks, equals the step with the search inside, on one
// device and on two. The network has running statistics: the attack uses them as the first pass leaves them
// (train_catrs.py:155-173).
func TestSearchOnNoiseApart(t *testing.T) {
	m := &baseline.CATRS{Sigma: 0.5, M: 2, Steps: 3, Eps: 1, Lbd: 2, Confidence: 1}
	job := oneBatch(t, "linear", m)
	job.Start = classifier.New(steptest.Centred(), 1)
	inside := updatesOn(t, job, 1, 2)
	arch := steptest.Centred()
	arch.Name, arch.MACs = "centred and deep", deepMACs
	job.Start = classifier.New(arch, 1)
	if !splitSearch(arch, m) {
		t.Fatal("the search does not run apart")
	}
	for devices := range 2 {
		steptest.CompareWeights(t, job.Start, inside, updatesOn(t, job, devices+1, 2), tolShared)
	}
}
