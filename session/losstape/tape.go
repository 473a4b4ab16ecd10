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

// maxEntries bounds a tape: a listed method has some twenty.
const maxEntries = 10_000

// Tape is what a function wrote down.
type Tape struct {
	fields  []method.Field
	entries []entry
	terms   []term
	asked   bool // a tensor was asked whether it is true
	done    bool
}

// entry is one verb, and the entries or numbers that it was given. build gets the nodes of these, repeated to a common
// shape where the verb joins.
type entry struct {
	verb   string
	text   string // of an argument that is no tensor, such as a name
	args   []operand
	kind   Kind
	joined bool // arguments are repeated to kind
	build  func(st *method.Step, in []*Node) *Node
	second bool // the second result of the entry before, whose build keeps both
}

// operand is an entry of the tape, or a number.
type operand struct {
	at     int // −1 for a number
	number float64
	kind   Kind
}

// term is a term of the loss.
type term struct {
	name          string
	weight, value operand
}

// NewTape begins a tape for a method with these settings.
func NewTape(fields []method.Field) *Tape { return &Tape{fields: fields} }

// Step is what the function is given.
func (t *Tape) Step() *Step { return &Step{tape: t} }

// Settings are those of the method as tensors, by name: numbers that may change in training.
func (t *Tape) Settings() map[string]*Tensor {
	all := map[string]*Tensor{}
	for _, f := range t.fields {
		name, compiled := f.Name, f.Compiled
		if f.Switch { // at 0 it is no input of the step
			continue
		}
		v, err := t.add(entry{verb: "setting", text: name, kind: Number, build: func(st *method.Step, _ []*Node) *Node {
			if compiled {
				return Const(st.X.Graph(), float32(st.Int(name)))
			}
			return st.Scalar(name)
		}})
		if err != nil {
			return all // of a new tape there is room
		}
		all[name] = v
	}
	return all
}

// add writes an entry down.
func (t *Tape) add(e entry) (*Tensor, error) {
	switch {
	case t.done:
		return nil, errors.New("the function has been written down: its step and tensors stand for nothing any more")
	case len(t.entries) >= maxEntries:
		return nil, fmt.Errorf("a method has at most %d verbs", maxEntries)
	}
	t.entries = append(t.entries, e)
	return &Tensor{tape: t, at: len(t.entries) - 1, kind: e.kind}, nil
}

// operand is a value as an argument: a tensor of this tape, or a number.
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

// Finish takes what the function returned: a number, or a list of (name, weight, number). The tape takes nothing more.
func (t *Tape) Finish(result starlark.Value) error {
	t.done = true
	if t.asked {
		return errors.New(
			"the function asks whether a tensor is true, in an if, an and, an or or a not: its numbers are not known while the function is written down; " +
				"s.greater(a, b) and s.where(mask, a, b) choose in training",
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
		return x, fmt.Errorf("the value of %q is the number %g: it depends on no weight", name, x.value.number)
	}
	for what, k := range map[string]Kind{"weight": x.weight.kind, "value": x.value.kind} {
		if k != Number {
			return x, fmt.Errorf("the %s of %q is %v: s.mean(…) makes one number of it", what, name, k)
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

// Text is the tape as it was written, one verb a line: the same text computes the same loss.
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

// Digest tells texts apart.
func (t *Tape) Digest() string {
	sum := sha256.Sum256([]byte(t.Text()))
	return hex.EncodeToString(sum[:8])
}
