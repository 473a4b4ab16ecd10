package robust_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/testengine"
	"smoothlab/robust"
	"smoothlab/smoothing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

const (
	sigma = 0.5
	seed  = 7
)

// trained is the authors' LeNet, trained with sigma 0.5.
func trained(t testing.TB) *classifier.Classifier {
	t.Helper()
	arrays, err := numpy.FromNpzFile(filepath.Join("..", "smoothmix", "testdata", "golden", "lenet_weights.npz"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := classifier.Lookup("lenet")
	if err != nil {
		t.Fatal(err)
	}
	c := &classifier.Classifier{Arch: a}
	for _, p := range a.Params {
		c.Params = append(c.Params, tensors.MustCopyFlatData[float32](arrays[p.Name]))
	}
	return c
}

// digits returns n images of mnist-mini's test part.
func digits(t testing.TB, n int) *dataset.Dataset {
	t.Helper()
	d, err := dataset.Open(t.Context(), "mnist-mini", "test", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d, err = d.Slice(0, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// nearestMean is the linear network that classifies an image as the digit whose mean over the training images is
// nearest: right for some 80% of them, and fast. Its logits are twenty times the halved squared distances.
func nearestMean(t testing.TB) *classifier.Classifier {
	t.Helper()
	d, err := dataset.Open(t.Context(), "mnist-mini", "train", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const scale = 20
	size := d.Height * d.Width
	weights, bias, count := make([]float32, 10*size), make([]float32, 10), make([]float32, 10)
	for i := range d.Len() {
		count[d.Labels[i]]++
	}
	for i := range d.Len() {
		y := int(d.Labels[i])
		for k, p := range d.Image(i) {
			weights[y*size+k] += scale * float32(p) / 255 / count[y]
		}
	}
	for y := range bias {
		for _, w := range weights[y*size : (y+1)*size] {
			bias[y] -= w * w / (2 * scale)
		}
	}
	a, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	return &classifier.Classifier{Arch: a, Params: [][]float32{weights, bias}}
}

// lenet and linear return jobs on n images.
func lenet(t testing.TB, n int) robust.Job {
	return robust.Job{Engine: testengine.Open(t), Classifier: trained(t), Data: digits(t, n), Sigma: sigma, Seed: seed}
}

func linear(t testing.TB, n int) robust.Job {
	return robust.Job{
		Engine:     testengine.Open(t),
		Classifier: nearestMean(t),
		Data:       digits(t, n),
		Sigma:      sigma,
		Seed:       seed,
	}
}

func settings(eps ...float64) robust.AttackSettings {
	return robust.AttackSettings{Eps: eps, Steps: 8, Draws: 8, N: 200, Alpha: 0.001}
}

func attacked(t testing.TB, j robust.Job, s robust.AttackSettings) []robust.Attacked {
	t.Helper()
	all, err := robust.Attack(t.Context(), j, s)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// standing counts the images that are robust within the i-th eps.
func standing(j robust.Job, all []robust.Attacked, i int) (n int) {
	for _, x := range all {
		if x.Predicted(i) == int(j.Data.Labels[x.Pos]) {
			n++
		}
	}
	return n
}

// Accuracy falls with eps, from the accuracy on the images themselves down to 0, and points stay in their ball and box.
func TestAccuracyFallsWithEps(t *testing.T) {
	j, s := linear(t, 100), settings(0, 1, 2, 12)
	all := attacked(t, j, s)
	last := len(all) + 1
	for i, eps := range s.Eps {
		n := standing(j, all, i)
		if n > last || i > 0 && n == len(all) {
			t.Errorf("%d of %d images stand within %g, %d before", n, len(all), eps, last)
		}
		last = n
	}
	if clean := standing(j, all, 0); clean < 60 || last != 0 {
		t.Errorf("%d images of 100 stand at eps 0 and %d within 12, expected most and none", clean, last)
	}
	for _, x := range all {
		if s.Eps[0] == 0 && len(x.ByEps) > 0 && x.ByEps[0].Predicted != x.Clean {
			t.Errorf(
				"image at %d: %d at the image, and %d at the point that is it",
				x.Pos,
				x.Clean,
				x.ByEps[0].Predicted,
			)
		}
		for i, o := range x.ByEps {
			if o.Distance > s.Eps[i]*(1+1e-5) {
				t.Errorf("image at %d: a point at distance %g within %g", x.Pos, o.Distance, s.Eps[i])
			}
			if slices.Min(o.Point) < 0 || slices.Max(o.Point) > 1 {
				t.Errorf("image at %d: a point from %g to %g", x.Pos, slices.Min(o.Point), slices.Max(o.Point))
			}
			if i < len(x.ByEps)-1 && o.Predicted != int(j.Data.Labels[x.Pos]) {
				t.Errorf("image at %d is lost within %g and attacked again", x.Pos, s.Eps[i])
			}
		}
	}
}

// More steps of the same length find more adversarial points.
func TestAccuracyFallsWithSteps(t *testing.T) {
	j, s := linear(t, 120), settings(1.5)
	s.Step = 0.3
	s.Steps = 1
	few := standing(j, attacked(t, j, s), 0)
	s.Steps = 5
	if many := standing(j, attacked(t, j, s), 0); !(many < few-5) {
		t.Errorf("%d images of 120 stand against a step and %d against five", few, many)
	}
}

// More draws find more adversarial points if the gradient depends on the noise: in a single step against a nonlinear
// network.
func TestAccuracyFallsWithDraws(t *testing.T) {
	j, s := lenet(t, 32), settings(2)
	s.Steps, s.Step, s.N = 1, 2, 100
	s.Draws = 1
	few := standing(j, attacked(t, j, s), 0)
	s.Draws = 16
	many := standing(j, attacked(t, j, s), 0)
	if !(many < few) {
		t.Errorf("%d images of 32 stand against one draw and %d against 16", few, many)
	}
	t.Logf("%d images of 32 stand against one draw and %d against 16", few, many)
}

// No attack undercuts a certificate: a correct image of radius R keeps its class under every attack within a smaller
// distance. Right code fails with probability 0.001 per image for the certificate and 0.001 for the prediction; the
// seed is fixed.
func TestCertificatesHold(t *testing.T) {
	j := linear(t, 100)
	v, err := votes.New(j.Engine, j.Classifier, j.Data, smoothing.Gaussian{Sigma: sigma}, seed, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	eps := []float64{0.25, 0.5, 0.75}
	all := attacked(t, j, settings(eps...))
	certified, attacks := 0, 0
	for pos := range j.Data.Len() {
		img := certify.Image{Pos: pos, Index: j.Data.Indices[pos], Label: int(j.Data.Labels[pos])}
		row, err := certify.Certify(t.Context(), v, img, certify.Fixed(100, 1000, 0.001))
		if err != nil {
			t.Fatal(err)
		}
		if !row.Correct {
			continue
		}
		certified++
		for i, e := range eps {
			if e >= row.Radius || i >= len(all[pos].ByEps) {
				break
			}
			attacks++
			if got := all[pos].ByEps[i].Predicted; got != row.Predicted && got != certify.Abstain {
				t.Errorf(
					"image %d is certified to be %d within %.3f and predicted %d at distance %.3f",
					row.Index,
					row.Predicted,
					row.Radius,
					got,
					all[pos].ByEps[i].Distance,
				)
			}
		}
	}
	if certified < 50 || attacks < 80 {
		t.Errorf(
			"%d certified images and %d attacks within their radii are too few to mean anything",
			certified,
			attacks,
		)
	}
}

// The result for an image does not depend on other images.
func TestAttackIsPerImage(t *testing.T) {
	j := lenet(t, 3)
	s := settings(1)
	s.Draws, s.Steps = 16, 2
	all := attacked(t, j, s)
	alone := j
	var err error
	if alone.Data, err = j.Data.Slice(2, 3, 1); err != nil {
		t.Fatal(err)
	}
	one := attacked(t, alone, s)[0]
	if !slices.Equal(one.ByEps[0].Point, all[2].ByEps[0].Point) {
		t.Errorf("image %d is moved otherwise when it is alone", j.Data.Indices[2])
	}
}

func TestAttackRefuses(t *testing.T) {
	for name, change := range map[string]func(*robust.Job, *robust.AttackSettings){
		"no eps":     func(_ *robust.Job, s *robust.AttackSettings) { s.Eps = nil },
		"falling":    func(_ *robust.Job, s *robust.AttackSettings) { s.Eps = []float64{1, 1} },
		"negative":   func(_ *robust.Job, s *robust.AttackSettings) { s.Eps = []float64{-1} },
		"NaN":        func(_ *robust.Job, s *robust.AttackSettings) { s.Eps = []float64{math.NaN()} },
		"infinite":   func(_ *robust.Job, s *robust.AttackSettings) { s.Eps = []float64{math.Inf(1)} },
		"steps 0":    func(_ *robust.Job, s *robust.AttackSettings) { s.Steps = 0 },
		"step -1":    func(_ *robust.Job, s *robust.AttackSettings) { s.Step = -1 },
		"draws 0":    func(_ *robust.Job, s *robust.AttackSettings) { s.Draws = 0 },
		"draws 1000": func(_ *robust.Job, s *robust.AttackSettings) { s.Draws = 1000 },
		"n 0":        func(_ *robust.Job, s *robust.AttackSettings) { s.N = 0 },
		"alpha 1":    func(_ *robust.Job, s *robust.AttackSettings) { s.Alpha = 1 },
		"sigma 0":    func(j *robust.Job, _ *robust.AttackSettings) { j.Sigma = 0 },
		"NaN in fc.weight": func(j *robust.Job, _ *robust.AttackSettings) {
			j.Classifier = j.Classifier.Clone()
			j.Classifier.Params[0][5] = float32(math.NaN())
		},
		"another order": func(j *robust.Job, _ *robust.AttackSettings) {
			j.Classifier = j.Classifier.Clone()
			j.Classifier.Facts.Classes = slices.Clone(j.Data.Classes)
			slices.Reverse(j.Classifier.Facts.Classes)
			j.Data.Classes[0] = "zero"
		},
		"no images": func(j *robust.Job, _ *robust.AttackSettings) { j.Data = digits(t, 0) },
	} {
		j, s := linear(t, 2), settings(1)
		change(&j, &s)
		if _, err := robust.Attack(t.Context(), j, s); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line", name, err)
		}
	}
}

// afterCalls is a context that ends after a number of calls of the engine.
type afterCalls struct {
	context.Context
	calls func() int
	most  int
}

func (c afterCalls) Err() error {
	if c.calls() >= c.most {
		return context.Canceled
	}
	return nil
}

// interruptAfter returns such a context, which ends after n more calls.
func interruptAfter(t *testing.T, n int) afterCalls {
	e := testengine.Open(t)
	calls := func() int { _, n := e.Counts(); return n }
	return afterCalls{t.Context(), calls, calls() + n}
}

// An attack ends with its context, in the search and in the judgement: the calls of the engine are 1 to judge the image
// itself, then steps, then 1 more to judge.
func TestAttackIsInterrupted(t *testing.T) {
	for _, calls := range []int{0, 1, 5, 9} {
		ctx := interruptAfter(t, calls)
		_, err := robust.Attack(ctx, linear(t, 1), settings(1))
		if now := ctx.calls(); !errors.Is(err, context.Canceled) || now > ctx.most {
			t.Errorf("error %v, %d calls too many", err, now-ctx.most)
		}
	}
}
