package bounded

import (
	"errors"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// written is a value that is already text: Starlark formats it as it is.
type written struct {
	starlark.Value
	text string
}

func (w written) String() string { return w.text }

// interpolate evaluates format % y.
func (g *Guard) interpolate(p *pace, format starlark.String, y starlark.Value) (starlark.Value, error) {
	longest := 0
	var arg starlark.Value
	var err error
	switch y := y.(type) {
	case starlark.Tuple:
		list := make(starlark.Tuple, len(y))
		for i, v := range y {
			if list[i], err = g.written(p, "x % y", v, &longest); err != nil {
				return nil, err
			}
		}
		arg = list
	case *starlark.Dict:
		if !strings.Contains(string(format), "%(") {
			arg, err = g.written(p, "x % y", y, &longest)
			break
		}
		d := starlark.NewDict(y.Len())
		for key, v := range y.Entries() {
			if v, err = g.written(p, "x % y", v, &longest); err == nil {
				err = d.SetKey(key, v)
			}
			if err != nil {
				return nil, err
			}
		}
		arg = d
	default:
		arg, err = g.written(p, "x % y", y, &longest)
	}
	if err != nil {
		return nil, err
	}
	if err := g.formatted("x % y", string(format), "%", longest); err != nil {
		return nil, err
	}
	return starlark.Binary(syntax.PERCENT, format, arg)
}

// written replaces a container by its text, and records the length of the longest argument.
func (g *Guard) written(p *pace, what string, v starlark.Value, longest *int) (starlark.Value, error) {
	switch v := v.(type) {
	case starlark.String:
		*longest = max(*longest, len(v))
		return v, p.step(1)
	case *starlark.List, starlark.Tuple, *starlark.Dict, *starlark.Set:
		s, err := g.repr(p, what, v)
		*longest = max(*longest, len(s))
		return written{v, s}, err
	}
	*longest = max(*longest, 400) // of a %f
	return v, p.step(1)
}

// formatted returns an error if a format with arguments of at most this length could exceed the bound.
func (g *Guard) formatted(what, format, mark string, longest int) error {
	marks := strings.Count(format, mark)
	if marks > 0 && longest > (g.Text-len(format))/marks && longest > 400 {
		return tooMany(what, g.Text, "bytes of text")
	}
	return g.room(len(format))
}

// format implements s.format(…).
func (g *Guard) format(
	p *pace,
	s string,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Tuple, []starlark.Tuple, error) {
	longest := 0
	var err error
	list := make(starlark.Tuple, len(args))
	for i, v := range args {
		if list[i], err = g.written(p, "format", v, &longest); err != nil {
			return nil, nil, err
		}
	}
	named := make([]starlark.Tuple, len(kwargs))
	for i, pair := range kwargs {
		v, err := g.written(p, "format", pair[1], &longest)
		if err != nil {
			return nil, nil, err
		}
		named[i] = starlark.Tuple{pair[0], v}
	}
	return list, named, g.formatted("format", s, "{", longest)
}

// joined returns the text of values separated by sep.
func (g *Guard) joined(p *pace, what, sep string, values starlark.Tuple) (string, error) {
	var b strings.Builder
	for i, v := range values {
		s, err := g.str(p, what, v)
		if err != nil {
			return "", err
		}
		if b.Len()+len(s)+len(sep) > g.Written {
			return "", tooMany(what, g.Written, "bytes of text")
		}
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// print implements print(…, sep=" ", end="\n"). It passes the text to the thread's Print without adding a newline.
func (g *Guard) print(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	sep, end := optional{" "}, optional{"\n"}
	if err := starlark.UnpackArgs(
		b.Name(),
		nil,
		kwargs,
		"sep?",
		&sep,
		"end?",
		&end,
		"flush?",
		new(starlark.Value),
	); err != nil {
		return nil, err
	}
	text, err := g.joined(paced(thread), "print", sep.text, args)
	if err != nil {
		return nil, err
	}
	thread.Print(thread, text+end.text)
	return starlark.None, nil
}

// optional is a string argument that may be None.
type optional struct{ text string }

func (o *optional) Unpack(v starlark.Value) error {
	if v == starlark.None {
		return nil
	}
	s, ok := starlark.AsString(v)
	if !ok {
		return errors.New("want a string or None")
	}
	o.text = s
	return nil
}

func (g *Guard) fail(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	sep := " "
	if err := starlark.UnpackArgs(b.Name(), nil, kwargs, "sep?", &sep); err != nil {
		return nil, err
	}
	text, err := g.joined(paced(thread), "fail", sep, args)
	if err != nil {
		return nil, err
	}
	return nil, errors.New("fail: " + text)
}

func (g *Guard) strFunction(
	thread *starlark.Thread,
	b *starlark.Builtin,
	args starlark.Tuple,
	kwargs []starlark.Tuple,
) (starlark.Value, error) {
	var v starlark.Value
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 1, &v); err != nil {
		return nil, err
	}
	if _, isBytes := v.(starlark.Bytes); isBytes || b.Name() == "str" && isText(v) {
		return g.original(thread, b, args, kwargs)
	}
	s, err := g.repr(paced(thread), b.Name(), v)
	return starlark.String(s), err
}

func isText(v starlark.Value) bool {
	_, ok := v.(starlark.String)
	return ok
}
