package votes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/noise"
	"smoothlab/noise/draw"
	"smoothlab/smoothing"

	"github.com/gomlx/gomlx/core/tensors"
)

// DefaultChunk is the number of noisy copies of one call, and SelectChunk that for choosing the class, where some 100
// votes are usual and a larger batch would be mostly padding. On a CPU deep networks take fewer (Architecture.Chunk),
// so that no call lasts long. They are part of what a vote is: see the package comment.
const (
	DefaultChunk = 1000
	SelectChunk  = 100
)

// maxChunk guards against typos that would exhaust memory.
const maxChunk = 100_000

// Voter lets one classifier vote on the images of one data set. Close frees its weights on the device.
type Voter struct {
	engine  *engine.Engine
	arch    *classifier.Architecture
	data    *dataset.Dataset
	points  [][]float32  // used in place of the images; nil means the images
	sampler draw.Sampler // draws the standard noise
	scale   float32
	grid    *noise.Grid // of sound noise, else nil
	key     []uint32
	chunk   int
	devices []deviceState // what is on each device that is used
	remote  *Remote       // computes the logits in place of arch; nil for a network of this process
	source  certify.Source
	passes  *passes
}

// deviceState is what every call on a device uses.
type deviceState struct {
	weights []*tensors.Tensor
	table   *tensors.Tensor // of sound noise, else nil
}

var _ certify.Packer = (*Voter)(nil)

// New uploads a classifier that votes under noise in float32. chunk is the number of noisy copies per call, rounded
// up to a multiple of four; 0 means DefaultChunk. On a CPU it is at most what suits a deep network.
func New(
	e *engine.Engine,
	c *classifier.Classifier,
	d *dataset.Dataset,
	under smoothing.Smoothing,
	seed uint64,
	chunk int,
) (*Voter, error) {
	return newVoter(e, c, nil, d, under, nil, seed, chunk)
}

// NewSound does what New does, with Gaussian noise on the grid of 8-bit pixels, for sigma from 1/255 to 10.
func NewSound(
	e *engine.Engine,
	c *classifier.Classifier,
	d *dataset.Dataset,
	under smoothing.Smoothing,
	seed uint64,
	chunk int,
) (*Voter, error) {
	g, ok := under.(smoothing.Gaussian)
	if !ok {
		return nil, fmt.Errorf("sound sampling is for Gaussian noise only, not for %s: leave it out", describe(under))
	}
	if err := smoothing.CheckUnits(g); err != nil {
		return nil, err
	}
	grid, err := noise.NewGrid(g.Sigma)
	if err != nil {
		return nil, err
	}
	return newVoter(e, c, nil, d, g, grid, seed, chunk)
}

// describe names a smoothing, or none, in an error.
func describe(s smoothing.Smoothing) string { return cmp.Or(smoothing.Describe(s), "no noise") }

// newVoter makes a voter. remote is nil for a network of this process, and grid for noise in float32.
func newVoter(
	e *engine.Engine,
	c *classifier.Classifier,
	remote *Remote,
	d *dataset.Dataset,
	under smoothing.Smoothing,
	grid *noise.Grid,
	seed uint64,
	chunk int,
) (*Voter, error) {
	sampler, scale, err := standard(under)
	if err != nil {
		return nil, err
	}
	if err := c.Fits(classifier.Shape{Height: d.Height, Width: d.Width, Channels: d.Channels}, d.Classes); err != nil {
		return nil, err
	}
	if chunk < 0 || chunk > maxChunk {
		return nil, fmt.Errorf("chunk must be between 1 and %d, got %d", maxChunk, chunk)
	}
	if chunk == 0 {
		chunk = DefaultChunk
	}
	if e.Device() == "cpu" {
		chunk = c.Arch.Chunk(chunk)
	}
	if remote != nil {
		chunk = remote.chunk(chunk)
	}
	v := &Voter{
		engine:  e,
		arch:    c.Arch,
		data:    d,
		sampler: sampler,
		scale:   scale,
		grid:    grid,
		key:     draw.Key(seed),
		chunk:   (chunk + 3) / 4 * 4,
		remote:  remote,
		passes:  &passes{},
	}
	for range e.ParallelDevices() {
		v.devices = append(v.devices, v.hold(c))
	}
	v.source = certify.Source{Smoothing: under, Classes: c.Arch.Classes, Seed: seed, Dataset: d.Name, Split: d.Split,
		Notes: d.Notes(), Checkpoint: c.Fingerprint(), Chunks: v.Chunks(), Provenance: e.Provenance()}
	if unlike := UnlikeTraining(c, d); unlike != "" {
		v.source.Notes = append(v.source.Notes, unlike)
	}
	v.source.Notes = append(v.source.Notes, c.Doubts()...)
	if remote != nil {
		remote.sign(&v.source)
	}
	if c.Facts.Classes != nil || len(d.Classes) == c.Arch.Classes { // else unknown
		v.source.ClassNames = slices.Clone(c.ClassNames(d.Classes))
	}
	return v, nil
}

// enough is the number of images from which on they are compared with those of the training: fewer may differ by
// chance.
const enough = 30

