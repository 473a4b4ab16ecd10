package classifier

import (
	"errors"
	"fmt"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// Scaling is a network's first layer, (x − Mean)/SD in each channel: it is part of the network, so that noise is
// added, and radii are certified, in [0,1] pixel units.
type Scaling struct {
	Mean []float64 `json:"mean"`
	SD   []float64 `json:"std"`
}

// cifarScaling and imageNetScaling are the authors' (code/datasets.py:60-64).
func cifarScaling() *Scaling {
	return &Scaling{Mean: []float64{0.4914, 0.4822, 0.4465}, SD: []float64{0.2023, 0.1994, 0.2010}}
}

func imageNetScaling() *Scaling {
	return &Scaling{Mean: []float64{0.485, 0.456, 0.406}, SD: []float64{0.229, 0.224, 0.225}}
}

// apply computes the layer: x [N, H, W, C].
func (s *Scaling) apply(x *Node) *Node {
	channels := func(v []float64) *Node {
		c := make([]float32, len(v))
		for i := range v {
			c[i] = float32(v[i])
		}
		return Reshape(Const(x.Graph(), c), 1, 1, 1, len(v))
	}
	x.AssertDims(-1, -1, -1, len(s.Mean))
	return Div(Sub(x, channels(s.Mean)), channels(s.SD))
}

// NewScaling returns the layer (x − mean)/sd of images with the given number of channels, in [0,1] pixel units. A
// single value counts for each channel.
func NewScaling(mean, sd []float64, channels int) (*Scaling, error) {
	if len(mean) == 0 || len(sd) == 0 {
		return nil, errors.New("a normalization has both a mean and a standard deviation: give mean and std")
	}
	s := &Scaling{Mean: spread(mean, channels), SD: spread(sd, channels)}
	if len(s.Mean) != channels || len(s.SD) != channels {
		return nil, fmt.Errorf(
			"images of %d channels take 1 or %d values of mean and std, got %d and %d",
			channels,
			channels,
			len(mean),
			len(sd),
		)
	}
	for c := range channels {
		if m := s.Mean[c]; !(m >= 0 && m <= 1) {
			return nil, fmt.Errorf(
				"mean must be in pixel units from 0 to 1, got %g: divide values from 0 to 255 by 255",
				m,
			)
		}
		if d := s.SD[c]; !(d > 0 && d <= maxSD) || float32(d) == 0 || math.IsInf(1/float64(float32(d)), 0) {
			return nil, fmt.Errorf(
				"std must be above 0 and in pixel units of [0,1], got %g: divide values from 0 to 255 by 255",
				d,
			)
		}
	}
	return s, nil
}

// noScaling returns the layer that leaves pixels as they are: mean 0 and standard deviation 1.
func noScaling(channels int) *Scaling {
	return &Scaling{Mean: make([]float64, channels), SD: slices.Repeat([]float64{1}, channels)}
}

// maxSD bounds the standard deviation of a normalization: pixels of [0,1] have at most 0.5, and 1 leaves them as they
// are.
const maxSD = 2

// spread repeats a single value for each channel.
func spread(v []float64, channels int) []float64 {
	if len(v) == 1 {
		return slices.Repeat(v, channels)
	}
	return slices.Clone(v)
}

// equal reports whether two layers compute the same; nil leaves pixels as they are.
func (s *Scaling) equal(t *Scaling) bool {
	if s == nil || t == nil {
		return s == t
	}
	return slices.Equal(s.Mean, t.Mean) && slices.Equal(s.SD, t.SD)
}

// String formats the layer for a checkpoint's metadata, for readers that know only the weights.
func (s *Scaling) String() string { return fmt.Sprintf("(x - %v) / %v", s.Mean, s.SD) }
