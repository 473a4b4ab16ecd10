package votes

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"

	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/smoothing"
)

// Remote is a classifier that another process computes, such as an external.Process, or another engine of this one,
// such as ONNX Runtime.
type Remote struct {
	Outline     *classifier.Classifier // name, shape and classes
	Fingerprint string                 // what is recorded as the SHA-256 of weights
	Engine      string                 // that of certify.Source; empty for another process
	Provenance  map[string]string      // what else the log records, such as the command
	Notes       []string               // about weights that are not in Outline, for the log
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
	s.Checkpoint, s.Engine = r.Fingerprint, r.Engine
	s.Notes = append(s.Notes, r.Notes...)
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

// NewRemote returns a voter for a classifier of another process or engine. The noise is drawn here, as [New] draws it
// from the same seed, so that a network votes alike by both, up to logits that are equal within rounding. Every request
// has a whole chunk of images, whatever of it is used. Close leaves the process or the other engine's network as it is.
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

// engineTolerance is the allowed difference between the logits of two engines, relative to the largest: they fold batch
// norms into weights and sum in other orders. Of random networks with 110 layers it was below 1e-5.
const engineTolerance = 1e-3

// CheckEngine returns an error if a network has other logits in another engine than here: on two images of noise, of
// which each is given in two batches, as in [CheckIndependence].
func CheckEngine(ctx context.Context, e *engine.Engine, c *classifier.Classifier, r Remote) error {
	here, err := newTrial(e, c.Arch)
	if err != nil {
		return err
	}
	want, err := here.logits(ctx, c, 0, 1)
	if err != nil {
		return err
	}
	answer, err := r.classify(ctx, here.channelsFirst(0, 1), 2)
	if err != nil {
		return err
	}
	if off, largest := furthest(answer.Logits, want); !(off <= engineTolerance*largest) {
		return fmt.Errorf("the logits of %s in %s differ from those in XLA by %.2g, and the largest is %.2g: "+
			"leave engine out, and report this with the network", c.Arch.Name, r.Engine, off, largest)
	}
	return nil
}

// furthest returns the largest difference of logits, which is NaN if one of them is, and the largest of them, or 1 if
// that is more.
func furthest(got, want []float32) (off, largest float64) {
	largest = 1
	for i := range want {
		off = max(off, math.Abs(float64(got[i])-float64(want[i]))) // max keeps NaN
		largest = max(largest, math.Abs(float64(want[i])))
	}
	return off, largest
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
