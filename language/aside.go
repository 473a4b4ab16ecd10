package language

import (
	"fmt"
	"sync"
	"time"

	"smoothlab/report"

	"go.starlark.net/starlark"
)

// patience is how long an interrupted function may take to end before the evaluation ends without it. A person is to
// have the prompt again within two seconds.
const patience = 1200 * time.Millisecond

// left are the functions that an interrupt has left behind: in a step of XLA, for instance, which cannot be cut short.
type left struct {
	mu   sync.Mutex
	list []behind
}

type behind struct {
	name string
	over chan struct{}
}

// aside runs a function of the session. Where an interrupt does not end it soon, its result is dropped, and it is left
// to end by itself.
func (c *Call) aside(name string, run func() (starlark.Value, error)) (v starlark.Value, err error) {
	if c.left == nil {
		return run()
	}
	if err := c.left.wait(c); err != nil {
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
		case <-time.After(patience):
			c.left.add(behind{name, over})
			c.gate.close()
			return nil, &report.Error{
				Name:    report.Interrupted,
				Message: name + " is in a step that cannot be cut short: it ends in the background, and its result is dropped",
			}
		}
	}
	if fault != nil {
		panic(fault)
	}
	return result, failure
}

func (l *left) add(b behind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, b)
}

// next is a function that was left behind and has not ended.
func (l *left) next() (behind, bool) {
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

// announced is how long a function waits for one that was left behind before it says so.
const announced = 300 * time.Millisecond

// wait waits until what was left behind has ended: functions of a session do not run beside one another.
func (l *left) wait(c *Call) error {
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
		case <-time.After(announced):
			c.Out.Print(fmt.Sprintf("waiting for the last step of %s, which was interrupted\n", b.name))
		}
		select {
		case <-b.over:
		case <-c.Ctx.Done():
			return c.Ctx.Err()
		}
	}
}

// gate passes an evaluation's output on until it is closed.
type gate struct {
	mu     sync.Mutex
	out    report.Output
	closed bool
}

// gated returns an output that can be closed, and that can ask and clear if out can.
func gated(out report.Output) (*gate, report.Output) {
	g := &gate{out: out}
	asker, asks := out.(report.Asker)
	clearer, clears := out.(report.Clearer)
	switch {
	case asks && clears:
		return g, struct {
			*gate
			report.Asker
			report.Clearer
		}{g, asker, clearer}
	case asks:
		return g, struct {
			*gate
			report.Asker
		}{g, asker}
	case clears:
		return g, struct {
			*gate
			report.Clearer
		}{g, clearer}
	}
	return g, g
}

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
