package session

import (
	"context"
	"sync"
	"time"

	"smoothlab/engine"
	"smoothlab/language"
	"smoothlab/report"
)

// lazyEngine opens an engine in the background, so that only calls that need it wait. After a failure, which may be a
// network error, the next caller retries.
type lazyEngine struct {
	ctx  context.Context
	open func(ctx context.Context, progress func(file string, done, total int64)) (*engine.Engine, error)

	mu         sync.Mutex
	ready      chan struct{} // closed when engine and err are set
	engine     *engine.Engine
	err        error
	progressCh chan struct{} // closed and replaced at each report of progress
	now        report.Progress
}

func open(
	ctx context.Context,
	how func(ctx context.Context, progress func(file string, done, total int64)) (*engine.Engine, error),
) *lazyEngine {
	o := &lazyEngine{ctx: ctx, open: how, progressCh: make(chan struct{})}
	o.start()
	return o
}

// start opens the engine in the background. The caller holds o.mu, or o is not shared yet.
func (o *lazyEngine) start() {
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

func (o *lazyEngine) progress(file string, done, total int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = downloading("xla", file, done, total)
	close(o.progressCh)
	o.progressCh = make(chan struct{})
}

// downloading is the progress of a file for an engine, in bytes; total is −1 if unknown.
func downloading(id, file string, done, total int64) report.Progress {
	return report.Progress{
		ID:     id,
		Part:   "downloading " + file,
		Done:   int(done >> 10),
		Total:  int(max(0, total) >> 10),
		Detail: "kB",
	}
}

// get waits for the engine and shows the progress of a download.
func (o *lazyEngine) get(c *language.Call) (*engine.Engine, error) {
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
		moved, now := o.progressCh, o.now
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

// lastCompile is how long close waits for the engine. It cannot be closed while XLA compiles, and nothing is lost if it
// stays open.
const lastCompile = time.Second

// close waits at most lastCompile for the engine to open and finish compiling, and closes it if engine is set.
func (o *lazyEngine) close(engine bool) {
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

// name returns the name of the engine, or "" before it is open.
func (o *lazyEngine) name() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.engine == nil {
		return ""
	}
	return o.engine.String()
}
