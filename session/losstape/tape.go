package losstape

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"smoothlab/method"
	"smoothlab/smoothmix"
	"strconv"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"go.starlark.net/starlark"
)

// maxEntries is the maximum length of a tape. A built-in method has about twenty entries.
const maxEntries = 10_000

// Tape records the loss that a function builds.
type Tape struct {
	fields  []method.Field
	entries []entry
	terms   []term
	asked   bool // a tensor was used as a condition
	done    bool
}

// entry is one verb with its arguments, which are entries or numbers. build gets their nodes, broadcast to a common
// shape if joined is set.
type entry struct {
	verb   string
	text   string // argument that is not a tensor, such as a name
	args   []operand
	kind   Kind
	joined bool // arguments are broadcast to kind
	build  func(st *method.Step, in []*Node) *Node
	second bool // second result of the previous entry, whose build keeps both
}

// operand is an entry of the tape or a number.
type operand struct {
	at     int // index of the entry; −1 for a number
	number float64
	kind   Kind
}

// term is one term of the loss.
type term struct {
	name          string
	weight, value operand
}

// NewTape returns an empty tape for a method with the given settings.
func NewTape(fields []method.Field) *Tape { return &Tape{fields: fields} }

// Step returns the step to pass to the function.
func (t *Tape) Step() *Step { return &Step{tape: t} }

// Settings returns the method's settings by name, as tensors, because their numbers may change in training.
func (t *Tape) Settings() map[string]*Tensor {
	all := map[string]*Tensor{}
	for _, f := range t.fields {
		name, compiled := f.Name, f.Compiled
		if f.Switch { // at 0 it is not an input of the step
			continue
		}
		v, err := t.add(entry{verb: "setting", text: name, kind: Number, build: func(st *method.Step, _ []*Node) *Node {
			if compiled {
				return Const(st.X.Graph(), float32(st.Int(name)))
			}
			return st.Scalar(name)
		}})
		if err != nil {
			return all // a new tape has room
		}
		all[name] = v
	}
	return all
}

// add records an entry.
func (t *Tape) add(e entry) (*Tensor, error) {
	switch {
	case t.done:
		return nil, errors.New("the method has already been made: its step and tensors can no longer be used")
	case len(t.entries) >= maxEntries:
		return nil, fmt.Errorf("a method has at most %d verbs", maxEntries)
	}
	t.entries = append(t.entries, e)
	return &Tensor{tape: t, at: len(t.entries) - 1, kind: e.kind}, nil
}

// operand converts an argument: a tensor of this tape, or a number.
func (t *Tape) operand(v starlark.Value) (operand, error) {
	if x, ok := v.(*Tensor); ok {
		if x.tape != t {
			return operand{}, errors.New("this tensor belongs to another function, or to an earlier call of this one")
		}
		return operand{at: x.at, kind: x.kind}, nil
	}
	number, ok := starlark.AsFloat(v)
	if _, isBool := v.(starlark.Bool); isBool || !ok {
		return operand{}, fmt.Errorf("expected a tensor or a number, got %s", v.Type())
	}
	return operand{at: -1, number: number}, nil
}

// Finish records the function's result: a number, or a list of (name, weight, number). Nothing can be added afterwards.
func (t *Tape) Finish(result starlark.Value) error {
	t.done = true
	if t.asked {
		return errors.New(
			"the function uses a tensor as a condition, in an if, and, or, or not; its numbers are not known when the function runs: " +
				"use s.greater(a, b) and s.where(mask, a, b), which choose in training",
		)
	}
	if x, ok := result.(*Tensor); ok {
		result = starlark.NewList([]starlark.Value{starlark.Tuple{starlark.String("loss"), starlark.MakeInt(1), x}})
	}
	items, ok := result.(starlark.Sequence)
	if _, isTensor := result.(*Tensor); !ok || isTensor || items.Len() == 0 {
		return fmt.Errorf(
			"the function must return its loss: a number such as s.cross_entropy(…), or a list of (name, weight, number), got %s",
			result.Type(),
		)
	}
	for item := range starlark.Elements(items) {
		x, err := t.term(item)
		if err != nil {
			return fmt.Errorf("term %d of the loss: %w", len(t.terms)+1, err)
		}
		if slices.ContainsFunc(t.terms, func(other term) bool { return other.name == x.name }) {
			return fmt.Errorf("two terms of the loss are called %q", x.name)
		}
		t.terms = append(t.terms, x)
	}
	return nil
}

