package train

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
)

// deepMACs is the number of multiply-adds per image from which a network is deep: its search runs outside the training
// step.
const deepMACs = 10_000_000

// splitSearch reports whether training runs a method's search as calls of one compiled search step, as a walk does,
// instead of inside the compiled training step. One program is faster for small networks. For deep ones, T unrolled
// steps would multiply the compilation time, and a step would be one long call that nothing can interrupt; ctx is
// checked before every call. Both ways agree up to the last bits, because XLA fuses them differently. The choice
// therefore depends on the network and the method only: a run that is resumed elsewhere must go the same way.
func splitSearch(a *classifier.Architecture, m method.Method) bool {
	return a.MACs >= deepMACs && method.Searches(m)
}

// search runs the search of a step from the images, or from the noise, call by call. images are what [trainer.batch]
// returns. It returns the far point, and the point that the near end starts from.
func (t *trainer) search(
	ctx context.Context,
	images []*engine.Sharded,
	noise *engine.Sharded,
) (far, near *engine.Sharded, err error) {
	step, err := advanceProgram(t.engine, t.arch, t.method)
	if err != nil {
		return nil, nil, err
	}
	start, axis := noise, 1 // the axis of the images
	if !t.method.Traits().OnNoise {
		if start, err = t.points(ctx, images[0]); err != nil {
			return nil, nil, err
		}
		axis = 0
	}
	far = start
	steps, _ := method.Setting(t.method, "steps")
	for k := range int(steps) {
		if k == method.MixStep(t.method) {
			near = far
		}
		args := stepgraph.Arguments(slices.Concat(t.weights.params, images), noise, t.scalars(), far)
		out, err := step.CallAcross(ctx, axis, args...)
		if far != near && far != noise {
			err = errors.Join(err, engine.Free(far))
		}
		if err != nil {
			return nil, nil, errors.Join(err, engine.Free(near))
		}
		far = out[0]
	}
	if method.MixStep(t.method) == int(steps) {
		near = far
	}
	return far, near, nil
}

// points returns the images as points, at which a search starts.
func (t *trainer) points(ctx context.Context, pixels *engine.Sharded) (*engine.Sharded, error) {
	p, err := imagesProgram(t.engine)
	if err != nil {
		return nil, err
	}
	out, err := p.CallAcross(ctx, 0, pixels)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// imagesProgram maps pixels to points: [B, H, W, C] uint8 → float32, in [0,1].
func imagesProgram(e *engine.Engine) (*engine.Program, error) {
	return e.Program("images", func(_ *engine.Program, in []*Node) []*Node { return []*Node{stepgraph.ToUnit(in[0])} })
}

// advanceProgram compiles one step of a method's search. Inputs: P parameters; the images of the step
// (stepgraph.Images); scalars [S] float32; z, a point. Output: the next point.
func advanceProgram(e *engine.Engine, a *classifier.Architecture, m method.Method) (*engine.Program, error) {
	return e.Program(
		fmt.Sprintf("search %s %T %s", a.Name, m, method.CompiledKey(m)),
		func(_ *engine.Program, in []*Node) []*Node {
			n := len(a.Params)
			images, rest := stepgraph.CutImages(m, in[n:])
			st := stepgraph.Step(a, m, in[:n], images, rest[0], nil, nil)
			return []*Node{st.Advance(rest[1])}
		},
	)
}
