package session

import (
	"context"
	"errors"
	"fmt"

	"smoothlab/certify/votes"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/language"
	"smoothlab/smoothing"

	"go.starlark.net/starlark"
)

// voting is a value that certify and predict take: a classifier or an external one.
type voting interface {
	starlark.Value
	// voter prepares the votes on images. The caller must close it.
	voter(s *Session, c *language.Call, data votable, how sampling) (*voter, error)
}

// sampling is how a classifier votes.
type sampling struct {
	under smoothing.Smoothing
	seed  uint64
	chunk int  // noisy copies per call
	sound bool // noise on the pixel grid
	// engine computes the logits; "" is XLA.
	engine string
}

// voter is a classifier that votes on images.
type voter struct {
	*votes.Voter
	name    string // in messages
	trained string // the noise it was trained with; "" if unknown
	data    *dataset.Dataset
	stop    func()       // stops its process after an interrupt; nil without one
	release func() error // frees what another engine holds; nil without one

	consensus bool // whether it is an ensemble with K-consensus
}

// close frees the voter. The process of an interrupted call is stopped.
func (v *voter) close(ctx context.Context) error {
	if ctx.Err() != nil && v.stop != nil {
		v.stop()
	}
	if v.release != nil {
		return errors.Join(v.Close(), v.release())
	}
	return v.Close()
}

// votesAt returns a voter on points in place of the images of inner, or inner if there are none. It closes inner if it
// fails.
func votesAt(inner *votes.Voter, points [][]float32) (*votes.Voter, error) {
	if points == nil {
		return inner, nil
	}
	at, err := inner.At(points)
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	return at, nil
}

// remoteVotes returns a voter for a classifier of another process or engine.
func remoteVotes(
	e *engine.Engine,
	r votes.Remote,
	d *dataset.Dataset,
	points [][]float32,
	how sampling,
) (*votes.Voter, error) {
	inner, err := votes.NewRemote(e, r, d, how.under, how.seed, how.chunk)
	if err != nil {
		return nil, err
	}
	return votesAt(inner, points)
}

// warn prints a warning if the classifier was trained under other noise than it votes under. does is the verb,
// such as "votes".
func (v *voter) warn(c *language.Call, does string, under smoothing.Smoothing) {
	if now := smoothing.Describe(under); v.trained != "" && v.trained != now {
		c.Out.Print(fmt.Sprintf("warning: %s was trained at %s and %s at %s\n", v.name, v.trained, does, now))
	}
}

// voter uploads the classifier.
func (v *classifierValue) voter(s *Session, c *language.Call, data votable, how sampling) (*voter, error) {
	if how.engine == onnxRuntimeEngine {
		return v.onnxRuntimeVoter(s, c, data, how)
	}
	now, d, points, err := judge(c, v, data)
	if err != nil {
		return nil, err
	}
	eng, err := s.engine.get(c)
	if err != nil {
		return nil, err
	}
	upload := votes.New
	if how.sound {
		upload = votes.NewSound
	}
	inner, err := upload(eng, now, d, how.under, how.seed, how.chunk)
	if err != nil {
		return nil, err
	}
	if inner, err = votesAt(inner, points); err != nil {
		return nil, err
	}
	e := now.Arch.Ensemble
	return &voter{
		Voter:     inner,
		name:      now.Arch.Name,
		trained:   trainingNoise(now.Facts),
		data:      d,
		consensus: e != nil && e.Consensus > 0,
	}, nil
}

// cost describes the forward passes of an ensemble with K-consensus; "" for other classifiers.
func (v *voter) cost() string {
	passes, drawn, members := v.Passes()
	if drawn == 0 || !v.consensus {
		return ""
	}
	return fmt.Sprintf(" · %.2f of %d forward passes per vote", float64(passes)/float64(drawn), members)
}
