package bounded

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync/atomic"

	"smoothlab/internal/memory"

	"go.starlark.net/starlark"
)

// small is the size up to which an allocation needs no check of the memory in use.
const small = 64 << 10

// large is the size from which an allocation also needs a check of the machine's free memory.
const large = 1 << 20

// heapMetric counts the bytes of live values of the process, and of those not yet collected.
const heapMetric = "/memory/classes/heap/objects:bytes"

func inUse() int64 {
	sample := []metrics.Sample{{Name: heapMetric}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// room returns an error if n more bytes exceed the bounds.
func (g *Guard) room(n int) error {
	if n < small {
		return nil
	}
	if inUse()+int64(n) > g.Memory {
		runtime.GC() // garbage does not count
		if used := inUse(); used+int64(n) > g.Memory {
			return fmt.Errorf(
				"out of memory: %s more, in addition to the session's %s, would exceed its bound of %s; set variables that are not needed to None",
				megabytes(int64(n)),
				megabytes(used),
				megabytes(g.Memory),
			)
		}
	}
	if n >= large && memory.Available() < int64(n)+g.Spare {
		return fmt.Errorf(
			"out of memory: the machine does not have %s to spare; set variables that are not needed to None",
			megabytes(int64(n)),
		)
	}
	return nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(max(n, large))/1e6) }

// steps is the number of instructions between two checks of the memory.
const steps = 50_000

// Watch stops a thread whose loops take too much memory, and lets ctx interrupt the functions it calls. The returned
// function gives the reason if the thread was stopped, else nil.
func (g *Guard) Watch(ctx context.Context, thread *starlark.Thread) (refused func() error) {
	Attach(thread, ctx)
	var why atomic.Pointer[error]
	thread.OnMaxSteps = func(t *starlark.Thread) {
		t.SetMaxExecutionSteps(t.Steps + steps)
		if err := g.room(large); err != nil {
			why.Store(&err)
			t.Cancel(err.Error())
		}
	}
	thread.SetMaxExecutionSteps(steps)
	return func() error {
		if err := why.Load(); err != nil {
			return *err
		}
		return nil
	}
}
