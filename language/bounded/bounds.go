package bounded

import (
	"context"
	"fmt"

	"smoothlab/internal/humanize"

	"go.starlark.net/starlark"
)

// Bounds are the largest values that a session makes.
type Bounds struct {
	Elements int   // elements of a list or tuple
	Entries  int   // entries of a dict or set
	Text     int   // bytes of a string
	Written  int   // bytes of a value that is printed, made a string, or made JSON
	Digits   int   // decimal digits of a whole number
	Spread   int   // arguments that * spreads in a call
	Depth    int   // lists, tuples, dicts within each other, where they are printed, made JSON, or are a key
	Memory   int64 // bytes of all values of the process together
	Spare    int64 // bytes that are left to the machine's other programs
}

// The share of the machine's memory that one value may take, and what it is at least and at most.
const (
	valueShare = 32
	minValue   = 64 << 20
	maxValue   = 512 << 20
)

// Bytes that an element of a list and an entry of a dict take; the latter includes its part of the hash table.
const (
	elementBytes = 16
	entryBytes   = 128
)

// For returns the bounds for a machine with so many bytes of memory.
func For(memory int64) Bounds {
	value := int(min(max(memory/valueShare, minValue), maxValue))
	return Bounds{Elements: value / elementBytes, Entries: value / entryBytes, Text: value / 4, Written: value / 8,
		Digits: 100_000, Spread: 100_000, Depth: 200, Memory: memory / 8 * 3, Spare: memory / 20}
}

// Guard makes Starlark keep within bounds.
type Guard struct {
	Bounds
	originals starlark.StringDict // Starlark's own functions
	methods   map[string]map[string]check
}

// New returns a Guard that keeps within bounds.
func New(b Bounds) *Guard { return &Guard{Bounds: b, originals: starlark.Universe, methods: methods()} }

const contextKey = "context"

// Attach lets the functions that a thread calls be interrupted by ctx.
func Attach(thread *starlark.Thread, ctx context.Context) { thread.SetLocal(contextKey, ctx) }

// pace is asked for leave to go on by everything that takes long.
type pace struct {
	ctx  context.Context
	done int // since ctx was looked at
}

// between is how much work is done between two looks at the context.
const between = 4096

// paced returns the pace of a running thread.
func paced(thread *starlark.Thread) *pace {
	if ctx, ok := thread.Local(contextKey).(context.Context); ok {
		return &pace{ctx: ctx}
	}
	return &pace{ctx: context.Background()}
}

// step notes a piece of work, and returns the context's error once that has ended.
func (p *pace) step(work int) error {
	if p.done += work; p.done < between {
		return nil
	}
	p.done = 0
	return p.ctx.Err()
}

// tooMany says that something would have more parts than it may.
func tooMany(what string, bound int, parts string) error {
	return fmt.Errorf(
		"%s would have more than %s %s, which is the bound on this machine",
		what,
		humanize.Grouped(bound),
		parts,
	)
}

// elements refuses so many elements, before the memory for them is taken.
func (g *Guard) elements(what string, n int) error {
	if n > g.Elements {
		return tooMany(what, g.Elements, "elements")
	}
	return g.room(n * elementBytes)
}

// text refuses a string of so many bytes.
func (g *Guard) text(what string, n int) error {
	if n > g.Text {
		return tooMany(what, g.Text, "bytes of text")
	}
	return g.room(n)
}

// entries refuses a dict or set of so many entries.
func (g *Guard) entries(what string, n int) error {
	if n > g.Entries {
		return tooMany(what, g.Entries, "entries")
	}
	return g.room(n * entryBytes)
}
