package bounded

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// function is the body of a builtin.
type function = func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error)

// operators returns the functions that Rewrite calls in place of operators, by token.
func (g *Guard) operators() map[string]function {
	functions := map[string]function{nameKey: g.asKey, nameSlice: g.sliced, nameSpread: g.spread, nameAttr: g.attribute,
		nameAugment: g.augmentElement, nameAugmentAt: g.augmentField}
	for _, op := range []syntax.Token{syntax.PLUS, syntax.STAR, syntax.PERCENT, syntax.IN, syntax.NOT_IN, syntax.EQL,
		syntax.NEQ, syntax.LT, syntax.GT, syntax.LE, syntax.GE} {
		functions[op.String()] = func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
			_ []starlark.Tuple) (starlark.Value, error) {
			return g.binary(thread, op, args[0], args[1])
		}
	}
	for op, plain := range map[syntax.Token]syntax.Token{syntax.PLUS_EQ: syntax.PLUS, syntax.STAR_EQ: syntax.STAR,
		syntax.PERCENT_EQ: syntax.PERCENT} {
		functions[op.String()] = func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
			_ []starlark.Tuple) (starlark.Value, error) {
			return g.inPlace(thread, plain, args[0], args[1])
		}
	}
	return functions
}

// binary evaluates x op y.
func (g *Guard) binary(thread *starlark.Thread, op syntax.Token, x, y starlark.Value) (starlark.Value, error) {
	switch op {
	case syntax.EQL, syntax.NEQ, syntax.LT, syntax.GT, syntax.LE, syntax.GE:
		if isNumber(x) && isNumber(y) {
			ok, err := starlark.Compare(op, x, y)
			return starlark.Bool(ok), err
		}
		ok, err := paced(thread).compare(op, x, y)
		return starlark.Bool(ok), err
	case syntax.IN, syntax.NOT_IN:
		found, err := g.contains(paced(thread), x, y)
		if err != nil {
			return nil, err
		}
		return starlark.Bool(found == (op == syntax.IN)), nil
	case syntax.PLUS:
		if err := g.concatenation(x, y); err != nil {
			return nil, err
		}
	case syntax.STAR:
		if err := g.product(x, y); err != nil {
			return nil, err
		}
	case syntax.PERCENT:
		if format, ok := x.(starlark.String); ok {
			return g.interpolate(paced(thread), format, y)
		}
	}
	return starlark.Binary(op, x, y)
}

func isNumber(v starlark.Value) bool {
	switch v.(type) {
	case starlark.Int, starlark.Float:
		return true
	}
	return false
}

// concatenation returns an error if x + y would be too large.
func (g *Guard) concatenation(x, y starlark.Value) error {
	switch x.(type) {
	case starlark.String, starlark.Bytes:
		return g.text("x + y", starlark.Len(x)+max(starlark.Len(y), 0))
	case *starlark.List, starlark.Tuple:
		return g.elements("x + y", starlark.Len(x)+max(starlark.Len(y), 0))
	}
	return nil
}

// product returns an error if x * y would be too large.
func (g *Guard) product(x, y starlark.Value) error {
	if a, ok := x.(starlark.Int); ok {
		if b, ok := y.(starlark.Int); ok {
			return g.productOfNumbers(a, b)
		}
		x, y = y, x
	}
	n, ok := y.(starlark.Int)
	if !ok {
		return nil
	}
	times, ok := n.Int64()
	if !ok {
		times = int64(max(n.Sign(), 0)) << 40 // Starlark returns its own error if there is anything to repeat
	}
	length := int64(max(starlark.Len(x), 0))
	bound, refuse := g.Elements, g.elements
	switch x.(type) {
	case starlark.String, starlark.Bytes:
		bound, refuse = g.Text, g.text
	case *starlark.List, starlark.Tuple:
	default:
		return nil
	}
	if times <= 0 || length == 0 {
		return nil
	}
	if times > int64(bound)/length {
		return refuse("x * y", bound+1)
	}
	return refuse("x * y", int(length*times))
}

func (g *Guard) productOfNumbers(a, b starlark.Int) error {
	if _, small := a.Int64(); small {
		if _, small := b.Int64(); small {
			return nil
		}
	}
	if bits := a.BigInt().BitLen() + b.BigInt().BitLen(); bits > g.Digits*10/3 {
		return tooMany("x * y", g.Digits, "digits")
	}
	return nil
}

// contains evaluates x in y.
func (g *Guard) contains(p *pace, x, y starlark.Value) (bool, error) {
	switch y := y.(type) {
	case *starlark.List, starlark.Tuple:
		i, err := p.find(y.(starlark.Iterable), x)
		return i >= 0, err
	case *starlark.Dict, *starlark.Set:
		if err := g.key(p, x); err != nil {
			return false, err
		}
	}
	found, err := starlark.Binary(syntax.IN, x, y)
	return found == starlark.True, err
}

// find returns the index of a value in a sequence, or -1.
func (p *pace) find(in starlark.Iterable, v starlark.Value) (int, error) {
	i := 0
	for item := range starlark.Elements(in) {
		if err := p.step(1); err != nil {
			return -1, err
		}
		if same, err := p.equal(item, v); err != nil || same {
			return i, err
		}
		i++
	}
	return -1, nil
}

