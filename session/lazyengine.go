package session

import (
	"context"
	"sync"
	"time"

	"smoothlab/engine"
	"smoothlab/language"
	"smoothlab/report"
)

// opening is an engine that is being opened, so that nobody waits for it before it is needed. After a failure, which
// may be one of the network, the next who needs it tries again.
type opening struct {
	ctx  context.Context
	open func(ctx context.Context, progress func(file string, done, total int64)) (*engine.Engine, error)

	mu     sync.Mutex
	ready  chan struct{} // closed when engine and err stand
	engine *engine.Engine
	err    error
	moved  chan struct{} // replaced and closed when progress moves
	now    report.Progress
}

func open(
	ctx context.Context,
	how func(ctx context.Context, progress func(file string, done, total int64)) (*engine.Engine, error),
) *opening {
	o := &opening{ctx: ctx, open: how, moved: make(chan struct{})}
	o.start()
	return o
}

// start opens in the background; o.mu is held, or o is not shared yet.
func (o *opening) start() {
	ready := make(chan struct{})
	o.ready = ready
	go func() {
		e, err := o.open(o.ctx, o.progress)
		o.mu.Lock()
		defer o.mu.Unlock()
		o.engine, o.err = e, err
		close(ready)
	}()
}

func (o *opening) progress(file string, done, total int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = report.Progress{
		ID:     "xla",
		Part:   "downloading " + file,
		Done:   int(done >> 10),
		Total:  int(max(0, total) >> 10),
		Detail: "kB",
	}
	close(o.moved)
	o.moved = make(chan struct{})
}

// get waits for the engine, showing how far a download is.
func (o *opening) get(c *language.Call) (*engine.Engine, error) {
	o.mu.Lock()
	select {
	case <-o.ready:
		if o.err != nil && o.ctx.Err() == nil {
			o.start()
		}
	default:
	}
	ready := o.ready
	o.mu.Unlock()
	for {
		o.mu.Lock()
		moved, now := o.moved, o.now
		o.mu.Unlock()
		select {
		case <-ready:
			o.mu.Lock()
			defer o.mu.Unlock()
			if now.ID != "" {
				now.End = true
				c.Out.Progress(now)
			}
			return o.engine, o.err
		case <-c.Ctx.Done():
			return nil, c.Ctx.Err()
		case <-moved:
			o.mu.Lock()
			now = o.now
			o.mu.Unlock()
			c.Out.Progress(now)
		}
	}
}

// lastCompile is how long closing waits for the engine: it cannot be closed while XLA compiles, and nothing is lost if
// it is not.
const lastCompile = time.Second

// close closes the engine, if that is wanted, once it is open and nothing is compiled; it does not wait long for that.
func (o *opening) close(engine bool) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		o.mu.Lock()
		ready := o.ready
		o.mu.Unlock()
		<-ready
		o.mu.Lock()
		open := o.engine
		o.mu.Unlock()
		if engine && open != nil {
			open.Close()
		}
	}()
	select {
	case <-over:
	case <-time.After(lastCompile):
	}
}

// name is that of the engine, "" as long as it is not open.
func (o *opening) name() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.engine == nil {
		return ""
	}
	return o.engine.String()
}
