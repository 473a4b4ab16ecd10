package bounded

import (
	"fmt"
	"strings"

	"go.starlark.net/lib/json"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// json returns Starlark's module json within bounds.
func (g *Guard) json() *starlarkstruct.Module {
	module := &starlarkstruct.Module{Name: "json", Members: starlark.StringDict{}}
	for name, before := range map[string]check{"encode": checkEncode, "encode_indent": checkEncode,
		"decode": checkDecode, "indent": checkDecode} {
		own := json.Module.Members[name].(*starlark.Builtin)
		module.Members[name] = starlark.NewBuiltin(
			own.Name(),
			func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
				kwargs []starlark.Tuple) (starlark.Value, error) {
				given := append(args[:len(args):len(args)], values(kwargs)...)
				if err := before(g, paced(thread), nil, given); err != nil {
					return nil, fmt.Errorf("%s: %w", own.Name(), err)
				}
				return own.CallInternal(thread, args, kwargs)
			},
		)
	}
	return module
}

func values(kwargs []starlark.Tuple) starlark.Tuple {
	var list starlark.Tuple
	for _, pair := range kwargs {
		list = append(list, pair[1])
	}
	return list
}

// liveJSON is the assumed length of the JSON of a live value.
const liveJSON = 16 << 10

// checkEncode returns an error for a value that is too long or nested too deeply.
func checkEncode(g *Guard, p *pace, _ starlark.Value, args starlark.Tuple) error {
	for _, v := range args {
		m := &meter{pace: p, left: g.Written, depth: g.Depth}
		if err := m.value(v, 0); err != nil {
			return g.explain("the text", err)
		}
	}
	return nil
}

// meter measures the length of a value as JSON.
type meter struct {
	*pace
	left  int // bytes
	depth int
}

func (m *meter) value(v starlark.Value, depth int) error {
	length := liveJSON
	switch v := v.(type) {
	case starlark.NoneType, starlark.Bool, starlark.Int, starlark.Float:
		length = 8
	case starlark.String:
		length = len(v) + 2
	case *starlark.List, starlark.Tuple, *starlark.Dict, *starlark.Set:
		length = 2
		if depth >= m.depth {
			return tooDeep(m.depth)
		}
	}
	if m.left -= length; m.left < 0 {
		return errTooLong
	}
	if err := m.step(1); err != nil {
		return err
	}
	if begin, _, _ := brackets(v); begin == "" {
		return nil
	}
	for key, value := range parts(v) {
		if key != nil {
			if err := m.value(key, depth+1); err != nil {
				return err
			}
		}
		if err := m.value(value, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// checkDecode returns an error for a text that is too long or nested too deeply, or has a number with too many digits.
func checkDecode(g *Guard, p *pace, _ starlark.Value, args starlark.Tuple) error {
	if len(args) == 0 {
		return nil
	}
	text, ok := starlark.AsString(args[0])
	if !ok {
		return nil
	}
	if len(text) > g.Written/2 {
		return tooMany("the text", g.Written/2, "bytes")
	}
	depth, digits, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		if err := p.step(1); err != nil {
			return err
		}
		switch {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte("[{", c) >= 0:
			depth++
		case !quoted && strings.IndexByte("]}", c) >= 0:
			depth--
		}
		if digits++; c < '0' || c > '9' {
			digits = 0
		}
		if depth > g.Depth {
			return tooDeep(g.Depth)
		}
		if !quoted && digits > g.Digits {
			return tooMany("a number", g.Digits, "digits")
		}
	}
	return nil
}
