package bounded

import (
	"fmt"
	"slices"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

func (g *Guard) all(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	found, err := first(thread, b, args, kwargs, false)
	return starlark.Bool(!found), err
}

func (g *Guard) any(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	found, err := first(thread, b, args, kwargs, true)
	return starlark.Bool(found), err
}

// first searches for a true or a false element.
func first(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
	truth starlark.Bool,
) (bool, error) {
	var from starlark.Iterable
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 1, &from); err != nil {
		return false, err
	}
	p := paced(thread)
	for v := range starlark.Elements(from) {
		if v.Truth() == truth {
			return true, nil
		}
		if err := p.step(1); err != nil {
			return false, err
		}
	}
	return false, nil
}

// extreme implements max and min. Of equal elements it returns the first.
func (g *Guard) extreme(op syntax.Token) function {
	return func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple,
		kwargs []starlark.Tuple) (starlark.Value, error) {
		if len(args) == 0 {
			return nil, fmt.Errorf("%s requires at least one positional argument", b.Name())
		}
		var key starlark.Callable
		if err := starlark.UnpackArgs(b.Name(), nil, kwargs, "key?", &key); err != nil {
			return nil, err
		}
		var of starlark.Value = args
		if len(args) == 1 {
			of = args[0]
		}
		from, ok := of.(starlark.Iterable)
		if !ok {
			return nil, fmt.Errorf("%s: %s value is not iterable", b.Name(), of.Type())
		}
		var best, bestKey starlark.Value
		p := paced(thread)
		for v := range starlark.Elements(from) {
			if err := p.step(1); err != nil {
				return nil, err
			}
			k, err := keyOf(thread, key, v)
			if err != nil {
				return nil, err
			}
			better := best == nil
			if !better {
				if better, err = p.compare(op, k, bestKey); err != nil {
					return nil, fmt.Errorf("%s: %w", b.Name(), err)
				}
			}
			if better {
				best, bestKey = v, k
			}
		}
		if best == nil {
			return nil, fmt.Errorf("%s: argument is an empty sequence", b.Name())
		}
		return best, nil
	}
}

// keyOf returns the sort key of an element.
func keyOf(thread *starlark.Thread, key starlark.Callable, v starlark.Value) (starlark.Value, error) {
	if key == nil {
		return v, nil
	}
	return starlark.Call(thread, key, starlark.Tuple{v}, nil)
}

func (g *Guard) sorted(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	var from starlark.Iterable
	var key starlark.Callable
	var reverse bool
	if err := starlark.UnpackArgs(
		b.Name(),
		args,
		kwargs,
		"iterable",
		&from,
		"key?",
		&key,
		"reverse?",
		&reverse,
	); err != nil {
		return nil, err
	}
	p := paced(thread)
	values, err := g.items(p, b.Name(), from, g.Elements/4, "elements")
	if err != nil {
		return nil, err
	}
	if err := g.room(len(values) * 4 * elementBytes); err != nil {
		return nil, err
	}
	list := make([]keyed, len(values))
	for i, v := range values {
		k, err := keyOf(thread, key, v)
		if err != nil {
			return nil, err
		}
		list[i] = keyed{k, v}
	}
	op := syntax.LT
	if reverse {
		op = syntax.GT
	}
	if list, err = p.mergeSort(list, op); err != nil {
		return nil, err
	}
	for i, x := range list {
		values[i] = x.value
	}
	return starlark.NewList(values), nil
}

// keyed is a value with its sort key.
type keyed struct{ key, value starlark.Value }

// mergeSort sorts stably. The standard library's sorts cannot be interrupted.
func (p *pace) mergeSort(list []keyed, op syntax.Token) ([]keyed, error) {
	from, to := list, slices.Clone(list)
	for width := 1; width < len(list); width *= 2 {
		for low := 0; low < len(list); low += 2 * width {
			middle, high := min(low+width, len(list)), min(low+2*width, len(list))
			if err := p.merge(to[low:high], from[low:middle], from[middle:high], op); err != nil {
				return nil, err
			}
		}
		from, to = to, from
	}
	return from, nil
}

// merge merges two sorted parts. Of equal elements, the one from a comes first.
func (p *pace) merge(to, a, b []keyed, op syntax.Token) error {
	for i := range to {
		if err := p.step(1); err != nil {
			return err
		}
		takeB := len(a) == 0
		if len(a) > 0 && len(b) > 0 {
			var err error
			if takeB, err = p.compare(op, b[0].key, a[0].key); err != nil {
				return err
			}
		}
		if takeB {
			to[i], b = b[0], b[1:]
		} else {
			to[i], a = a[0], a[1:]
		}
	}
	return nil
}
