package bounded

import (
	"errors"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

var errCompareDepth = errors.New("comparison exceeded maximum recursion depth")

// compare is starlark.Compare with interrupts.
func (p *pace) compare(op syntax.Token, x, y starlark.Value) (bool, error) {
	return p.compareDepth(op, x, y, starlark.CompareLimit)
}

func (p *pace) equal(x, y starlark.Value) (bool, error) { return p.compare(syntax.EQL, x, y) }

func (p *pace) compareDepth(op syntax.Token, x, y starlark.Value, depth int) (bool, error) {
	if depth < 1 {
		return false, errCompareDepth
	}
	switch x := x.(type) {
	case *starlark.List:
		if y, ok := y.(*starlark.List); ok {
			return p.compareSequences(op, x, y, depth)
		}
	case starlark.Tuple:
		if y, ok := y.(starlark.Tuple); ok {
			return p.compareSequences(op, x, y, depth)
		}
	case *starlark.Dict:
		if y, ok := y.(*starlark.Dict); ok && (op == syntax.EQL || op == syntax.NEQ) {
			same, err := p.sameEntries(x, y, depth)
			return same == (op == syntax.EQL), err
		}
	case starlark.String:
		if y, ok := y.(starlark.String); ok && len(x) == len(y) {
			if err := p.step(len(x) >> 6); err != nil {
				return false, err
			}
		}
	}
	return starlark.CompareDepth(op, x, y, depth)
}

// compareSequences compares lists or tuples element by element.
func (p *pace) compareSequences(op syntax.Token, x, y starlark.Indexable, depth int) (bool, error) {
	if x.Len() != y.Len() && (op == syntax.EQL || op == syntax.NEQ) {
		return op == syntax.NEQ, nil
	}
	for i := range min(x.Len(), y.Len()) {
		if err := p.step(1); err != nil {
			return false, err
		}
		same, err := p.compareDepth(syntax.EQL, x.Index(i), y.Index(i), depth-1)
		if err != nil {
			return false, err
		}
		if !same {
			if op == syntax.EQL || op == syntax.NEQ {
				return op == syntax.NEQ, nil
			}
			return p.compareDepth(op, x.Index(i), y.Index(i), depth-1)
		}
	}
	return starlark.Compare(op, starlark.MakeInt(x.Len()), starlark.MakeInt(y.Len()))
}

// sameEntries reports whether two dicts have the same keys with the same values.
func (p *pace) sameEntries(x, y *starlark.Dict, depth int) (bool, error) {
	if x.Len() != y.Len() {
		return false, nil
	}
	for _, item := range x.Items() {
		if err := p.step(1); err != nil {
			return false, err
		}
		other, found, err := y.Get(item[0])
		if err != nil || !found {
			return false, err
		}
		if same, err := p.compareDepth(syntax.EQL, item[1], other, depth-1); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}