// UnlikeTraining describes how the images of a data set differ from those that a classifier was trained on, which
// certificates record as a note; "" if they do not, or are few.
func UnlikeTraining(c *classifier.Classifier, d *dataset.Dataset) string {
	if d.Len() < enough {
		return ""
	}
	return c.Unlike(*classifier.NewBrightness(d.Brightness()))
}

// standard returns the sampler of a noise at scale 1, and the scale.
func standard(under smoothing.Smoothing) (draw.Sampler, float32, error) {
	if under == nil {
		return nil, 0, errors.New("votes need a noise, as in smoothing.Gaussian{Sigma: 0.5}")
	}
	if err := smoothing.CheckUnits(under); err != nil {
		return nil, 0, err
	}
	sampler, err := draw.Standard(under.Name())
	if err != nil {
		return nil, 0, err
	}
	scale := smoothing.Scale(under)
	if float32(scale) == 0 { // it would be no noise at all
		return nil, 0, fmt.Errorf("%s must be greater than 0 as a float32, got %g", under.Parameters()[0].Name, scale)
	}
	return sampler, atLeast(scale), nil
}

// hold makes the tensors of one device, which move there with their first use.
func (v *Voter) hold(c *classifier.Classifier) (h deviceState) {
	for i, p := range v.arch.Params {
		h.weights = append(h.weights, tensors.FromFlatDataAndDimensions(c.Params[i], p.Dims...))
	}
	if v.grid != nil {
		h.table = tensors.FromValue(v.grid.Table)
	}
	return h
}

// atLeast is the float32 next to the scale of a noise that is not below it: more noise than the radius is computed for
// errs on the safe side.
func atLeast(scale float64) float32 {
	s := float32(scale)
	if float64(s) < scale {
		s = math.Nextafter32(s, math.MaxFloat32)
	}
	return s
}

// At returns the voter with points in [0,1] units in place of the images of the data set, such as those found by an
// attack. The noise stays that of the images. It shares the weights with v, so closing one closes both. Sound noise is
// refused, because the points are off the pixel grid.
func (v *Voter) At(points [][]float32) (*Voter, error) {
	if v.grid != nil {
		return nil, errors.New(
			"noise on the pixel grid needs images on the grid; points of an attack are off it: use float32 noise",
		)
	}
	if len(points) != v.data.Len() {
		return nil, fmt.Errorf("%d points for %d images", len(points), v.data.Len())
	}
	for i, x := range points {
		if len(x) != v.arch.Input.Size() {
			return nil, fmt.Errorf("point %d has %d values, an image has %d", i, len(x), v.arch.Input.Size())
		}
	}
	at := *v
	at.points = points
	return &at, nil
}

// Close frees the weights on the device.
func (v *Voter) Close() error {
	var all []error
	for _, h := range v.devices {
		all = append(all, engine.Free(h.weights...), engine.Free(h.table))
	}
	return errors.Join(all...)
}

// Slack bounds how much the probability of a class under this noise differs from that under ideal Gaussian noise,
// rounded to the pixel grid. Certificates subtract it. It is 0 for the noise of New, where it is unknown.
func (v *Voter) Slack() float64 {
	if v.grid == nil {
		return 0
	}
	return v.grid.Distance(v.arch.Input.Size())
}

// Chunks returns the batch shapes that votes are computed in, first the one for choosing a class. Certificates record
// them.
func (v *Voter) Chunks() []int { return []int{v.shape(noise.Select), v.shape(noise.Bound)} }

func (v *Voter) shape(p noise.Purpose) int {
	if p == noise.Select {
		return min(SelectChunk, v.chunk)
	}
	return v.chunk
}

// Vote implements certify.Voter: it adds the votes of noisy copies first … first+n−1 of the image at position pos to
// counts. After an error, that of a cancelled ctx included, counts may hold some of them.
func (v *Voter) Vote(ctx context.Context, pos int, p noise.Purpose, first, n int, counts []int) error {
	return v.VoteAll(ctx, p, []certify.Request{{Pos: pos, First: first, N: n, Counts: counts}})
}

// VoteAll implements certify.Packer: it counts what Vote would for each request, with copies of several images in one
// chunk.
func (v *Voter) VoteAll(ctx context.Context, p noise.Purpose, requests []certify.Request) error {
	for _, r := range requests {
		if err := v.check(r); err != nil {
			return err
		}
	}
	if v.stopsEarly() {
		return v.agree(ctx, p, requests)
	}
	err := v.draw(ctx, p, requests, func(request, class int, _ []float32) {
		requests[request].Counts[class]++
		v.passes.add(v.members())
	})
	return err
}

// check returns an error if a request is invalid.
func (v *Voter) check(r certify.Request) error {
	if r.Pos < 0 || r.Pos >= v.data.Len() {
		return fmt.Errorf("there is no image at position %d of %d", r.Pos, v.data.Len())
	}
	if r.First < 0 || r.N < 0 || int64(r.N) > math.MaxUint32-int64(r.First) {
		return fmt.Errorf("%d votes from copy %d on are outside the counter's range, 0 to 4294967294", r.N, r.First)
	}
	if len(r.Counts) != v.arch.Classes {
		return fmt.Errorf("counts for %d classes, %s has %d", len(r.Counts), v.arch.Name, v.arch.Classes)
	}
	return nil
}
