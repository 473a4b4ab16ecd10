package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"smoothlab/internal/pjrt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
)

var errClosed = errors.New("the engine is closed; open a new one")

// Engine owns a backend and the programs compiled for it.
type Engine struct {
	backend compute.Backend
	plugin  pjrt.Plugin
	devices []chan struct{} // one a device, full while a call runs there, never for a whole job; channels, so that waiting can end

	addresses    bool // see KeepAddresses
	closing      sync.Once
	compilations sync.WaitGroup

	mu        sync.Mutex
	programs  map[string]*Program // nil once closed
	compiled  int
	calls     int
	transfers Transfers
}

// New makes an engine of an open backend.
func New(b compute.Backend) *Engine {
	e := &Engine{backend: b, programs: map[string]*Program{}}
	for range max(1, b.NumDevices()) {
		e.devices = append(e.devices, make(chan struct{}, 1))
	}
	return e
}

// Backend is the backend that tensors are uploaded to.
func (e *Engine) Backend() compute.Backend { return e.backend }

// String names the backend, such as "xla:cpu, PJRT API 0.115".
func (e *Engine) String() string {
	return fmt.Sprintf("%s:%s, PJRT API %s%s", e.backend.Name(), e.plugin.Device, e.plugin.API, e.plugin.Warning())
}

// Close waits for the compilations and the call in progress and frees the programs and the backend; tensors must have
// been finalized before.
func (e *Engine) Close() {
	e.closing.Do(func() {
		e.mu.Lock()
		programs := e.programs
		e.programs = nil // from here on nothing new is compiled or called
		e.mu.Unlock()
		e.compilations.Wait()
		for _, d := range e.devices {
			d <- struct{}{}
		}
		for _, p := range programs {
			for _, x := range p.executables {
				for _, place := range x.places {
					place.tensor.FinalizeAll()
				}
				x.exec.Finalize()
			}
		}
		e.backend.Finalize()
		for _, d := range e.devices {
			<-d
		}
	})
}

// Devices is the number of devices, from 0 on, that [Program.CallOn] reaches.
func (e *Engine) Devices() int { return len(e.devices) }

// Independent is how many of them compute beside one another. The devices of a CPU share its cores, so that two calls
// take as long at once as one after the other, and the training that had the device to itself between two calls would
// not have it any more: of those only the first counts. Votes are spread over so many, and a training is unless it is
// told otherwise.
func (e *Engine) Independent() int {
	if e.plugin.Device == pjrt.CPU {
		return 1
	}
	return len(e.devices)
}

// Counts tells how many graphs were compiled and how many calls were made: tests hold both down.
func (e *Engine) Counts() (compiled, calls int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.compiled, e.calls
}

// Program returns the program of that name and makes it from build when there is none. The name must say everything
// that build freezes into the graph; what may change between calls has to be an input. build runs in a goroutine of its
// own, for several shapes at once if they are asked for at once; what it panics with is the error of the call.
func (e *Engine) Program(name string, build func(p *Program, inputs []*graph.Node) []*graph.Node) (*Program, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.programs == nil {
		return nil, fmt.Errorf("%s: %w", name, errClosed)
	}
	if p, ok := e.programs[name]; ok {
		return p, nil
	}
	p := &Program{engine: e, name: name, build: build}
	e.programs[name] = p
	return p, nil
}

// turn waits until a device is free and takes it, or returns ctx's error.
func (e *Engine) turn(ctx context.Context, device int) (done func(), err error) {
	lock := e.devices[device]
	select {
	case lock <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	done = func() { <-lock }
	if err := ctx.Err(); err != nil { // both were possible
		done()
		return nil, err
	}
	return done, nil
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
func Free[T interface {
	comparable
	FinalizeAll() error
}](ts ...T) error {
	var none T
	var first error
	for _, t := range ts {
		if t == none {
			continue
		}
		if err := t.FinalizeAll(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
