package losstape

import (
	"fmt"

	"smoothlab/language"
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Tensor stands for what a verb will compute.
type Tensor struct {
	language.Base
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

// TensorKind describes tensors.
func TensorKind() *language.Kind {
	return &language.Kind{
		Name: "tensor",
		Help: "What a verb of a step will compute, while a function is written down. + - * / work element by element, also with numbers: " +
			"a number for each image is repeated for its noisy copies, its pixels or its classes.",
		Attributes: []language.Attribute{
			language.Attr(
				"kind",
				"what it holds",
				func(x *Tensor) starlark.Value { return starlark.String(x.kind.String()) },
			),
		},
	}
}

func (*Tensor) Kind() *language.Kind                           { return TensorKind() }
func (*Tensor) Type() string                                   { return "tensor" }
func (x *Tensor) String() string                               { return "<tensor: " + x.kind.String() + ">" }
func (x *Tensor) Attr(name string) (starlark.Value, error)     { return TensorKind().Get(x, name) }
func (*Tensor) AttrNames() []string                            { return TensorKind().Names() }
func (x *Tensor) SetField(name string, _ starlark.Value) error { return TensorKind().Refuse(name) }

// Truth notes that it was asked for: an error cannot be returned here.
func (x *Tensor) Truth() starlark.Bool {
	x.tape.asked = true
	return true
}

// CompareSameType refuses to compare numbers that are not known yet.
func (x *Tensor) CompareSameType(op syntax.Token, _ starlark.Value, _ int) (bool, error) {
	return false, fmt.Errorf(
		"tensors cannot be compared with %s while the function is written down: s.greater(a, b) compares in training",
		op,
	)
}

// Binary is + - * / with a tensor or a number.
func (x *Tensor) Binary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	build := map[syntax.Token]func(a, b *Node) *Node{syntax.PLUS: Add, syntax.MINUS: Sub, syntax.STAR: Mul, syntax.SLASH: Div}[op]
	if build == nil {
		return nil, fmt.Errorf("tensors know + - * / only, not %s", op)
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

// Unary is − and +.
func (x *Tensor) Unary(op syntax.Token) (starlark.Value, error) {
	switch op {
	case syntax.PLUS:
		return x, nil
	case syntax.MINUS:
		return x.tape.joined("negative", func(in []*Node) *Node { return Neg(in[0]) }, x)
	}
	return nil, fmt.Errorf("tensors know no %s", op)
}

// joined writes down an element-wise verb.
func (t *Tape) joined(verb string, build func(in []*Node) *Node, values ...starlark.Value) (*Tensor, error) {
	e := entry{verb: verb, joined: true, build: func(_ *method.Step, in []*Node) *Node { return build(in) }}
	for i, v := range values {
		o, err := t.operand(v)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, o)
		if o.kind == Labels {
			return nil, fmt.Errorf("labels are no numbers to calculate with: s.label(p) picks what belongs to them")
		}
		if i == 0 {
			e.kind = o.kind
		} else if e.kind, err = join(e.kind, o.kind); err != nil {
			return nil, err
		}
	}
	return t.add(e)
}
