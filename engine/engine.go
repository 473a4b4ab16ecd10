package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"smoothlab/internal/pjrt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

var errClosed = errors.New("the engine is closed; open a new one")

// Engine owns a backend and the programs compiled for it.
type Engine struct {
	backend compute.Backend
	plugin  pjrt.Plugin
	device  sync.Mutex // held for one call, never for a job

	mu       sync.Mutex
	programs map[string]*Program // nil once closed
	compiled int
	calls    int
}

// New makes an engine of an open backend.
func New(b compute.Backend) *Engine {
	return &Engine{backend: b, programs: map[string]*Program{}}
}

// Backend is the backend that tensors are uploaded to.
func (e *Engine) Backend() compute.Backend { return e.backend }

// String names the backend, such as "xla:cpu, PJRT API 0.81".
func (e *Engine) String() string {
	return fmt.Sprintf("%s:%s, PJRT API %s", e.backend.Name(), e.plugin.Device, e.plugin.API)
}

// Close waits for the call in progress and frees the programs and the backend; tensors must have been finalized before.
func (e *Engine) Close() {
	e.device.Lock()
	defer e.device.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.programs == nil {
		return
	}
	for _, p := range e.programs {
		p.exec.Finalize()
	}
	e.programs = nil
	e.backend.Finalize()
}

// Counts tells how many graphs were compiled and how many calls were made: tests hold both down.
func (e *Engine) Counts() (compiled, calls int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.compiled, e.calls
}

// Program is a graph function, compiled once for each combination of input shapes.
type Program struct {
	engine *Engine
	name   string
	exec   *graph.Exec
	labels []string
}

// Label names the outputs; a build function calls it for callers that find the program already built.
func (p *Program) Label(names ...string) {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	p.labels = names
}

// Labels are what the build function called Label with; known once the program has been called.
func (p *Program) Labels() []string {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	return p.labels
}

// Program returns the program of that name and makes it from build when there is none. The name must say
// everything that build freezes into the graph; what may change between calls has to be an input.
func (e *Engine) Program(name string, build func(p *Program, inputs []*graph.Node) []*graph.Node) (*Program, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.programs == nil {
		return nil, fmt.Errorf("%s: %w", name, errClosed)
	}
	if p, ok := e.programs[name]; ok {
		return p, nil
	}
	p := &Program{engine: e, name: name}
	exec, err := graph.NewExec(e.backend, func(inputs []*graph.Node) []*graph.Node {
		e.mu.Lock()
		e.compiled++
		e.mu.Unlock()
		defer panicWithError()
		return build(p, inputs)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p.exec = exec.WithName(name).SetMaxCache(-1)
	e.programs[name] = p
	return p, nil
}

// panicWithError turns what a build function panics with into an error, the only kind of value that graph.Exec recovers.
func panicWithError() {
	switch r := recover().(type) {
	case nil:
	case error:
		panic(r)
	default:
		panic(fmt.Errorf("%v", r))
	}
}

// Call runs the program. It looks at ctx when its turn comes and cannot be cut short then: callers keep one call below
// about half a second. The caller finalizes the outputs: their memory is invisible to Go's collector.
func (p *Program) Call(ctx context.Context, args ...any) ([]*tensors.Tensor, error) {
	p.engine.device.Lock()
	defer p.engine.device.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := p.engine.count(); err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	out, err := p.exec.Call(args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	return out, nil
}

// count counts a call of an engine that is open.
func (e *Engine) count() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.programs == nil {
		return errClosed
	}
	e.calls++
	return nil
}

// Free finalizes tensors; nil entries are skipped.
func Free(ts ...*tensors.Tensor) error {
	var first error
	for _, t := range ts {
		if t == nil {
			continue
		}
		if err := t.FinalizeAll(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
