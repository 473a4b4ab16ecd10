package onnx

import (
	"fmt"
	"slices"
)

// init finds an initial value by name; nil if there is none.
func (m *model) init(name string) *tensor {
	if m.byName == nil {
		m.byName = map[string]*tensor{}
		for _, t := range m.inits {
			m.byName[t.name] = t
		}
	}
	return m.byName[name]
}

// splitShared makes separate weights of equal initial values. Exporters keep one of them and make the others copies of
// it by Identity, under their own names.
func (m *model) splitShared() {
	m.nodes = slices.DeleteFunc(m.nodes, func(n *node) bool {
		if n.op != "Identity" || n.domain != "" || len(n.in) != 1 || len(n.out) != 1 {
			return false
		}
		t := m.init(n.in[0])
		if t == nil || t.typ != typeFloat || m.init(n.out[0]) != nil ||
			slices.ContainsFunc(m.outputs, func(p port) bool { return p.name == n.out[0] }) {
			return false
		}
		c := *t
		c.name = n.out[0]
		m.inits = append(m.inits, &c)
		m.byName[c.name] = &c
		return true
	})
}

// needed returns the operations that the first output depends on, each after the operations it needs.
func (m *model) needed() ([]*node, error) {
	if len(m.outputs) == 0 {
		return nil, fmt.Errorf("it has no output")
	}
	by := map[string]*node{}
	for _, n := range m.nodes {
		for _, out := range n.out {
			if out == "" {
				continue
			}
			if by[out] != nil || m.init(out) != nil {
				return nil, fmt.Errorf("two operations compute %s", out)
			}
			by[out] = n
		}
	}
	s := sorter{by: by, state: map[*node]int{}}
	if err := s.visit(m.outputs[0].name); err != nil {
		return nil, err
	}
	needed := s.sorted
	for _, n := range m.nodes { // a loop among the other operations is an error too
		for _, out := range n.out {
			if err := s.visit(out); err != nil {
				return nil, err
			}
		}
	}
	return needed[:len(needed):len(needed)], nil
}

// sorter sorts operations topologically, without recursion: a file may be a chain of a hundred thousand.
type sorter struct {
	by     map[string]*node
	state  map[*node]int // 1 while its inputs are visited, 2 after
	sorted []*node
}

func (s *sorter) visit(name string) error {
	type frame struct {
		n    *node
		next int
	}
	var stack []frame
	push := func(name string) error {
		n := s.by[name]
		if n == nil || s.state[n] == 2 {
			return nil
		}
		if s.state[n] == 1 {
			return fmt.Errorf("it contains a loop at %s", n.at())
		}
		s.state[n] = 1
		stack = append(stack, frame{n: n})
		return nil
	}
	if err := push(name); err != nil {
		return err
	}
	for len(stack) > 0 {
		f := &stack[len(stack)-1]
		if f.next < len(f.n.in) {
			f.next++
			if err := push(f.n.in[f.next-1]); err != nil {
				return err
			}
			continue
		}
		s.state[f.n] = 2
		s.sorted = append(s.sorted, f.n)
		stack = stack[:len(stack)-1]
	}
	return nil
}
