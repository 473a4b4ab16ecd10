package evaluation_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/evaluation"
	"smoothlab/internal/testengine"
	"smoothlab/smoothing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

const sigma = 0.5

// golden reads the arrays of a file of golden tensors, computed by PyTorch.
func golden(t *testing.T, name string) map[string]*tensors.Tensor {
	t.Helper()
	arrays, err := numpy.FromNpzFile(filepath.Join("..", "smoothmix", "testdata", "golden", name))
	if err != nil {
		t.Fatal(err)
	}
	return arrays
}

// lenet is the authors' LeNet, trained with sigma 0.5.
func lenet(t *testing.T) *classifier.Classifier {
	t.Helper()
	a, err := classifier.Lookup("lenet")
	if err != nil {
		t.Fatal(err)
	}
	arrays := golden(t, "lenet_weights.npz")
	c := &classifier.Classifier{Arch: a}
	for _, p := range a.Params {
		c.Params = append(c.Params, tensors.MustCopyFlatData[float32](arrays[p.Name]))
	}
	return c
}

func digits(t *testing.T, step int) *dataset.Dataset {
	t.Helper()
	d, err := dataset.Open(t.Context(), "mnist-mini", "test", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d, err = d.Every(step); err != nil {
		t.Fatal(err)
	}
	return d
}

// PyTorch's logits of the authors' LeNet at its own inputs: relative to the largest, within 1e-5, as every golden
// forward pass.
func TestLogitsArePyTorchs(t *testing.T) {
	g := golden(t, "lenet_forward.npz")
	x, want := tensors.MustCopyFlatData[float32](g["x"]), tensors.MustCopyFlatData[float32](g["logits"])
	n := len(want) / 10
	d, err := digits(t, 1).Slice(0, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	j := evaluation.Job{Engine: testengine.Open(t), Classifier: lenet(t), Data: d}
	for i := range n {
		j.Points = append(j.Points, x[i*784:(i+1)*784])
	}
	got, err := evaluation.Logits(t.Context(), j)
	if err != nil || len(got) != n {
		t.Fatalf("%d rows, want %d: %v", len(got), n, err)
	}
	largest := 0.0
	for _, v := range want {
		largest = max(largest, math.Abs(float64(v)))
	}
	for i, v := range want {
		if diff := math.Abs(float64(got[i/10][i%10]) - float64(v)); !(diff <= 1e-5*largest) {
			t.Errorf("image %d, class %d: %g, PyTorch has %g", i/10, i%10, got[i/10][i%10], v)
		}
	}
}

// An image has the same logits, bit for bit, alone, in a data set, and as a point; a data set that fills more than one
// call is in order.
func TestLogitsArePerImage(t *testing.T) {
	c, d := lenet(t), digits(t, 3)
	j := evaluation.Job{Engine: testengine.Open(t), Classifier: c, Data: d}
	all, err := evaluation.Logits(t.Context(), j)
	if err != nil || len(all) != d.Len() || d.Len() <= evaluation.Chunk {
		t.Fatalf("%d rows for %d images: %v", len(all), d.Len(), err)
	}
	for _, pos := range []int{0, 1, evaluation.Chunk, d.Len() - 1} {
		one, err := d.Select([]int{pos})
		if err != nil {
			t.Fatal(err)
		}
		point := make([]float32, 784)
		for i, p := range one.Image(0) {
			point[i] = float32(p) / 255
		}
		for _, points := range [][][]float32{nil, {point}} {
			j := evaluation.Job{Engine: testengine.Open(t), Classifier: c, Data: one, Points: points}
			alone, err := evaluation.Logits(t.Context(), j)
			if err != nil {
				t.Fatal(err)
			}
			for k := range alone[0] {
				if alone[0][k] != all[pos][k] {
					t.Errorf("image at %d, class %d: alone %g, among others %g", pos, k, alone[0][k], all[pos][k])
				}
			}
		}
	}
}

// twoClasses is a linear network that returns class 1 where w·x + b > 0, else class 0; other classes never win.
func twoClasses(t *testing.T, w []float32, b float32) *classifier.Classifier {
	t.Helper()
	a, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	weights, bias := make([]float32, 7840), make([]float32, 10)
	copy(weights[784:], w)
	bias[1] = b
	for k := 2; k < 10; k++ {
		bias[k] = -1e6
	}
	return &classifier.Classifier{Arch: a, Params: [][]float32{weights, bias}}
}

// For a linear network with two classes everything is known: the class of an image is the sign of w·x + b, a noisy copy
// has class 1 with probability Φ((w·x + b)/(sigma·‖w‖)), and the loss is log(1 + exp(∓(w·x + b))).
func TestEvaluateALinearNetwork(t *testing.T) {
	const n, b = 400, -0.4
	d := digits(t, 5)
	w := make([]float32, 784)
	norm := 0.0
	for i := range w {
		w[i] = float32(math.Sin(float64(i))) / 4
		norm += float64(w[i]) * float64(w[i])
	}
	norm = math.Sqrt(norm)
	var confusion [10][10]int
	loss, noisy, variance := 0.0, 0.0, 0.0
	for i := range d.Len() {
		lead := float64(b)
		for k, p := range d.Image(i) {
			lead += float64(w[k]) * float64(p) / 255
		}
		label, class := int(d.Labels[i]), 0
		if lead > 0 {
			class = 1
		}
		confusion[label][class]++
		one := 0.5 * math.Erfc(-lead/(sigma*norm)/math.Sqrt2)
		switch label {
		case 0:
			loss += math.Log1p(math.Exp(lead))
			noisy, variance = noisy+1-one, variance+one*(1-one)
		case 1:
			loss += math.Log1p(math.Exp(-lead))
			noisy, variance = noisy+one, variance+one*(1-one)
		default: // −log of the softmax of −10⁶: 10⁶ and log(1 + exp(lead))
			loss += 1e6 + math.Log1p(math.Exp(lead))
		}
	}
	e, err := evaluation.Evaluate(
		t.Context(),
		evaluation.Job{Engine: testengine.Open(t), Classifier: twoClasses(t, w, b), Data: d},
		evaluation.Noise{Smoothing: smoothing.Gaussian{Sigma: sigma}, N: n, Alpha: 0.001, Seed: 3},
	)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for label := range 10 {
		for class := range 10 {
			if got, want := e.Clean.Confusion[label][class], confusion[label][class]; got != want {
				t.Errorf("%d images of class %d are taken for %d, want %d", got, label, class, want)
			}
		}
		right += confusion[label][label]
	}
	count := float64(d.Len())
	if got, want := e.Clean.Accuracy(), float64(right)/count; got != want {
		t.Errorf("accuracy %g, want %g", got, want)
	}
	if want := loss / count; !(math.Abs(e.Loss-want) <= 1e-6*want) { // float32 logits of 10⁶
		t.Errorf("loss %g, want %g", e.Loss, want)
	}
	slack := 5 * math.Sqrt(variance/n) / count
	if got, want := e.Noisy.Accuracy(), noisy/count; !(math.Abs(got-want) <= slack) {
		t.Errorf("noisy accuracy %g, want %g ± %g", got, want, slack)
	}
	for label := range 10 {
		if e.Noisy.Of(label) != n*e.Clean.Of(label) || e.Smoothed.Of(label) != e.Clean.Of(label) {
			t.Errorf("class %d: %d copies and %d predictions of %d images", label,
				e.Noisy.Of(label), e.Smoothed.Of(label), e.Clean.Of(label))
		}
	}
}

// The smoothed classifier agrees with the authors': if their log certifies a radius of more than sigma/2, p is above
// 0.69, so a thousand votes give their class (the majority fails with probability below 1e-30).
func TestSmoothedIsTheAuthors(t *testing.T) {
	log, err := certify.ReadLog(
		filepath.Join("..", "certify", "votes", "testdata", "lenet_gaussian_0.50.N10000.tsv"),
		smoothing.Gaussian{Sigma: sigma},
		certify.Plan{N0: 100, N: 10_000, Alpha: 0.001},
	)
	if err != nil {
		t.Fatal(err)
	}
	d := digits(t, 1)
	theirs := map[int]certify.Row{}
	var positions []int
	for _, row := range log.Rows {
		for pos, index := range d.Indices {
			if index == row.Index && row.Radius > sigma/2 {
				positions, theirs[index] = append(positions, pos), row
			}
		}
	}
	if d, err = d.Select(positions); err != nil || len(positions) < 20 {
		t.Fatalf("%d images of the log: %v", len(positions), err)
	}
	e, err := evaluation.Evaluate(
		t.Context(),
		evaluation.Job{Engine: testengine.Open(t), Classifier: lenet(t), Data: d},
		evaluation.Noise{Smoothing: smoothing.Gaussian{Sigma: sigma}, N: 1000, Alpha: 0.001},
	)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, index := range d.Indices {
		row := theirs[index]
		if got := e.Smoothed.Confusion[row.Label][row.Predicted]; got == 0 {
			t.Errorf("image %d: no image of class %d is taken for %d, as in the authors' log",
				index, row.Label, row.Predicted)
		}
		if evaluation.Largest(floats(e.Counts[i])) != row.Predicted {
			t.Errorf("image %d: votes %v, the authors' class is %d", index, e.Counts[i], row.Predicted)
		}
		if row.Correct {
			right++
		}
	}
	if got, want := e.Smoothed.Accuracy(), float64(right)/float64(d.Len()); got != want || e.Smoothed.Abstentions() != 0 {
		t.Errorf("smoothed accuracy %g, abstentions %g; the log has %g and none",
			got, e.Smoothed.Abstentions(), want)
	}
}

func floats(counts []int) []float32 {
	x := make([]float32, len(counts))
	for i, n := range counts {
		x[i] = float32(n)
	}
	return x
}

// Scores of a small table, by hand.
func TestScores(t *testing.T) {
	s := evaluation.Scores{Confusion: [][]int{{3, 1, 1}, {0, 2, 0}, {0, 0, 0}}, Abstained: []int{1, 2, 0}}
	if s.Of(0) != 6 || s.Recall(0) != 0.5 || s.Recall(1) != 0.5 || !math.IsNaN(s.Recall(2)) {
		t.Errorf("%d images, recalls %g, %g and %g", s.Of(0), s.Recall(0), s.Recall(1), s.Recall(2))
	}
	if s.Accuracy() != 0.5 || s.Abstentions() != 0.3 || s.Mistaken(0) != 1 || s.Mistaken(1) != -1 {
		t.Errorf("accuracy %g, abstentions %g, mistaken %d and %d",
			s.Accuracy(), s.Abstentions(), s.Mistaken(0), s.Mistaken(1))
	}
}

func TestEvaluateRefuses(t *testing.T) {
	gauss := smoothing.Gaussian{Sigma: sigma}
	for name, c := range map[string]struct {
		change func(*evaluation.Job, *evaluation.Noise)
		want   string
	}{
		"no images":  {func(j *evaluation.Job, _ *evaluation.Noise) { j.Data, _ = j.Data.Slice(0, 0, 1) }, "there are no images"},
		"no votes":   {func(_ *evaluation.Job, n *evaluation.Noise) { n.N = 0 }, "n, the number of votes"},
		"alpha 2":    {func(_ *evaluation.Job, n *evaluation.Noise) { n.Alpha = 2 }, "alpha"},
		"sigma -1":   {func(_ *evaluation.Job, n *evaluation.Noise) { n.Smoothing = smoothing.Gaussian{Sigma: -1} }, "sigma"},
		"few points": {func(j *evaluation.Job, _ *evaluation.Noise) { j.Points = [][]float32{{1}} }, "1 points for 5 images"},
		"small points": {
			func(j *evaluation.Job, _ *evaluation.Noise) { j.Points = make([][]float32, 5) },
			"point 0 has 0 values, an image has 784",
		},
		"NaN": {func(j *evaluation.Job, _ *evaluation.Noise) {
			for range j.Data.Len() {
				j.Points = append(j.Points, make([]float32, 784))
			}
			j.Points[3][100] = float32(math.NaN())
		}, "not numbers"},
	} {
		j := evaluation.Job{Engine: testengine.Open(t), Classifier: twoClasses(t, nil, 0), Data: digits(t, 100)}
		n := evaluation.Noise{Smoothing: gauss, N: 100, Alpha: 0.001}
		c.change(&j, &n)
		e, err := evaluation.Evaluate(t.Context(), j, n)
		if err == nil || e != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// Evaluate ends with its context at each stage, and reports its progress.
func TestEvaluateIsInterrupted(t *testing.T) {
	for _, stage := range []evaluation.Stage{evaluation.Classifying, evaluation.Voting} {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		_, err := evaluation.Evaluate(ctx, evaluation.Job{
			Engine: testengine.Open(t), Classifier: twoClasses(t, nil, 0), Data: digits(t, 1),
			Progress: func(s evaluation.Stage, done, total int) {
				if total != 500 || done > total {
					t.Errorf("%s: %d of %d images", s, done, total)
				}
				if s == stage {
					calls++
					cancel()
				}
			},
		}, evaluation.Noise{Smoothing: smoothing.Gaussian{Sigma: sigma}, N: 1000, Alpha: 0.001})
		if !errors.Is(err, context.Canceled) || calls != 1 {
			t.Errorf("%s: %v after %d reports", stage, err, calls)
		}
	}
}
