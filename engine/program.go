package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Program is a graph function, compiled once for each combination of input shapes.
type Program struct {
	engine *Engine
	name   string
	build  func(p *Program, inputs []*graph.Node) []*graph.Node

	// Guarded by the engine's mutex.
	labels      []string
	executables []*executable
}

// executable is a program for one combination of input shapes, compiled or being compiled.
type executable struct {
	shapes []shapes.Shape
	layout layout
	all    []shapes.Shape // input shapes input shapes of all devices, one after the other
	exec   *graph.Exec    // for these shapes only, so that a failed one is simply dropped
	places []place        // by input; nil unless the engine keeps addresses
	ready  chan struct{}  // closed once it is compiled, or err is set
	err    error
}

// Label sets names of the outputs. Build functions call it, for callers that find the program already built.
func (p *Program) Label(names ...string) {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	p.labels = names
}

// Labels returns the names set by Label; they are known once the program has been called.
func (p *Program) Labels() []string {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	return p.labels
}

// Call does what [Program.CallOn] does, on the first device.
func (p *Program) Call(ctx context.Context, args ...any) ([]*tensors.Tensor, error) {
	return p.CallOn(ctx, 0, args...)
}

// CallOn compiles the program for the shapes of args if necessary, waits for the device, and runs the program there. It
// returns ctx's error at once if ctx ends before the run begins; a compilation in progress is finished and kept. The
// run itself cannot be interrupted: callers keep it below about half a second. The caller finalizes the outputs: their
// memory is invisible to Go's garbage collector. One compilation is used for all devices; a tensor on one device is an
// error on another.
func (p *Program) CallOn(ctx context.Context, device int, args ...any) ([]*tensors.Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if n := p.engine.Devices(); device < 0 || device >= n {
		return nil, fmt.Errorf("%s: there is no device %d; they are numbered from 0 to %d", p.name, device, n-1)
	}
	inputs, own, err := toTensors(args)
	defer Free(own...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	x, err := p.compiled(ctx, shapesOf(inputs), layout{})
	if err != nil {
		return nil, err
	}
	done, err := p.engine.acquire(ctx, device)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := p.engine.count(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	p.engine.uploading(device, inputs)
	if p.engine.addresses {
		if inputs, err = x.keep(p.engine.backend, inputs); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	out, _, err := x.exec.CallWithGraphOnDevice(
		compute.DeviceNum(device),
		inputs...) // CallOnDevice of GoMLX v0.28.2 drops the device
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	return out, nil
}

// toTensors converts Go values to tensors; own are the new ones.
func toTensors(args []any) (inputs []any, own []*tensors.Tensor, err error) {
	for i, arg := range args {
		t, given := arg.(*tensors.Tensor)
		if given {
			err = t.CheckValid()
		} else if t, err = fromValue(arg); err == nil {
			own = append(own, t)
		}
		if err != nil {
			return nil, own, badArgument(i, arg, err)
		}
		inputs = append(inputs, t)
	}
	return inputs, own, nil
}

func fromValue(arg any) (*tensors.Tensor, error) {
	if arg == nil { // FromAnyValue panics
		return nil, errors.New("it is nil")
	}
	return tensors.FromAnyValue(arg)
}

func badArgument(i int, arg any, err error) error {
	return fmt.Errorf("argument %d of type %T: %w", i, arg, err)
}

func shapesOf(inputs []any) []shapes.Shape {
	var all []shapes.Shape
	for _, t := range inputs {
		all = append(all, t.(*tensors.Tensor).Shape())
	}
	return all
}

// compiled waits for the executable of these shapes, and starts its compilation if necessary.
func (p *Program) compiled(ctx context.Context, of []shapes.Shape, how layout) (*executable, error) {
	x, err := p.executable(of, how)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	select {
	case <-x.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if x.err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, x.err)
	}
	return x, nil
}

// executable returns the executable of these shapes, or starts to compile it.
func (p *Program) executable(of []shapes.Shape, how layout) (*executable, error) {
	e := p.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.programs == nil {
		return nil, errClosed
	}
	for _, x := range p.executables {
		if x.layout.equal(how) && slices.EqualFunc(x.shapes, of, shapes.Shape.Equal) {
			return x, nil
		}
	}
	exec, all, err := p.newExec(of, how)
	if err != nil {
		return nil, err
	}
	x := &executable{shapes: of, layout: how, all: all, exec: exec.WithName(p.name), ready: make(chan struct{})}
	p.executables = append(p.executables, x)
	e.compilations.Go(func() { p.compile(x) })
	return x, nil
}

// compile compiles x and closes x.ready. A failed one is dropped, so that the next call tries again.
func (p *Program) compile(x *executable) {
	x.err = errors.New("its graph was left unfinished") // by runtime.Goexit in build, as a test's FailNow does
	defer func() {
		if r := recover(); r != nil {
			x.err = fmt.Errorf("%v", r)
		}
		if x.err != nil {
			p.engine.mu.Lock()
			p.executables = slices.DeleteFunc(p.executables, func(y *executable) bool { return y == x })
			p.engine.mu.Unlock()
		}
		close(x.ready)
	}()
	_, err := x.exec.Compile(x.all...)
	var wrong *buildError
	if errors.As(err, &wrong) { // without GoMLX's stack trace
		err = wrong.error
	}
	x.err = err
}

// buildError is the panic value of a build function.
type buildError struct{ error }

func (e *buildError) Unwrap() error { return e.error }

// graph calls the build function. It converts every panic to an error, the only value that graph.Exec recovers.
func (p *Program) graph(inputs []*graph.Node) []*graph.Node {
	p.engine.mu.Lock()
	p.engine.compiled++
	p.engine.mu.Unlock()
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			panic(&buildError{r})
		default:
			panic(&buildError{fmt.Errorf("%v", r)})
		}
	}()
	outputs := p.build(p, inputs)
	p.checkMemory(outputs)
	return outputs
}
