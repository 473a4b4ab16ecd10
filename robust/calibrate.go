package robust

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"smoothlab/certify/votes"
	"smoothlab/noise"
	"smoothlab/robust/scores"
	"smoothlab/smoothing"
)

// CalibrateSettings are the settings of [Calibrate].
type CalibrateSettings struct {
	Votes  int    // noisy copies per image and per path point
	Ascent Ascent // the path along which confidence is followed
	Path   int    // number of images that are followed, from the first on
}

// Check returns an error if a value is out of range.
func (s CalibrateSettings) Check() error {
	if s.Votes < 1 {
		return fmt.Errorf("votes, the noisy copies per image, must be at least 1, got %d", s.Votes)
	}
	if s.Path < 0 {
		return fmt.Errorf("path, the number of images that are followed, must be 0 or more, got %d", s.Path)
	}
	if err := s.Ascent.Check(); err != nil {
		return err
	}
	points := 1
	if s.Path > 0 {
		points += s.Ascent.Steps
	}
	if s.Votes > maxCopies/points {
		return fmt.Errorf(
			"votes, the noisy copies per image, must be at most %d for %d points of its path, got %d",
			maxCopies/points,
			points,
			s.Votes,
		)
	}
	return nil
}

// maxCopies keeps the numbers of copies within their counter.
const maxCopies = 1 << 31

// Confidence holds a smoothed classifier's confidence at one point: the probability of the label and the largest
// probability of a wrong class.
type Confidence struct{ Label, Wrong float64 }

// PathPoint is the prediction from noisy copies of one point of a path.
type PathPoint struct {
	Softmax Confidence // mean softmax
	Share   Confidence // share of the votes
	Moved   float64    // L2 distance from the image
}

// Calibration is the result of [Calibrate].
type Calibration struct {
	Softmax, Share Scored        // confidences at the images by mean softmax, and by vote shares
	Path           [][]PathPoint // by followed image, then by step, from 0: the image itself
}

// Scored holds confidences with their scores. NLL of vote shares counts half a vote more for each class, so that a
// class without votes has a probability (Krichevsky and Trofimov 1981).
type Scored struct {
	scores.Scores
	Top     []float64 // largest confidence by image
	Correct []bool    // whether the largest confidence is the label's
	Bins    []scores.Bin
}

// Calibrate computes mean softmax and votes from noisy copies of all images, and of the points on the path of an ascent
// from the first of them. The copies of step t are numbers t·Votes and up of [noise.Calibrate], so noise is fresh at
// each step.
func Calibrate(ctx context.Context, j Job, s CalibrateSettings) (*Calibration, error) {
	if err := errors.Join(j.check(), s.Check()); err != nil {
		return nil, err
	}
	v, err := votes.New(
		j.Engine,
		j.Classifier,
		j.Data,
		smoothing.Gaussian{Sigma: j.Sigma},
		j.Seed,
		min(votes.DefaultChunk, s.Votes),
	)
	if err != nil {
		return nil, err
	}
	c := &calibration{
		climber: newClimber(j),
		s:       s,
		voter:   v,
		points:  make([][]float32, j.Data.Len()),
		softmax: make([][]float64, j.Data.Len()),
		counts:  make([][]int, j.Data.Len()),
	}
	for pos := range c.points {
		c.points[pos] = unitPixels(j.Data.Image(pos))
	}
	result, err := c.run(ctx)
	return result, errors.Join(err, c.close(), v.Close())
}

// calibration is one call of Calibrate.
type calibration struct {
	*climber
	s       CalibrateSettings
	voter   *votes.Voter
	points  [][]float32 // by position: current point of the path
	softmax [][]float64 // by position: mean softmax at the image
	counts  [][]int
}

func (c *calibration) run(ctx context.Context) (*Calibration, error) {
	all := positions(c.Data.Len())
	followed := min(c.s.Path, len(all))
	result := &Calibration{Path: make([][]PathPoint, followed)}
	done := 0
	for _, group := range groups(all[:followed], c.s.Ascent.images()) {
		c.progress(done, len(all))
		err := c.climb(ctx, c.s.Ascent, group, func(step int, points [][]float32) error {
			for i, pos := range group {
				c.points[pos] = points[i]
			}
			return c.look(ctx, step, group, result.Path)
		})
		if err != nil {
			return nil, err
		}
		done += len(group)
	}
	for _, group := range groups(all[followed:], 16) {
		c.progress(done, len(all))
		if err := c.look(ctx, 0, group, nil); err != nil {
			return nil, err
		}
		done += len(group)
	}
	c.progress(done, len(all))
	result.Softmax = c.scored(c.softmax, 0)
	result.Share = c.scored(c.shares(0), 1)
	result.Share.NLL = c.scored(c.shares(0.5), 1).NLL
	return result, nil
}

// look evaluates the current points of a group, and appends to the paths of images that are followed.
func (c *calibration) look(ctx context.Context, step int, group []int, paths [][]PathPoint) error {
	v, err := c.voter.At(c.points)
	if err != nil {
		return err
	}
	opinions, err := v.Predictions(ctx, noise.Calibrate, group, step*c.s.Votes, c.s.Votes)
	if err != nil {
		return err
	}
	for i, pos := range group {
		o := opinions[i]
		if step == 0 {
			c.softmax[pos], c.counts[pos] = o.Mean, o.Counts
		}
		if pos < len(paths) {
			label := int(c.Data.Labels[pos])
			paths[pos] = append(
				paths[pos],
				PathPoint{Softmax: confidence(o.Mean, label), Share: confidence(shares(o.Counts, 0), label),
					Moved: distance(c.points[pos], unitPixels(c.Data.Image(pos)))},
			)
		}
	}
	return nil
}

func confidence(p []float64, label int) Confidence {
	c := Confidence{Label: p[label]}
	for k, x := range p {
		if k != label {
			c.Wrong = max(c.Wrong, x)
		}
	}
	return c
}

// shares returns the vote shares, with more votes added to each class.
func shares(counts []int, more float64) []float64 {
	total := more * float64(len(counts))
	for _, n := range counts {
		total += float64(n)
	}
	p := make([]float64, len(counts))
	for k, n := range counts {
		p[k] = (float64(n) + more) / total
	}
	return p
}

func (c *calibration) shares(more float64) [][]float64 {
	all := make([][]float64, len(c.counts))
	for i, n := range c.counts {
		all[i] = shares(n, more)
	}
	return all
}

// scored computes the scores of confidences at the images; item separates the simulations of one call.
func (c *calibration) scored(p [][]float64, item uint32) Scored {
	labels := make([]int, len(p))
	for i := range labels {
		labels[i] = int(c.Data.Labels[i])
	}
	s := Scored{Scores: scores.Of(p, labels, rand.New(noise.NewStream(c.Seed, noise.Simulate, item)))}
	s.Top, s.Correct = scores.Top(p, labels)
	s.Bins = scores.Reliability(s.Top, s.Correct, scores.Bins)
	return s
}
