package bounded

import (
	"fmt"
	"math"
	"strings"

	"smoothlab/internal/suggest"

	"go.starlark.net/starlark"
)

// check checks the arguments of a method before Starlark's own is called. It may change them.
type check func(g *Guard, p *pace, recv starlark.Value, args starlark.Tuple) error

// methods lists the methods of Starlark's types that may take much time or memory, with their checks.
func methods() map[string]map[string]check {
	return map[string]map[string]check{
		"string": {
			"join":       checkJoin,
			"replace":    checkReplace,
			"split":      checkSplit,
			"rsplit":     checkSplit,
			"splitlines": checkLines,
		},
		"list": {"extend": checkExtend, "index": checkFind, "remove": checkFind},
		"dict": {"get": checkKey, "pop": checkKey, "setdefault": checkKey, "update": checkUpdate},
		"set": {
			"add":                  checkKey,
			"discard":              checkKey,
			"remove":               checkKey,
			"update":               checkSets,
			"union":                checkSets,
			"difference":           checkSets,
			"intersection":         checkSets,
			"issubset":             checkSets,
			"issuperset":           checkSets,
			"symmetric_difference": checkSets,
		},
	}
}

// guardedMethod reports whether any type has a guarded method of this name.
func (g *Guard) guardedMethod(name string) bool {
	for _, of := range g.methods {
		if of[name] != nil {
			return true
		}
	}
	return name == "format"
}

// attribute evaluates x.name for the name of a guarded method.
func (g *Guard) attribute(
	_ *starlark.Thread,
	_ *starlark.Builtin,
	args starlark.Tuple,
	_ []starlark.Tuple,
) (starlark.Value, error) {
	return g.method(args[0], string(args[1].(starlark.String)))
}

func (g *Guard) getattr(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	v, err := g.original(thread, b, args, kwargs)
	if method, ok := v.(*starlark.Builtin); ok && err == nil && method.Receiver() != nil &&
		method.Receiver() == args[0] {
		return g.method(args[0], method.Name())
	}
	return v, err
}

// method evaluates x.name, with a guard if one is needed.
func (g *Guard) method(x starlark.Value, name string) (starlark.Value, error) {
	has, ok := x.(starlark.HasAttrs)
	if !ok {
		return nil, fmt.Errorf("%s has no .%s field or method", x.Type(), name)
	}
	v, err := has.Attr(name)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, noAttribute(has, name)
	}
	own, ok := v.(*starlark.Builtin)
	if !ok {
		return v, nil
	}
	before := g.methods[x.Type()][name]
	if x.Type() == "string" && name == "format" {
		return starlark.NewBuiltin(name, g.formatMethod(own)).BindReceiver(x), nil
	}
	if before == nil {
		return v, nil
	}
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple,
			kwargs []starlark.Tuple) (starlark.Value, error) {
			if err := before(g, paced(thread), b.Receiver(), args); err != nil {
				return nil, err
			}
			return own.CallInternal(thread, args, kwargs)
		}).
			BindReceiver(x),
		nil
}

func noAttribute(x starlark.HasAttrs, name string) error {
	err := fmt.Errorf("%s has no .%s field or method", x.Type(), name)
	if guess := suggest.Of(name, x.AttrNames()); guess != "" {
		return fmt.Errorf("%w (did you mean .%s?)", err, guess)
	}
	return err
}

func (g *Guard) formatMethod(own *starlark.Builtin) function {
	return func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple,
		kwargs []starlark.Tuple) (starlark.Value, error) {
		args, kwargs, err := g.format(paced(thread), string(b.Receiver().(starlark.String)), args, kwargs)
		if err != nil {
			return nil, err
		}
		return own.CallInternal(thread, args, kwargs)
	}
}

func checkKey(g *Guard, p *pace, _ starlark.Value, args starlark.Tuple) error {
	if len(args) == 0 {
		return nil
	}
	return g.key(p, args[0])
}

func checkUpdate(g *Guard, p *pace, recv starlark.Value, args starlark.Tuple) error {
	if len(args) != 1 {
		return nil
	}
	from, err := g.pairs(p, "update", args[0])
	if err != nil {
		return err
	}
	args[0] = from
	return g.entries("update", starlark.Len(recv)+max(starlark.Len(from), 0))
}

func checkSets(g *Guard, p *pace, recv starlark.Value, args starlark.Tuple) error {
	total := starlark.Len(recv)
	for i, v := range args {
		from, ok := v.(starlark.Iterable)
		if !ok {
			continue
		}
		items, err := g.collect(p, "the set", from, g.Entries, "entries")
		if err != nil {
			return err
		}
		for item := range starlark.Elements(items.(starlark.Iterable)) {
			if err := g.key(p, item); err != nil {
				return err
			}
		}
		args[i] = items
		total += starlark.Len(items)
	}
	return g.entries("the set", total)
}

func checkExtend(g *Guard, p *pace, recv starlark.Value, args starlark.Tuple) error {
	if len(args) != 1 {
		return nil
	}
	from, ok := args[0].(starlark.Iterable)
	if !ok {
		return nil
	}
	items, err := g.collect(p, "extend", from, g.Elements, "elements")
	if err != nil {
		return err
	}
	args[0] = items
	return g.elements("extend", starlark.Len(recv)+starlark.Len(items))
}

// checkFind searches for the value with interrupts. Starlark's own search then takes as long.
func checkFind(_ *Guard, p *pace, recv starlark.Value, args starlark.Tuple) error {
	if len(args) == 0 {
		return nil
	}
	_, err := p.find(recv.(*starlark.List), args[0])
	return err
}

func checkJoin(g *Guard, p *pace, recv starlark.Value, args starlark.Tuple) error {
	if len(args) != 1 {
		return nil
	}
	from, ok := args[0].(starlark.Iterable)
	if !ok {
		return nil
	}
	items, err := g.collect(p, "join", from, g.Elements, "elements")
	if err != nil {
		return err
	}
	args[0] = items
	total := len(recv.(starlark.String)) * max(starlark.Len(items)-1, 0)
	for item := range starlark.Elements(items.(starlark.Iterable)) {
		if total += max(starlark.Len(item), 0); total > g.Text {
			break
		}
	}
	return g.text("join", total)
}

func checkReplace(g *Guard, _ *pace, recv starlark.Value, args starlark.Tuple) error {
	if len(args) < 2 {
		return nil
	}
	from, isOld := starlark.AsString(args[0])
	to, isNew := starlark.AsString(args[1])
	if !isOld || !isNew {
		return nil
	}
	s := string(recv.(starlark.String))
	times := strings.Count(s, from)
	if len(args) > 2 {
		if n, err := starlark.AsInt32(args[2]); err == nil && n >= 0 {
			times = min(times, n)
		}
	}
	grown := float64(len(s)) + float64(times)*float64(len(to)-len(from))
	return g.text("replace", int(math.Min(grown, math.MaxInt32)))
}

func checkSplit(g *Guard, _ *pace, recv starlark.Value, args starlark.Tuple) error {
	s := string(recv.(starlark.String))
	if len(args) > 0 {
		if sep, ok := starlark.AsString(args[0]); ok && sep != "" {
			return g.elements("split", strings.Count(s, sep)+1)
		}
	}
	return g.elements("split", strings.Count(s, " ")+strings.Count(s, "\n")+strings.Count(s, "\t")+1)
}

func checkLines(g *Guard, _ *pace, recv starlark.Value, _ starlark.Tuple) error {
	return g.elements("splitlines", strings.Count(string(recv.(starlark.String)), "\n")+1)
}