// inPlace evaluates x op= y. A list grows in place.
func (g *Guard) inPlace(thread *starlark.Thread, op syntax.Token, x, y starlark.Value) (starlark.Value, error) {
	if list, ok := x.(*starlark.List); ok && op == syntax.PLUS {
		if items, ok := y.(starlark.Iterable); ok {
			return x, g.call(thread, list, "extend", items)
		}
	}
	return g.binary(thread, op, x, y)
}

// call calls a method of x for its effect.
func (g *Guard) call(thread *starlark.Thread, x starlark.Value, name string, arg starlark.Value) error {
	method, err := g.method(x, name)
	if err != nil {
		return err
	}
	_, err = starlark.Call(thread, method, starlark.Tuple{arg}, nil)
	return err
}

// augmentElement evaluates x[i] op= y.
func (g *Guard) augmentElement(
	thread *starlark.Thread,
	_ *starlark.Builtin,
	args starlark.Tuple,
	_ []starlark.Tuple,
) (starlark.Value, error) {
	x, i, y := args[0], args[1], args[3]
	old, err := element(x, i)
	if err != nil {
		return nil, err
	}
	v, err := g.inPlace(thread, operator(args[2]), old, y)
	if err != nil {
		return nil, err
	}
	switch x := x.(type) {
	case starlark.HasSetKey:
		return starlark.None, x.SetKey(i, v)
	case starlark.HasSetIndex:
		at, err := place(x, i)
		if err != nil {
			return nil, err
		}
		return starlark.None, x.SetIndex(at, v)
	}
	return nil, fmt.Errorf("%s value does not support item assignment", x.Type())
}

// element evaluates x[i].
func element(x, i starlark.Value) (starlark.Value, error) {
	switch x := x.(type) {
	case starlark.Mapping:
		v, found, err := x.Get(i)
		if err == nil && !found {
			err = fmt.Errorf("key %s not in %s", InError(i), x.Type())
		}
		return v, err
	case starlark.Indexable:
		at, err := place(x, i)
		if err != nil {
			return nil, err
		}
		return x.Index(at), nil
	}
	return nil, fmt.Errorf("unhandled index operation %s[%s]", x.Type(), i.Type())
}

// place resolves an index, counted from the end if negative.
func place(x starlark.Indexable, i starlark.Value) (int, error) {
	n, err := starlark.AsInt32(i)
	if err != nil {
		return 0, fmt.Errorf("%s index: %w", x.Type(), err)
	}
	at := n
	if at < 0 {
		at += x.Len()
	}
	if at < 0 || at >= x.Len() {
		return 0, fmt.Errorf("%s index %d out of range [%d:%d]", x.Type(), n, -x.Len(), x.Len()-1)
	}
	return at, nil
}

// augmentField evaluates x.name op= y.
func (g *Guard) augmentField(
	thread *starlark.Thread,
	_ *starlark.Builtin,
	args starlark.Tuple,
	_ []starlark.Tuple,
) (starlark.Value, error) {
	x, ok := args[0].(starlark.HasSetField)
	name := string(args[1].(starlark.String))
	if !ok {
		return nil, fmt.Errorf("can't assign to .%s field of %s", name, args[0].Type())
	}
	old, err := x.Attr(name)
	if err != nil {
		return nil, err
	}
	if old == nil {
		return nil, noAttribute(x, name)
	}
	v, err := g.inPlace(thread, operator(args[2]), old, args[3])
	if err != nil {
		return nil, err
	}
	return starlark.None, x.SetField(name, v)
}

// operator returns the operator of an augmented assignment: + of +=.
func operator(name starlark.Value) syntax.Token {
	token := strings.TrimSuffix(string(name.(starlark.String)), "=")
	for op := syntax.PLUS; op <= syntax.GTGT; op++ {
		if op.String() == token {
			return op
		}
	}
	return syntax.ILLEGAL
}

// asKey checks an index or a key and returns it.
func (g *Guard) asKey(
	thread *starlark.Thread,
	_ *starlark.Builtin,
	args starlark.Tuple,
	_ []starlark.Tuple,
) (starlark.Value, error) {
	if _, ok := args[0].(starlark.Tuple); !ok {
		return args[0], nil
	}
	return args[0], g.key(paced(thread), args[0])
}

// sliced checks the memory in use after a slice was copied, and returns the slice.
func (g *Guard) sliced(
	_ *starlark.Thread,
	_ *starlark.Builtin,
	args starlark.Tuple,
	_ []starlark.Tuple,
) (starlark.Value, error) {
	switch args[0].(type) {
	case *starlark.List, starlark.Tuple:
		if n := starlark.Len(args[0]) * elementBytes; n >= small {
			return args[0], g.room(small)
		}
	}
	return args[0], nil
}

// spread returns the arguments that * adds to a call.
func (g *Guard) spread(
	thread *starlark.Thread,
	_ *starlark.Builtin,
	args starlark.Tuple,
	_ []starlark.Tuple,
) (starlark.Value, error) {
	items, ok := args[0].(starlark.Iterable)
	if !ok || starlark.Len(items) >= 0 && starlark.Len(items) <= g.Spread {
		return args[0], nil
	}
	return g.collect(paced(thread), "the call", items, g.Spread, "arguments")
}
