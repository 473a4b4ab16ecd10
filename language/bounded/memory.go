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

// small is what is taken without a look at how much is in use.
const small = 64 << 10

// large is what is taken only after a look at what the machine has left.
const large = 1 << 20

// heapMetric counts the bytes of the values of the process, and of those not yet collected.
const heapMetric = "/memory/classes/heap/objects:bytes"

func inUse() int64 {
	sample := []metrics.Sample{{Name: heapMetric}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// room says why so many bytes more cannot be taken.
func (g *Guard) room(n int) error {
	if n < small {
		return nil
	}
	if inUse()+int64(n) > g.Memory {
		runtime.GC() // what is not needed any more does not count
		if used := inUse(); used+int64(n) > g.Memory {
			return fmt.Errorf(
				"out of memory: %s more, beside the %s that the session has, is over its bound of %s; set what is not needed to None",
				megabytes(int64(n)),
				megabytes(used),
				megabytes(g.Memory),
			)
		}
	}
	if n >= large && memory.Available() < int64(n)+g.Spare {
		return fmt.Errorf(
			"out of memory: the machine has no %s to spare; set what is not needed to None",
			megabytes(int64(n)),
		)
	}
	return nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(max(n, large))/1e6) }

// steps is how many instructions a loop runs between two looks at the memory.
const steps = 50_000

// Watch stops a thread whose loops take too much memory, and lets ctx interrupt what it calls. The function that it
// returns tells why the thread was stopped, nil if it was not.
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
