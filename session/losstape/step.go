package losstape

import (
	"fmt"
	"slices"
	"strings"

	"smoothlab/internal/suggest"
	"smoothlab/language"
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
	"go.starlark.net/starlark"
)

// Step is the training step passed to the function. Its verbs record entries on the tape.
type Step struct {
	language.Object[*Step]
	tape *Tape
}

var _ language.Described = (*Step)(nil)

func (*Step) String() string                             { return "<step of a custom method>" }
func (s *Step) Attr(name string) (starlark.Value, error) { return s.Lookup(s, name) }

// Describe lists the attributes and methods of steps.
func (*Step) Describe() *language.Kind {
	return &language.Kind{
		Name: "step",
		Help: "A training step, as method() passes it to the function of a custom method: B images, m noise samples, K classes. Its verbs " +
			"follow the paper's; they return tensors, which + - * / and the functions below combine.",
		Attributes: []language.Attribute{
			language.AttrErr("x", "the images, in [0,1]", func(s *Step) (starlark.Value, error) {
				return value(
					s.tape.add(
						entry{verb: "x", kind: Images, build: func(st *method.Step, _ []*Node) *Node { return st.X }},
					),
				)
			}),
			language.AttrErr("y", "their labels", func(s *Step) (starlark.Value, error) {
				return value(
					s.tape.add(
						entry{verb: "y", kind: Labels, build: func(st *method.Step, _ []*Node) *Node { return st.Y }},
					),
				)
			}),
		},
		Methods:  slices.Concat(paperVerbs(), lossVerbs(), arithmetic()),
		Examples: []string{SmoothMix},
	}
}

// value returns nil instead of a value that holds a nil tensor.
func value(x *Tensor, err error) (starlark.Value, error) {
	if err != nil {
		return nil, err
	}
	return x, nil
}

// need returns an argument, or an error if its kind is none of the given ones.
func (s *Step) need(verb, arg string, v starlark.Value, kinds ...Kind) (operand, error) {
	o, err := s.tape.operand(v)
	if err != nil {
		return o, fmt.Errorf("s.%s: %s: %w", verb, arg, err)
	}
	if !slices.Contains(kinds, o.kind) {
		var names []string
		for _, k := range kinds {
			names = append(names, k.String())
		}
		return o, fmt.Errorf("s.%s: %s must be %s, got %v", verb, arg, strings.Join(names, ", or "), o.kind)
	}
	return o, nil
}

// argument is an argument of a verb, and the kinds that it may have.
type argument struct {
	name  string
	value starlark.Value
	kinds []Kind
}

// write checks the arguments of a verb and records it; kind derives the kind of the result from theirs.
func (s *Step) write(
	verb, text string,
	args []argument,
	kind func(in []operand) Kind,
	build func(st *method.Step, in []*Node) *Node,
) (starlark.Value, error) {
	e := entry{verb: verb, text: text, build: build}
	for _, a := range args {
		o, err := s.need(verb, a.name, a.value, a.kinds...)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, o)
	}
	e.kind = kind(e.args)
	return value(s.tape.add(e))
}

// always returns kind k for any arguments.
func always(k Kind) func([]operand) Kind { return func([]operand) Kind { return k } }

// needs returns an error if the method lacks a setting that a verb uses.
func (s *Step) needs(verb string, names ...string) error {
	for _, name := range names {
		if !slices.ContainsFunc(s.tape.fields, func(f method.Field) bool { return f.Name == name }) {
			return fmt.Errorf("s.%s needs the setting %s: add it with method(name, fn, %s=…)", verb, name, name)
		}
	}
	return nil
}

// setting returns an error if a name is not a setting of the method.
func (s *Step) setting(name string) error {
	var names []string
	for _, f := range s.tape.fields {
		names = append(names, f.Name)
	}
	if !slices.Contains(names, name) {
		return fmt.Errorf(
			"%s; add it with method(name, fn, %s=…)",
			suggest.Sentence("setting", name, names),
			name,
		)
	}
	return nil
}
