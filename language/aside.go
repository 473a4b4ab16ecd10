package language

import (
	"fmt"
	"sync"
	"time"

	"smoothlab/report"

	"go.starlark.net/starlark"
)

// interruptTimeout is how long an interrupted function may take to return before the evaluation ends without it. The
// prompt should be back within two seconds.
const interruptTimeout = 1200 * time.Millisecond

// abandoned holds the functions that are still running after an interrupt, for instance in an XLA step that cannot be
// interrupted.
type abandoned struct {
	mu   sync.Mutex
	list []behind
}

type behind struct {
	name string
	over chan struct{}
}

// runAside runs a function of the session in its own goroutine. If the function does not return soon after an
// interrupt, runAside returns without it and its result is dropped.
func (c *Call) runAside(name string, run func() (starlark.Value, error)) (v starlark.Value, err error) {
	if c.abandoned == nil {
		return run()
	}
	if err := c.abandoned.wait(c); err != nil {
		return nil, err
	}
	over := make(chan struct{})
	var result starlark.Value
	var failure error
	var fault any
	go func() {
		defer close(over)
		defer func() { fault = recover() }()
		result, failure = run()
	}()
	select {
	case <-over:
	case <-c.Ctx.Done():
		select {
		case <-over:
		case <-time.After(interruptTimeout):
			c.abandoned.add(behind{name, over})
			c.gate.close()
			return nil, &report.Error{
				Name:    report.Interrupted,
				Message: name + " is in a step that cannot be interrupted: it ends in the background, and its result is dropped",
			}
		}
	}
	if fault != nil {
		panic(fault)
	}
	return result, failure
}

func (l *abandoned) add(b behind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, b)
}

// next returns an abandoned function that is still running.
func (l *abandoned) next() (behind, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.list) > 0 {
		select {
		case <-l.list[0].over:
			l.list = l.list[1:]
		default:
			return l.list[0], true
		}
	}
	return behind{}, false
}

// announceAfter is how long a function waits for an abandoned one before it prints a message.
const announceAfter = 300 * time.Millisecond

// wait waits until all abandoned functions have returned, because functions of a session do not run concurrently.
func (l *abandoned) wait(c *Call) error {
	for {
		b, found := l.next()
		if !found {
			return nil
		}
		select {
		case <-b.over:
			continue
		case <-c.Ctx.Done():
			return c.Ctx.Err()
		case <-time.After(announceAfter):
			c.Out.Print(fmt.Sprintf("waiting for the last step of %s, which was interrupted\n", b.name))
		}
		select {
		case <-b.over:
		case <-c.Ctx.Done():
			return c.Ctx.Err()
		}
	}
}

// gate forwards an evaluation's output until it is closed.
type gate struct {
	mu     sync.Mutex
	out    report.Output
	closed bool
}

// Unwrap gives [report.Find] the optional interfaces of the output.
func (g *gate) Unwrap() report.Output { return g.out }

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}

func (g *gate) pass(show func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		show()
	}
}

func (g *gate) Print(text string)          { g.pass(func() { g.out.Print(text) }) }
func (g *gate) Show(r report.Report)       { g.pass(func() { g.out.Show(r) }) }
func (g *gate) Progress(p report.Progress) { g.pass(func() { g.out.Progress(p) }) }
