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
	devices []chan struct{} // one per device, full while a call runs there; channels, so that waiting can be cancelled

	addresses    bool    // see KeepAddresses
	memory       float64 // bytes that a program may take; 0 if unknown
	closing      sync.Once
	compilations sync.WaitGroup

	mu        sync.Mutex
	programs  map[string]*Program // nil after Close
	compiled  int
	calls     int
	transfers Transfers
}

// New returns an engine for an open backend.
func New(b compute.Backend) *Engine {
	e := &Engine{backend: b, programs: map[string]*Program{}}
	for range max(1, b.NumDevices()) {
		e.devices = append(e.devices, make(chan struct{}, 1))
	}
	return e
}

// Backend returns the backend that tensors are uploaded to.
func (e *Engine) Backend() compute.Backend { return e.backend }

// String returns the name of the backend, such as "xla:cpu, PJRT API 0.115".
func (e *Engine) String() string {
	return fmt.Sprintf("%s:%s, PJRT API %s%s", e.backend.Name(), e.plugin.Device, e.plugin.API, e.plugin.Warning())
}

// Close waits for the compilations and the call in progress and frees the programs and the backend; tensors must have
// been finalized before.
func (e *Engine) Close() {
	e.closing.Do(func() {
		e.mu.Lock()
		programs := e.programs
		e.programs = nil // from now on nothing is compiled or called
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

// Devices returns the number of devices of [Program.CallOn]; they are numbered from 0.
func (e *Engine) Devices() int { return len(e.devices) }

// ParallelDevices returns the number of devices that compute in parallel. The devices of a CPU share its cores: two
// calls take as long in parallel as in sequence, and would slow down a training in between. So for a CPU it is 1. Votes
// use all these devices; training uses them unless Job.Devices sets another number.
func (e *Engine) ParallelDevices() int {
	if e.plugin.Device == pjrt.CPU {
		return 1
	}
	return len(e.devices)
}

// Counts returns the number of compiled graphs and of calls; tests bound both.
func (e *Engine) Counts() (compiled, calls int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.compiled, e.calls
}

// Program returns the program of that name, or makes it from build. The name must contain everything that build makes a
// constant of the graph; values that may change between calls must be inputs. build runs in its own goroutine, perhaps
// for several shapes at once. If it panics, the call returns the panic value as an error.
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

// acquire waits until a device is free and acquires it, or returns ctx's error.
func (e *Engine) acquire(ctx context.Context, device int) (done func(), err error) {
	lock := e.devices[device]
	select {
	case lock <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	done = func() { <-lock }
	if err := ctx.Err(); err != nil { // both cases of the select may have been ready
		done()
		return nil, err
	}
	return done, nil
}

// count counts a call, or returns an error if the engine is closed.
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
