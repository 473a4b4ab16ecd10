package language

import (
	"slices"
	"strings"

	"smoothlab/report"

	"go.starlark.net/starlark"
)

// keywords are the keywords that completion offers.
func keywords() []string {
	return []string{
		"break",
		"continue",
		"def",
		"elif",
		"else",
		"for",
		"if",
		"in",
		"lambda",
		"not",
		"or",
		"and",
		"pass",
		"return",
		"while",
	}
}

// Complete returns the completions at the cursor, which counts code points.
func (i *Interp) Complete(source string, at int) report.Completion {
	runes := []rune(source)
	at = min(max(at, 0), len(runes))
	c := before(string(runes[:at]))
	env := i.look()
	switch {
	case c.comment || c.word == ".":
		return report.Completion{Start: at, End: at}
	case c.quoted:
		return i.completeString(c, env, at)
	}
	if base, part, ok := cutLast(c.word, "."); ok {
		return completion(at, part, attributes(env, base))
	}
	var names []report.Item
	for name, v := range env {
		if i.isBuiltin(name, v) { // listed with Starlark's functions, or an operator
			continue
		}
		names = append(names, variable(name, v))
	}
	for _, name := range universe() {
		names = append(names, report.Item{Text: name, Kind: "function"})
	}
	for _, name := range keywords() {
		names = append(names, report.Item{Text: name, Kind: "keyword"})
	}
	slices.SortFunc(names, byText)
	return completion(at, c.word, append(i.arguments(c, env), names...))
}

func byText(a, b report.Item) int { return strings.Compare(a.Text, b.Text) }

func cutLast(s, sep string) (before, after string, found bool) {
	if n := strings.LastIndex(s, sep); n >= 0 {
		return s[:n], s[n+len(sep):], true
	}
	return "", s, false
}

// completion keeps the items that begin with the typed text. Names with a leading underscore need a typed underscore.
func completion(at int, typed string, items []report.Item) report.Completion {
	c := report.Completion{Start: at - len([]rune(typed)), End: at}
	for _, item := range items {
		hidden := strings.HasPrefix(item.Text, "_") && !strings.HasPrefix(typed, "_")
		if strings.HasPrefix(item.Text, typed) && !hidden &&
			!slices.ContainsFunc(c.Items, func(o report.Item) bool { return o.Text == item.Text }) {
			c.Items = append(c.Items, item)
		}
	}
	return c
}

func variable(name string, v starlark.Value) report.Item {
	switch v := v.(type) {
	case *Bound:
		return report.Item{Text: name, Kind: "function", Help: v.Summary()}
	case starlark.Callable:
		return report.Item{Text: name, Kind: "function"}
	case nil:
		return report.Item{Text: name, Kind: "variable"}
	}
	return report.Item{Text: name, Kind: "variable", Help: v.Type()}
}

// completeString completes a string argument with the names of its parameter's kind.
func (i *Interp) completeString(c cursor, env starlark.StringDict, at int) report.Completion {
	none := report.Completion{Start: at, End: at}
	p, ok := param(c, env)
	if !ok || p.Complete == "" || i.names == nil {
		return none
	}
	var items []report.Item
	for _, name := range i.names(p.Complete, c.text) {
		items = append(items, report.Item{Text: name, Kind: "name"})
	}
	return completion(at, c.text, items)
}

// param returns the parameter at the cursor, also inside a list.
func param(c cursor, env starlark.StringDict) (Param, bool) {
	calls := c.calls
	for len(calls) > 0 && calls[len(calls)-1].plain {
		calls = calls[:len(calls)-1]
	}
	if len(calls) == 0 {
		return Param{}, false
	}
	inner := calls[len(calls)-1]
	f, ok := value(env, inner.callee).(*Bound)
	if !ok {
		return Param{}, false
	}
	if inner.key != "" {
		if n := f.index(inner.key); n >= 0 {
			return f.Params[n], true
		}
		return Param{}, false
	}
	if inner.args < len(f.Params) {
		return f.Params[inner.args], true
	}
	return Param{}, false
}

// arguments returns the keyword arguments that the call at the cursor does not have yet.
func (i *Interp) arguments(c cursor, env starlark.StringDict) []report.Item {
	if len(c.calls) == 0 || c.calls[len(c.calls)-1].plain || c.calls[len(c.calls)-1].key != "" {
		return nil
	}
	inner := c.calls[len(c.calls)-1]
	var items []report.Item
	switch f := value(env, inner.callee).(type) {
	case *Bound:
		for n, p := range f.Params {
			if n >= inner.args-len(inner.used) && !strings.HasPrefix(p.Name, rest) &&
				!slices.Contains(inner.used, p.Name) {
				items = append(items, report.Item{Text: p.Name + "=", Kind: "argument", Help: p.Help})
			}
		}
	case *starlark.Function:
		for n := range f.NumParams() {
			if p, _ := f.Param(n); n >= inner.args-len(inner.used) && !slices.Contains(inner.used, p) {
				items = append(items, report.Item{Text: p + "=", Kind: "argument"})
			}
		}
	}
	return items
}

// value returns the value of a dotted name; nil if there is none, or if finding it would need a computation.
func value(env starlark.StringDict, path string) starlark.Value {
	names := strings.Split(path, ".")
	v := env[names[0]]
	if v == nil {
		v = starlark.Universe[names[0]]
	}
	for _, n := range names[1:] {
		has, ok := v.(starlark.HasAttrs)
		if !ok {
			return nil
		}
		var err error
		if v, err = has.Attr(n); err != nil {
			return nil
		}
	}
	return v
}

// attributes returns the attributes of the value of a dotted name.
func attributes(env starlark.StringDict, path string) []report.Item {
	v := value(env, path)
	if d, ok := v.(Described); ok {
		var items []report.Item
		for _, a := range d.Kind().Attributes {
			items = append(items, report.Item{Text: a.Name, Kind: "attribute", Help: a.Help})
		}
		for _, f := range d.Kind().Methods {
			items = append(items, report.Item{Text: f.Name, Kind: "function", Help: f.Summary()})
		}
		slices.SortFunc(items, byText)
		return items
	}
	has, ok := v.(starlark.HasAttrs)
	if !ok {
		return nil
	}
	var items []report.Item
	for _, n := range has.AttrNames() {
		items = append(items, report.Item{Text: n, Kind: "attribute"})
	}
	return items
}
