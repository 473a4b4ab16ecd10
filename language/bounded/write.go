package bounded

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// writer formats values as Starlark's str does.
type writer struct {
	*pace
	b     strings.Builder
	limit int // bytes
	depth int // of nesting
	open  []starlark.Value
}

var errTooLong = errors.New("too long")

func (g *Guard) writer(p *pace) *writer { return &writer{pace: p, limit: g.Written, depth: g.Depth} }

// str returns the text of a value: a string itself, the repr of any other value.
func (g *Guard) str(p *pace, what string, v starlark.Value) (string, error) {
	switch v := v.(type) {
	case starlark.String:
		return string(v), nil
	case starlark.Bytes:
		return string(v), nil
	}
	return g.repr(p, what, v)
}

// repr formats a value as a literal.
func (g *Guard) repr(p *pace, what string, v starlark.Value) (string, error) {
	w := g.writer(p)
	if err := w.value(v); err != nil {
		return "", g.explain(what, err)
	}
	return w.b.String(), nil
}

// explain converts an error of a writer to a message.
func (g *Guard) explain(what string, err error) error {
	if errors.Is(err, errTooLong) {
		return tooMany(what, g.Written, "bytes of text")
	}
	return err
}

func (w *writer) put(s string) error {
	if w.b.Len()+len(s) > w.limit {
		return errTooLong
	}
	w.b.WriteString(s)
	return w.step(1 + len(s)>>6)
}

func (w *writer) value(v starlark.Value) error {
	switch v := v.(type) {
	case starlark.String:
		if w.b.Len()+len(v) > w.limit {
			return errTooLong
		}
		return w.put(syntax.Quote(string(v), false))
	case *starlark.List, starlark.Tuple, *starlark.Dict, *starlark.Set:
		return w.nested(v)
	}
	return w.put(v.String())
}

// nested writes a container.
func (w *writer) nested(v starlark.Value) error {
	_, fixed := v.(starlark.Tuple) // a tuple cannot contain itself
	if !fixed && slices.Contains(w.open, v) {
		begin, end, _ := brackets(v)
		return w.put(begin + "..." + end)
	}
	if len(w.open) >= w.depth {
		return tooDeep(w.depth)
	}
	w.open = append(w.open, starlark.None)
	defer func() { w.open = w.open[:len(w.open)-1] }()
	if !fixed {
		w.open[len(w.open)-1] = v
	}
	begin, end, n := brackets(v)
	if err := w.put(begin); err != nil {
		return err
	}
	i := 0
	for key, value := range parts(v) {
		if i++; i > 1 {
			if err := w.put(", "); err != nil {
				return err
			}
		}
		if err := w.part(key, value); err != nil {
			return err
		}
	}
	if fixed && n == 1 {
		end = "," + end
	}
	return w.put(end)
}

func (w *writer) part(key, value starlark.Value) error {
	if key != nil {
		if err := w.value(key); err != nil {
			return err
		}
		if err := w.put(": "); err != nil {
			return err
		}
	}
	return w.value(value)
}

func tooDeep(depth int) error {
	return fmt.Errorf("the value is nested more than %d deep, the maximum", depth)
}

// brackets returns the delimiters of a container, and its length.
func brackets(v starlark.Value) (begin, end string, n int) {
	switch v := v.(type) {
	case *starlark.List:
		return "[", "]", v.Len()
	case starlark.Tuple:
		return "(", ")", v.Len()
	case *starlark.Dict:
		return "{", "}", v.Len()
	case *starlark.Set:
		return "set([", "])", v.Len()
	}
	return "", "", 0
}

// parts returns the elements of a container; for a dict, its keys and values.
func parts(v starlark.Value) func(yield func(key, value starlark.Value) bool) {
	return func(yield func(key, value starlark.Value) bool) {
		switch v := v.(type) {
		case *starlark.Dict:
			for key, value := range v.Entries() {
				if !yield(key, value) {
					return
				}
			}
		case starlark.Iterable:
			for item := range starlark.Elements(v) {
				if !yield(nil, item) {
					return
				}
			}
		}
	}
}

// key returns an error for a tuple that is nested too deeply to be hashed.
func (g *Guard) key(p *pace, v starlark.Value) error {
	t, ok := v.(starlark.Tuple)
	if !ok {
		return nil
	}
	return g.keyDepth(p, t, 1)
}

func (g *Guard) keyDepth(p *pace, t starlark.Tuple, depth int) error {
	if depth > g.Depth {
		return fmt.Errorf("a key may be nested at most %d deep; this one is deeper", g.Depth)
	}
	for _, x := range t {
		if err := p.step(1); err != nil {
			return err
		}
		if inner, ok := x.(starlark.Tuple); ok {
			if err := g.keyDepth(p, inner, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
