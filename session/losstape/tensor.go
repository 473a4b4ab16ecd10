package losstape

import (
	"fmt"

	"smoothlab/language"
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Tensor is a placeholder for the result of a verb.
type Tensor struct {
	language.Object[*Tensor]
	tape *Tape
	at   int
	kind Kind
}

var (
	_ starlark.HasBinary  = (*Tensor)(nil)
	_ starlark.HasUnary   = (*Tensor)(nil)
	_ starlark.Comparable = (*Tensor)(nil)
	_ language.Described  = (*Tensor)(nil)
)

// Describe lists the attributes and methods of tensors.
func (*Tensor) Describe() *language.Kind {
	return &language.Kind{
		Name: "tensor",
		Help: "A placeholder for the result of a step's verb. + - * / work element by element, also with numbers: " +
			"one number per image is broadcast to its noisy copies, pixels or classes.",
		Attributes: []language.Attribute{
			language.Attr(
				"kind",
				"kind of its contents",
				func(x *Tensor) starlark.Value { return starlark.String(x.kind.String()) },
			),
		},
	}
}

func (x *Tensor) String() string                           { return "<tensor: " + x.kind.String() + ">" }
func (x *Tensor) Attr(name string) (starlark.Value, error) { return x.Lookup(x, name) }

// Truth records that the tensor was used as a condition, because it cannot return an error.
func (x *Tensor) Truth() starlark.Bool {
	x.tape.asked = true
	return true
}

// CompareSameType returns an error, because the numbers are not known yet.
func (x *Tensor) CompareSameType(op syntax.Token, _ starlark.Value, _ int) (bool, error) {
	return false, fmt.Errorf(
		"tensors cannot be compared with %s, because their numbers are not known yet: use s.greater(a, b), which compares in training",
		op,
	)
}

// Binary implements + - * / with a tensor or a number.
func (x *Tensor) Binary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	build := map[syntax.Token]func(a, b *Node) *Node{syntax.PLUS: Add, syntax.MINUS: Sub, syntax.STAR: Mul,
		syntax.SLASH: Div}[op]
	if build == nil {
		return nil, fmt.Errorf("tensors support only + - * /, not %s", op)
	}
	a, b := starlark.Value(x), y
	if side == starlark.Right {
		a, b = y, x
	}
	v, err := x.tape.joined(op.String(), func(in []*Node) *Node { return build(in[0], in[1]) }, a, b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return v, nil
}

// Unary implements − and +.
func (x *Tensor) Unary(op syntax.Token) (starlark.Value, error) {
	switch op {
	case syntax.PLUS:
		return x, nil
	case syntax.MINUS:
		return x.tape.joined("negative", func(in []*Node) *Node { return Neg(in[0]) }, x)
	}
	return nil, fmt.Errorf("tensors do not support %s", op)
}

// joined records an element-wise verb.
func (t *Tape) joined(verb string, build func(in []*Node) *Node, values ...starlark.Value) (*Tensor, error) {
	e := entry{verb: verb, joined: true, build: func(_ *method.Step, in []*Node) *Node { return build(in) }}
	for i, v := range values {
		o, err := t.operand(v)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, o)
		if o.kind == Labels {
			return nil, fmt.Errorf("labels are not numbers: use s.label(p) to pick the number of each label")
		}
		if i == 0 {
			e.kind = o.kind
		} else if e.kind, err = join(e.kind, o.kind); err != nil {
			return nil, err
		}
	}
	return t.add(e)
}
