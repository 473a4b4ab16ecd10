package robust

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/smoothing"
)

// AttackSettings are the settings of [Attack].
type AttackSettings struct {
	Eps   []float64 // largest L2 distances, increasing, in pixel units
	Steps int       // steps of the search, for each eps
	Step  float64   // length of a step; 0 for 2·eps/Steps, as in the authors' code/third_party/smoothadv.py:82
	Draws int       // noise samples per image and step; their softmax is averaged
	N     int       // votes per prediction
	Alpha float64   // probability that a prediction is not the smoothed classifier's class
}

// Check returns an error if a value is out of range.
func (s AttackSettings) Check() error {
	if len(s.Eps) == 0 {
		return errors.New("an attack needs at least one eps, the largest L2 distance in pixel units")
	}
	for i, eps := range s.Eps {
		if i > 0 && eps <= s.Eps[i-1] {
			return fmt.Errorf("the values of eps must increase, and %g comes after %g", eps, s.Eps[i-1])
		}
		if err := s.ascent(eps).Check(); err != nil {
			return err
		}
	}
	if s.Steps < 1 {
		return fmt.Errorf("steps, the length of the search, must be at least 1, got %d", s.Steps)
	}
	return certify.CheckPrediction(s.N, s.Alpha)
}

func (s AttackSettings) ascent(eps float64) Ascent {
	a := Ascent{Steps: s.Steps, Step: s.Step, Eps: eps, Draws: s.Draws}
	if eps == 0 {
		a.Steps = 0 // the ball is a point
	}
	if s.Step == 0 {
		a.Step = 2 * eps / float64(max(1, s.Steps))
	}
	return a
}

// Attacked is the result of an attack on one image.
type Attacked struct {
	Pos   int
	Clean int       // the class predicted at the image itself, certify.Abstain for an abstention
	ByEps []Outcome // by eps, up to the first at which the image is not robust
}

// Outcome is the result for one eps.
type Outcome struct {
	Predicted int       // the class predicted at the point, certify.Abstain for an abstention
	Distance  float64   // L2 distance of the point from the image
	Point     []float32 // values of the point, in [0,1] units
}

// Attack searches near each image for a point that the smoothed classifier misclassifies, within each eps in turn, and
// predicts there. An image whose prediction is not its label is lost. It stays lost for every larger eps, since the
// same point is in that ball, and is not attacked again. One that is lost at the image itself is not attacked at all.
func Attack(ctx context.Context, j Job, s AttackSettings) ([]Attacked, error) {
	if err := errors.Join(j.check(), s.Check()); err != nil {
		return nil, err
	}
	v, err := votes.New(
		j.Engine,
		j.Classifier,
		j.Data,
		smoothing.Gaussian{Sigma: j.Sigma},
		j.Seed,
		min(votes.DefaultChunk, max(s.N, 1)),
	)
	if err != nil {
		return nil, err
	}
	c := newClimber(j)
	a := &attack{climber: c, s: s, voter: v, points: make([][]float32, j.Data.Len())}
	for pos := range a.points {
		a.points[pos] = unitPixels(j.Data.Image(pos))
	}
	all, err := a.run(ctx)
	return all, errors.Join(err, c.close(), v.Close())
}

// attack is one call of Attack.
type attack struct {
	*climber
	s      AttackSettings
	voter  *votes.Voter
	points [][]float32 // by position: where the next prediction is made
}

func (a *attack) run(ctx context.Context) ([]Attacked, error) {
	all := make([]Attacked, a.Data.Len())
	done := 0
	for _, group := range groups(positions(len(all)), a.s.ascent(1).images()) {
		a.progress(done, len(all))
		predicted, err := a.predict(ctx, a.voter, group)
		if err != nil {
			return nil, err
		}
		for i, pos := range group {
			all[pos] = Attacked{Pos: pos, Clean: predicted[i]}
		}
		for _, eps := range a.s.Eps {
			if err := a.within(ctx, eps, group, all); err != nil {
				return nil, err
			}
		}
		done += len(group)
	}
	a.progress(done, len(all))
	return all, nil
}

// within attacks the images of a group that are still robust.
func (a *attack) within(ctx context.Context, eps float64, group []int, all []Attacked) error {
	standing := slices.DeleteFunc(
		slices.Clone(group),
		func(pos int) bool { return !all[pos].robust(int(a.Data.Labels[pos])) },
	)
	if len(standing) == 0 {
		return nil
	}
	ascent := a.s.ascent(eps)
	err := a.climb(ctx, ascent, standing, func(step int, points [][]float32) error {
		if step == ascent.Steps {
			for i, pos := range standing {
				a.points[pos] = points[i]
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	at, err := a.voter.At(a.points)
	if err != nil {
		return err
	}
	predicted, err := a.predict(ctx, at, standing)
	if err != nil {
		return err
	}
	for i, pos := range standing {
		x := a.points[pos]
		all[pos].ByEps = append(
			all[pos].ByEps,
			Outcome{Predicted: predicted[i], Distance: distance(x, unitPixels(a.Data.Image(pos))), Point: x},
		)
	}
	return nil
}

// predict runs PREDICT for images of a group, at the points of v.
func (a *attack) predict(ctx context.Context, v *votes.Voter, group []int) ([]int, error) {
	var images []certify.Image
	for _, pos := range group {
		images = append(images, certify.Image{Pos: pos, Index: a.Data.Indices[pos], Label: int(a.Data.Labels[pos])})
	}
	predicted, _, err := certify.PredictAll(ctx, v, images, a.s.N, a.s.Alpha)
	return predicted, err
}

// Last returns the class predicted at the last point.
func (x Attacked) Last() int {
	if n := len(x.ByEps); n > 0 {
		return x.ByEps[n-1].Predicted
	}
	return x.Clean
}

func (x Attacked) robust(label int) bool { return x.Last() == label }

// Predicted returns the class predicted within the i-th eps: at the point found there, or at the one where the image
// was lost.
func (x Attacked) Predicted(i int) int {
	if i < len(x.ByEps) {
		return x.ByEps[i].Predicted
	}
	return x.Last()
}

func positions(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
