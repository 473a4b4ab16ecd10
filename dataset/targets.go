package dataset

import (
	"fmt"
	"math"
)

// targetTolerance is how far the sum of an image's probabilities in float32 may be from 1.
const targetTolerance = 1e-4

// WithTargets returns the same images with a probability per class for each, [Len · len(Classes)], which is not copied.
func (d *Dataset) WithTargets(p []float32) (*Dataset, error) {
	k := len(d.Classes)
	if len(p) != d.Len()*k {
		return nil, fmt.Errorf("%d probabilities for %d images of %d classes: expected %d", len(p), d.Len(), k, d.Len()*k)
	}
	for i := range d.Len() {
		sum := 0.
		for _, x := range p[i*k : (i+1)*k] {
			if !(x >= 0) {
				return nil, fmt.Errorf("image %d has a probability of %g: expected 0 to 1", d.Indices[i], x)
			}
			sum += float64(x)
		}
		if !(math.Abs(sum-1) <= targetTolerance) {
			return nil, fmt.Errorf("the probabilities of image %d add up to %.6g: expected 1", d.Indices[i], sum)
		}
	}
	with := *d
	with.Targets = p
	return &with, nil
}

// WithSmoothedLabels returns the same images with targets that are made of the labels: 1 − rest for the label, and rest
// shared out evenly among the other classes.
func (d *Dataset) WithSmoothedLabels(rest float32) (*Dataset, error) {
	if !(rest >= 0 && rest <= 1) {
		return nil, fmt.Errorf("the share of the other classes must be between 0 and 1, got %g", rest)
	}
	k := len(d.Classes)
	p := make([]float32, d.Len()*k)
	for i, y := range d.Labels {
		for class := range k {
			p[i*k+class] = rest / float32(k-1)
		}
		p[i*k+int(y)] = 1 - rest
	}
	return d.WithTargets(p)
}

// Target returns the probabilities of the image at position i, not copied; nil if there are none.
func (d *Dataset) Target(i int) []float32 {
	if d.Targets == nil {
		return nil
	}
	k := len(d.Classes)
	return d.Targets[i*k : (i+1)*k : (i+1)*k]
}

// reorderedTargets returns the targets in another order of the classes, of which there may be more: class k of the
// images becomes to[k] of classes.
func (d *Dataset) reorderedTargets(to []uint16, classes int) []float32 {
	if d.Targets == nil {
		return nil
	}
	p := make([]float32, d.Len()*classes)
	for i := range d.Len() {
		for k, x := range d.Target(i) {
			p[i*classes+int(to[k])] = x
		}
	}
	return p
}
