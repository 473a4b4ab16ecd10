package votes

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"

	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/smoothing"
)

// Remote is a classifier that another process computes, such as an external.Process.
type Remote struct {
	Outline     *classifier.Classifier // name, shape and classes
	Fingerprint string                 // what is recorded in place of the SHA-256 of weights
	Provenance  map[string]string      // what else the log records, such as the command
	// Classify returns the answers for images, [n, C, H, W] in [0,1] units with the noise added. It is called from
	// several goroutines.
	Classify func(ctx context.Context, images []float32) (Answer, error)
}

// Answer holds logits or only classes of n images.
type Answer struct {
	Logits  []float32 // [n, classes]; nil where Classes has the answer
	Classes []int32   // [n]
}

// remoteBytes bounds the images of one request.
const remoteBytes = 64 << 20

// chunk returns the number of noisy copies per request, at most most.
func (r *Remote) chunk(most int) int {
	return max(1, min(most, remoteBytes/4/r.Outline.Arch.Input.Size()))
}

// sign records the classifier in the source of votes.
func (r *Remote) sign(s *certify.Source) {
	s.Checkpoint = r.Fingerprint
	s.Provenance = maps.Clone(s.Provenance)
	maps.Copy(s.Provenance, r.Provenance)
}

// classify asks for n images, and checks that the answer is one for each of them.
func (r *Remote) classify(ctx context.Context, images []float32, n int) (Answer, error) {
	a, err := r.Classify(ctx, images)
	if err != nil {
		return Answer{}, err
	}
	classes := r.Outline.Arch.Classes
	if a.Classes == nil && len(a.Logits) != n*classes || a.Classes != nil && len(a.Classes) != n {
		return Answer{}, fmt.Errorf("%s answered with %d logits and %d classes for %d images of %d classes",
			r.Outline.Arch.Name, len(a.Logits), len(a.Classes), n, classes)
	}
	for _, k := range a.Classes {
		if k < 0 || int(k) >= classes {
			return Answer{}, fmt.Errorf("%s answered with class %d of %d", r.Outline.Arch.Name, k, classes)
		}
	}
	return a, nil
}

// NewRemote returns a voter for a classifier of another process. The noise is drawn here, as [New] draws it from the
// same seed, so that a network votes alike by both, up to logits that are equal within rounding. Every request has a
// whole chunk of images, whatever of it is used. Close leaves the process as it is.
func NewRemote(
	e *engine.Engine,
	r Remote,
	d *dataset.Dataset,
	under smoothing.Smoothing,
	seed uint64,
	chunk int,
) (*Voter, error) {
	return newVoter(e, r.Outline, &r, d, under, nil, seed, chunk)
}

// CheckRemote does what [CheckIndependence] does for a classifier of another process. A classifier that draws random
// numbers, such as a network in training mode, fails it too.
func CheckRemote(ctx context.Context, r Remote) error {
	size, classes := r.Outline.Arch.Input.Size(), r.Outline.Arch.Classes
	random := rand.New(rand.NewPCG(1, 2))
	const images, shared = 16, 4 // the first four of one batch are the last of the other
	pixels := make([]float32, (2*images-shared)*size)
	for i := range pixels {
		pixels[i] = random.Float32()
	}
	one, err := r.classify(ctx, pixels[:images*size], images)
	if err != nil {
		return err
	}
	moved := append(append([]float32(nil), pixels[images*size:]...), pixels[:shared*size]...)
	other, err := r.classify(ctx, moved, images)
	if err != nil {
		return err
	}
	switch {
	case (one.Logits == nil) != (other.Logits == nil):
		err = errors.New("it answers with logits for one batch and with classes for another")
	case one.Logits != nil:
		err = alike(one.Logits[:shared*classes], other.Logits[(images-shared)*classes:])
	default:
		err = sameClasses(one.Classes[:shared], other.Classes[images-shared:])
	}
	if err != nil {
		return fmt.Errorf("%s: %w; is it in evaluation mode?", r.Outline.Arch.Name, err)
	}
	return nil
}

// sameClasses compares the classes that images have in two batches.
func sameClasses(one, other []int32) error {
	for i, class := range one {
		if class != other[i] {
			return fmt.Errorf("it gives an image class %d in one batch and %d in another: "+
				"a vote must depend on one image, and not on chance", class, other[i])
		}
	}
	return nil
}