// term reads (name, weight, value).
func (t *Tape) term(v starlark.Value) (term, error) {
	parts, ok := v.(starlark.Indexable)
	if !ok || parts.Len() != 3 {
		return term{}, fmt.Errorf("expected (name, weight, number), got %s", v.Type())
	}
	name, ok := starlark.AsString(parts.Index(0))
	if !ok || name == "" {
		return term{}, fmt.Errorf("expected a name as the first of three, got %s", parts.Index(0))
	}
	x := term{name: name}
	var err error
	if x.weight, err = t.operand(parts.Index(1)); err != nil {
		return x, fmt.Errorf("the weight of %q: %w", name, err)
	}
	if x.value, err = t.operand(parts.Index(2)); err != nil {
		return x, fmt.Errorf("the value of %q: %w", name, err)
	}
	if x.value.at < 0 {
		return x, fmt.Errorf("the value of %q is the constant %g, which depends on no weight", name, x.value.number)
	}
	for what, k := range map[string]Kind{"weight": x.weight.kind, "value": x.value.kind} {
		if k != Number {
			return x, fmt.Errorf("the %s of %q is %v: use s.mean(…) to make it one number", what, name, k)
		}
	}
	return x, nil
}

// Loss builds the graph of a finished tape.
func (t *Tape) Loss(st *method.Step) method.Terms {
	nodes := make([]*Node, len(t.entries))
	node := func(o operand) *Node {
		if o.at < 0 {
			return Const(st.X.Graph(), float32(o.number))
		}
		return nodes[o.at]
	}
	m, x := st.Noise.Shape().Dimensions[0], st.X.Shape()
	var both []*Node
	for i, e := range t.entries {
		classes := 0
		var in []*Node
		for _, o := range e.args {
			in = append(in, node(o))
			if o.kind == Classes || o.kind == Noisy {
				classes = in[len(in)-1].Shape().Dimensions[1]
			}
		}
		if e.joined {
			for k, o := range e.args {
				in[k] = repeat(in[k], o.kind, e.kind, x, m, classes)
			}
		}
		if e.second {
			nodes[i] = both[1]
			continue
		}
		if e.verb == "mix" {
			v, target := smoothmix.Mix(st, in[0], in[1], in[2], in[3])
			both = []*Node{v, target}
			nodes[i] = v
			continue
		}
		nodes[i] = e.build(st, in)
	}
	var terms method.Terms
	for _, x := range t.terms {
		terms = append(terms, method.Term{Name: x.name, Weight: node(x.weight), Value: node(x.value)})
	}
	return terms
}

// Text returns the tape with one verb per line. Equal texts compute equal losses.
func (t *Tape) Text() string {
	var b strings.Builder
	text := func(o operand) string {
		if o.at < 0 {
			return strconv.FormatFloat(o.number, 'g', -1, 64)
		}
		return fmt.Sprintf("t%d", o.at)
	}
	for i, e := range t.entries {
		fmt.Fprintf(&b, "t%d = %s(%q", i, e.verb, e.text)
		for _, o := range e.args {
			b.WriteString(", " + text(o))
		}
		b.WriteString(")\n")
	}
	for _, x := range t.terms {
		fmt.Fprintf(&b, "%q %s %s\n", x.name, text(x.weight), text(x.value))
	}
	return b.String()
}

// Digest returns a hash of the text.
func (t *Tape) Digest() string {
	sum := sha256.Sum256([]byte(t.Text()))
	return hex.EncodeToString(sum[:8])
}
