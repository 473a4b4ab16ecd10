package kernel

import (
	"context"
	"slices"
	"sync"

	"smoothlab/kernel/widget"
	"smoothlab/report"
)

// maxPanels is the maximum number of panels that stay usable. Each holds the values that its function uses.
const maxPanels = 50

// panels holds the panels of a kernel, oldest first.
type panels struct {
	ctx   context.Context // ends with the kernel
	board *widget.Board

	mu   sync.Mutex
	list []*panel
}

func newPanels(ctx context.Context, b *widget.Board) *panels { return &panels{ctx: ctx, board: b} }

// show makes widgets for a panel, draws for the first time, and displays them below the cell.
func (s *panels) show(ctx context.Context, n *notebook, p report.Panel) error {
	v := newPanel(s, n, p)
	if err := v.drawNow(ctx, p.First(), n.parent()); err != nil {
		v.close(n.parent())
		return err
	}
	n.display(v.bundle())
	for _, old := range s.add(v) {
		old.close(n.parent())
	}
	return nil
}

// add adds a panel. It returns the panels that it replaces: those of an earlier run of the cell, and the oldest if
// there are too many.
func (s *panels) add(v *panel) (replaced []*panel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = slices.DeleteFunc(s.list, func(old *panel) bool {
		again := v.cell != "" && old.cell == v.cell && old.run != v.run
		if again {
			replaced = append(replaced, old)
		}
		return again
	})
	s.list = append(s.list, v)
	if len(s.list) > maxPanels {
		replaced = append(replaced, s.list[0])
		s.list = slices.Delete(s.list, 0, 1)
	}
	return replaced
}

// interrupt ends the drawings in progress.
func (s *panels) interrupt() {
	s.mu.Lock()
	list := slices.Clone(s.list)
	s.mu.Unlock()
	for _, v := range list {
		v.interrupt()
	}
}
