package bounded

import (
	"context"
	"fmt"

	"smoothlab/internal/humanize"

	"go.starlark.net/starlark"
)

// Bounds limit the size of the values in a session.
type Bounds struct {
	Elements int   // elements of a list or tuple
	Entries  int   // entries of a dict or set
	Text     int   // bytes of a string
	Written  int   // bytes of a value that is printed or converted to a string or JSON
	Digits   int   // decimal digits of a whole number
	Spread   int   // arguments from * in a call
	Depth    int   // nesting of a value that is printed, converted to JSON, or used as a key
	Memory   int64 // bytes of all values of the process together
	Spare    int64 // bytes left to other programs on the machine
}

// Share of the machine's memory that one value may take, with its minimum and maximum.
const (
	valueShare = 32
	minValue   = 64 << 20
	maxValue   = 512 << 20
)

// Bytes per element of a list and per entry of a dict, including the hash table.
const (
	elementBytes = 16
	entryBytes   = 128
)

// For returns the bounds for a machine with the given bytes of memory.
func For(memory int64) Bounds {
	value := int(min(max(memory/valueShare, minValue), maxValue))
	return Bounds{Elements: value / elementBytes, Entries: value / entryBytes, Text: value / 4, Written: value / 8,
		Digits: 100_000, Spread: 100_000, Depth: 200, Memory: memory / 8 * 3, Spare: memory / 20}
}

// Guard enforces bounds on Starlark programs.
type Guard struct {
	Bounds
	originals starlark.StringDict // Starlark's own functions
	methods   map[string]map[string]check
}

// New returns a Guard that enforces the given bounds.
func New(b Bounds) *Guard { return &Guard{Bounds: b, originals: starlark.Universe, methods: methods()} }

const contextKey = "context"

// Attach makes the functions called by a thread return when ctx ends.
func Attach(thread *starlark.Thread, ctx context.Context) { thread.SetLocal(contextKey, ctx) }

// pace checks for interrupts in long operations.
type pace struct {
	ctx  context.Context
	done int // work since the last check of ctx
}

// between is the amount of work between two checks of the context.
const between = 4096

// paced returns the pace of a running thread.
func paced(thread *starlark.Thread) *pace {
	if ctx, ok := thread.Local(contextKey).(context.Context); ok {
		return &pace{ctx: ctx}
	}
	return &pace{ctx: context.Background()}
}

// step counts a piece of work, and returns the context's error once the context has ended.
func (p *pace) step(work int) error {
	if p.done += work; p.done < between {
		return nil
	}
	p.done = 0
	return p.ctx.Err()
}

// tooMany returns the error for a value that would exceed a bound.
func tooMany(what string, bound int, parts string) error {
	return fmt.Errorf(
		"%s would have more than %s %s, which is the bound on this machine",
		what,
		humanize.Grouped(bound),
		parts,
	)
}

// elements returns an error if n elements exceed the bound, before their memory is allocated.
func (g *Guard) elements(what string, n int) error {
	if n > g.Elements {
		return tooMany(what, g.Elements, "elements")
	}
	return g.room(n * elementBytes)
}

// text returns an error if a string of n bytes exceeds the bound.
func (g *Guard) text(what string, n int) error {
	if n > g.Text {
		return tooMany(what, g.Text, "bytes of text")
	}
	return g.room(n)
}

// entries returns an error if a dict or set of n entries exceeds the bound.
func (g *Guard) entries(what string, n int) error {
	if n > g.Entries {
		return tooMany(what, g.Entries, "entries")
	}
	return g.room(n * entryBytes)
}
