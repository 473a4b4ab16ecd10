package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// layout is the distribution of a call's tensors over devices; the zero value means a call on one device.
type layout struct {
	devices int
	inputs  []int // axis at which each input is cut, or Whole
	outputs int   // axis at which all outputs are cut, or Whole
}

func (l layout) equal(k layout) bool {
	return l.devices == k.devices && l.outputs == k.outputs && slices.Equal(l.inputs, k.inputs)
}

// CallAcross does what [Program.Call] does, on several devices at once: on the first n, where n is the number of parts
// of the arguments that are cut. XLA divides the work (GoMLX's AutoSharding, by Shardy): build functions see whole
// tensors as usual, and the result is the same as on one device, up to the last bits of sums over the cut axis.
// Arguments are [Sharded], or Go values, which are copied to every device. All outputs are cut at axis, or with [Whole]
// every device has all of them; they stay on the devices.
//
// It acquires all its devices in their order, so that two calls never wait for each other. If nothing is cut, or n is
// 1, it is the same as Call, with the same executable. There is one executable per number of devices.
func (p *Program) CallAcross(ctx context.Context, axis int, args ...any) ([]*Sharded, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	inputs, own, err := toSharded(args)
	defer Free(own...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	how, err := layoutOf(inputs, axis)
	if err == nil && how.devices > p.engine.Devices() {
		err = fmt.Errorf("arguments are cut for %d devices, there are %d", how.devices, p.engine.Devices())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	if how.devices == 1 {
		return p.callOne(ctx, axis, inputs)
	}
	x, err := p.compiled(ctx, shapesOfParts(inputs), how)
	if err != nil {
		return nil, err
	}
	done, err := p.engine.acquireAll(ctx, how.devices)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := p.engine.count(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	for _, s := range inputs {
		if err := s.replicateTo(p.engine.backend, how.devices); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	for d := range how.devices {
		p.engine.uploading(d, partsOn(inputs, d))
	}
	out, err := x.exec.Call(byDevice(inputs, how.devices)...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	return gathered(out, axis, how.devices), nil
}

// callOne does what Call does, for arguments in one part.
func (p *Program) callOne(ctx context.Context, axis int, inputs []*Sharded) ([]*Sharded, error) {
	out, err := p.Call(ctx, byDevice(inputs, 1)...)
	if err != nil {
		return nil, err
	}
	return gathered(out, axis, 1), nil
}

// toSharded makes whole tensors of Go values; own are the new ones.
func toSharded(args []any) (inputs, own []*Sharded, err error) {
	for i, arg := range args {
		var s *Sharded
		switch given := arg.(type) {
		case *Sharded:
			s, err = given, given.CheckValid()
		case *tensors.Tensor:
			err = errors.New("it is on one device: use Shard or Replicate for several")
		default:
			var t *tensors.Tensor
			if t, err = fromValue(arg); err == nil {
				s = Replicate(t)
				own = append(own, s)
			}
		}
		if err != nil {
			return nil, own, badArgument(i, arg, err)
		}
		inputs = append(inputs, s)
	}
	return inputs, own, nil
}

// layoutOf returns the layout of inputs; the number of devices is the number of parts of inputs that are cut.
func layoutOf(inputs []*Sharded, outputs int) (layout, error) {
	how := layout{devices: 1, outputs: outputs}
	cut := false
	for i, s := range inputs {
		how.inputs = append(how.inputs, s.axis)
		if s.axis == Whole {
			continue
		}
		if cut && len(s.parts) != how.devices {
			return how, fmt.Errorf("argument %d is cut into %d parts, others into %d", i, len(s.parts), how.devices)
		}
		how.devices, cut = len(s.parts), true
	}
	return how, nil
}

// byDevice lists the parts on the first device, then on the second, and so on.
func byDevice(inputs []*Sharded, devices int) []any {
	var all []any
	for d := range devices {
		all = append(all, partsOn(inputs, d)...)
	}
	return all
}

func partsOn(inputs []*Sharded, device int) []any {
	var parts []any
	for _, s := range inputs {
		parts = append(parts, s.parts[device])
	}
	return parts
}

// gathered inverts byDevice.
func gathered(out []*tensors.Tensor, axis, devices int) []*Sharded {
	n := len(out) / devices
	all := make([]*Sharded, n)
	for i := range all {
		all[i] = &Sharded{axis: axis}
		for d := range devices {
			all[i].parts = append(all[i].parts, out[d*n+i])
		}
	}
	return all
}

// acquireAll acquires the first devices, or returns ctx's error. Every caller acquires several devices in this order.
func (e *Engine) acquireAll(ctx context.Context, devices int) (done func(), err error) {
	var held []func()
	done = func() {
		for _, d := range held {
			d()
		}
	}
	for device := range devices {
		one, err := e.acquire(ctx, device)
		if err != nil {
			done()
			return nil, err
		}
		held = append(held, one)
	}
	return done, nil
}

// newExec returns the executable of a layout before it is compiled, and the shapes to compile it for, device by device.
func (p *Program) newExec(of []shapes.Shape, how layout) (*graph.Exec, []shapes.Shape, error) {
	exec, err := graph.NewExec(p.engine.backend, p.graph)
	if err != nil || how.devices == 0 {
		return exec, of, err
	}
	mesh, err := newMesh(how.devices)
	if err != nil {
		return nil, nil, err
	}
	exec.AutoSharding(mesh).WithOutputShardingSpecs(cutAt(mesh, how.outputs))
	var specs []*distributed.ShardingSpec
	for _, axis := range how.inputs {
		specs = append(specs, cutAt(mesh, axis))
	}
	return exec.WithInputShardingSpecs(specs...), slices.Repeat(of, how.devices), nil
}
