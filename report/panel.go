package report

import (
	"context"
	"math"
	"strconv"

	"smoothlab/internal/humanize"
)

// Interactor is an Output on which controls can be moved. Each front end shows them as it can: as widgets, as keys, or
// as a page of ready frames.
type Interactor interface {
	// Interact shows the controls of a panel, and draws at their first positions. It returns an error if that first
	// drawing fails. Where the controls stay usable after the evaluation, it returns after the first drawing; on a
	// terminal it returns when the user has finished.
	Interact(ctx context.Context, p Panel) error
}

// Panel is a set of controls with a drawing that depends on their positions.
type Panel struct {
	Controls []Control
	// Draw shows on out the drawing at the given positions, one per control. It may be called after the evaluation that
	// made the panel has ended, by one goroutine at a time. It returns soon after ctx ends.
	Draw func(ctx context.Context, at []float64, out Output) error
}

// First returns the initial positions of the controls.
func (p Panel) First() []float64 {
	at := make([]float64, len(p.Controls))
	for i, c := range p.Controls {
		at[i] = c.First
	}
	return at
}

// Text describes positions of the controls: "sigma=0.5, image=3".
func (p Panel) Text(at []float64) string {
	text := ""
	for i, c := range p.Controls {
		if i > 0 {
			text += ", "
		}
		text += c.Name + "=" + c.Label(at[i])
	}
	return text
}

// ControlKind is the kind of a control.
type ControlKind int

// Kinds of controls.
const (
	Slider ControlKind = iota // a number from Min to Max
	Choice                    // one of Options
	Check                     // on or off
)

// Control is one setting of a panel. Its position is a number: the value of a slider, the index of an option, or 0 and
// 1 for off and on.
type Control struct {
	Name    string
	Kind    ControlKind
	First   float64  // initial position
	Min     float64  // of a slider, like Max and Step
	Max     float64  // at least Min
	Step    float64  // above 0
	Whole   bool     // the slider takes whole numbers only
	Options []string // labels of a choice
	Ordered bool     // the options are in an order, as on a scale
}

// Count returns the number of positions that steps reach.
func (c Control) Count() int {
	switch c.Kind {
	case Choice:
		return len(c.Options)
	case Check:
		return 2
	}
	return int(math.Floor((c.Max-c.Min)/c.Step+1e-9)) + 1
}

// At returns the i-th position, from 0.
func (c Control) At(i int) float64 {
	if c.Kind != Slider {
		return float64(i)
	}
	x := c.Min + float64(i)*c.Step
	return math.Min(humanize.Round(x, 12), c.Max) // 0.3, not 0.30000000000000004
}

// Index returns the number of the position that is nearest to x.
func (c Control) Index(x float64) int {
	if c.Kind == Slider {
		x = (x - c.Min) / c.Step
	}
	return int(math.Max(0, math.Min(float64(c.Count()-1), math.Round(x))))
}

// Valid reports whether x is a position of the control.
func (c Control) Valid(x float64) bool {
	switch c.Kind {
	case Choice, Check:
		return x == math.Trunc(x) && x >= 0 && x < float64(c.Count())
	}
	return x >= c.Min && x <= c.Max && (!c.Whole || x == math.Trunc(x))
}

// Label returns a position as text.
func (c Control) Label(x float64) string {
	switch c.Kind {
	case Choice:
		return c.Options[c.Index(x)]
	case Check:
		if x != 0 {
			return "True"
		}
		return "False"
	}
	return strconv.FormatFloat(x, 'g', 6, 64)
}
