package bounded

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Names returns the functions that replace Starlark's own, and the functions that Rewrite calls, whose names cannot be
// typed.
func (g *Guard) Names() starlark.StringDict {
	names := starlark.StringDict{"json": g.json()}
	for name, f := range g.operators() {
		names[name] = starlark.NewBuiltin(name, f)
	}
	for name, f := range map[string]function{
		"all": g.all, "any": g.any, "bytes": g.collected(0), "dict": g.dict, "enumerate": g.enumerate, "fail": g.fail,
		"getattr": g.getattr, "int": g.int,
		"list": g.list, "max": g.extreme(syntax.GT), "min": g.extreme(syntax.LT), "print": g.print,
		"repr": g.strFunction, "reversed": g.collected(0),
		"set": g.set, "sorted": g.sorted, "str": g.strFunction, "tuple": g.tuple, "zip": g.zip,
	} {
		names[name] = starlark.NewBuiltin(name, f)
	}
	return names
}

// original calls Starlark's function of the same name.
func (g *Guard) original(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	return g.originals[b.Name()].(*starlark.Builtin).CallInternal(thread, args, kwargs)
}

// collect copies the elements of an iterable within bounds. Values that are already bounded are returned as they are.
func (g *Guard) collect(p *pace, what string, from starlark.Iterable, bound int, parts string) (starlark.Value, error) {
	n := starlark.Len(from)
	if n > bound {
		return nil, tooMany(what, bound, parts)
	}
	switch from.(type) {
	case *starlark.List, starlark.Tuple, *starlark.Dict, *starlark.Set:
		return from, nil
	}
	items, err := g.items(p, what, from, bound, parts)
	return starlark.Tuple(items), err
}

// items returns the elements of an iterable in a new slice.
func (g *Guard) items(p *pace, what string, from starlark.Iterable, bound int, parts string) ([]starlark.Value, error) {
	n := max(starlark.Len(from), 0)
	if n > bound {
		return nil, tooMany(what, bound, parts)
	}
	if err := g.room(n * elementBytes); err != nil {
		return nil, err
	}
	list := make([]starlark.Value, 0, n)
	for v := range starlark.Elements(from) {
		if len(list) >= bound {
			return nil, tooMany(what, bound, parts)
		}
		if err := p.step(1); err != nil {
			return nil, err
		}
		if len(list)%(between*16) == 0 {
			if err := g.room(small); err != nil {
				return nil, err
			}
		}
		list = append(list, v)
	}
	return list, nil
}

// collected wraps Starlark's function to copy argument number n within bounds first.
func (g *Guard) collected(at int) function {
	return func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple,
		kwargs []starlark.Tuple) (starlark.Value, error) {
		if len(args) > at {
			if from, ok := args[at].(starlark.Iterable); ok {
				v, err := g.collect(paced(thread), b.Name(), from, g.Elements, "elements")
				if err != nil {
					return nil, err
				}
				args[at] = v
			}
		}
		return g.original(thread, b, args, kwargs)
	}
}

func (g *Guard) list(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	var from starlark.Iterable
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 0, &from); err != nil || from == nil {
		return starlark.NewList(nil), err
	}
	items, err := g.items(paced(thread), b.Name(), from, g.Elements, "elements")
	return starlark.NewList(items), err
}

func (g *Guard) tuple(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	var from starlark.Iterable
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 0, &from); err != nil || from == nil {
		return starlark.Tuple(nil), err
	}
	items, err := g.items(paced(thread), b.Name(), from, g.Elements, "elements")
	return starlark.Tuple(items), err
}

func (g *Guard) set(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	var from starlark.Iterable
	set := new(starlark.Set)
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 0, &from); err != nil || from == nil {
		return set, err
	}
	p := paced(thread)
	for v := range starlark.Elements(from) {
		if err := p.step(4); err != nil {
			return nil, err
		}
		if err := g.key(p, v); err != nil {
			return nil, err
		}
		if err := set.Insert(v); err != nil {
			return nil, fmt.Errorf("set: %w", err)
		}
		if err := g.grown("set", set.Len()); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// grown returns an error if a dict or set exceeds the bound. It checks the memory from time to time.
func (g *Guard) grown(what string, n int) error {
	if n > g.Entries {
		return tooMany(what, g.Entries, "entries")
	}
	if n%(1<<14) == 0 {
		return g.room(small)
	}
	return nil
}

func (g *Guard) dict(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	if len(args) == 1 {
		from, err := g.pairs(paced(thread), b.Name(), args[0])
		if err != nil {
			return nil, err
		}
		args = starlark.Tuple{from}
	}
	return g.original(thread, b, args, kwargs)
}

// pairs returns the entries to build a dict from, within bounds: another dict, or pairs of a key and a value.
func (g *Guard) pairs(p *pace, what string, v starlark.Value) (starlark.Value, error) {
	from, ok := v.(starlark.Iterable)
	if !ok {
		return v, nil
	}
	items, err := g.collect(p, what, from, g.Entries, "entries")
	if err != nil {
		return nil, err
	}
	if err := g.room(max(starlark.Len(items), 0) * entryBytes); err != nil {
		return nil, err
	}
	if _, isMapping := items.(starlark.IterableMapping); isMapping {
		return items, nil
	}
	for item := range starlark.Elements(items.(starlark.Iterable)) {
		if pair, ok := item.(starlark.Indexable); ok && pair.Len() == 2 {
			if err := g.key(p, pair.Index(0)); err != nil {
				return nil, err
			}
		}
	}
	return items, nil
}

func (g *Guard) enumerate(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	if err := g.rows(thread, b.Name(), args[:min(1, len(args))], 2); err != nil {
		return nil, err
	}
	return g.original(thread, b, args, kwargs)
}

func (g *Guard) zip(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	if err := g.rows(thread, b.Name(), args, len(args)); err != nil {
		return nil, err
	}
	return g.original(thread, b, args, kwargs)
}

// rows returns an error if a list with one tuple per element of the shortest iterable exceeds the bound. Iterables of
// unknown length are copied.
func (g *Guard) rows(thread *starlark.Thread, what string, args starlark.Tuple, columns int) error {
	rows := -1
	for i, v := range args {
		from, ok := v.(starlark.Iterable)
		if !ok {
			return nil // Starlark returns its own error
		}
		if starlark.Len(from) < 0 {
			copied, err := g.collect(paced(thread), what, from, g.Elements, "elements")
			if err != nil {
				return err
			}
			args[i], v = copied, copied
		}
		if n := starlark.Len(v); rows < 0 || n < rows {
			rows = n
		}
	}
	if each := columns + 3; rows > g.Elements/each {
		return tooMany(what, g.Elements/each, "elements")
	} else if rows > 0 {
		return g.room(rows * each * elementBytes)
	}
	return nil
}

// int returns an error for texts that take long to convert.
func (g *Guard) int(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	if len(args) > 0 {
		if s, ok := args[0].(starlark.String); ok && len(strings.TrimSpace(string(s))) > g.Digits {
			return nil, tooMany("int", g.Digits, "digits")
		}
	}
	return g.original(thread, b, args, kwargs)
}
