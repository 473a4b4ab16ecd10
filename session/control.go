package session

import (
	"errors"
	"fmt"
	"math"

	"smoothlab/language/bounded"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// Bounds on the controls of a panel.
const (
	maxControls = 12
	maxOptions  = 1000
	maxWhole    = 1 << 53 // whole numbers that a front end represents exactly
)

// control is a control with the values of its positions.
type control struct {
	report.Control
	value func(at float64) starlark.Value
}

// newControl returns the control that a value describes. preferred is the initial value; nil for the middle of a slider
// and the first of a list.
func newControl(name string, v, preferred starlark.Value) (*control, error) {
	var c *control
	var err error
	switch v := v.(type) {
	case starlark.Tuple:
		c, err = sliderOf(name, v)
	case starlark.Bool:
		c = &control{
			Control: report.Control{Name: name, Kind: report.Check},
			value:   func(at float64) starlark.Value { return starlark.Bool(at != 0) },
		}
		if v {
			c.First = 1
		}
	case *starlark.Dict:
		c, err = labelledChoice(name, v)
	case starlark.String:
		err = errNoControl
	case starlark.Indexable:
		c, err = choiceOf(name, v)
	default:
		err = errNoControl
	}
	if err != nil {
		return nil, fmt.Errorf("interact: %s=%s: %w", name, bounded.InError(v), err)
	}
	if c.Kind != report.Check {
		c.prefer(preferred)
	}
	return c, nil
}

var errNoControl = errors.New(
	"this is not a control: (low, high) or (low, high, step) is a slider, a list or a dict is a choice, True or False " +
		"a check box; fix a value with lambda x: f(x, y=1)",
)

// sliderOf returns a slider for (low, high) or (low, high, step).
func sliderOf(name string, v starlark.Tuple) (*control, error) {
	if len(v) != 2 && len(v) != 3 {
		return nil, errors.New("a slider must be (low, high) or (low, high, step)")
	}
	whole := true
	numbers := make([]float64, len(v))
	for i, x := range v {
		f, ok := starlark.AsFloat(x)
		if _, isBool := x.(starlark.Bool); isBool || !ok || math.IsNaN(f) || math.Abs(f) > maxWhole {
			return nil, errors.New("the ends and the step of a slider must be numbers")
		}
		_, isInt := x.(starlark.Int)
		whole = whole && isInt
		numbers[i] = f
	}
	c := report.Control{Name: name, Min: numbers[0], Max: numbers[1], Whole: whole}
	switch {
	case c.Min >= c.Max:
		return nil, errors.New("the low end of a slider must be below its high end")
	case len(numbers) == 3:
		c.Step = numbers[2]
	case whole:
		c.Step = 1
	default:
		c.Step = niceStep(c.Max - c.Min)
	}
	if !(c.Step > 0) || c.Step > c.Max-c.Min {
		return nil, errors.New("the step of a slider must be above 0 and at most high - low")
	}
	if (c.Max-c.Min)/c.Step > maxWhole {
		return nil, errors.New("the step of a slider is too small for its range")
	}
	c.First = c.At(c.Index((c.Min + c.Max) / 2))
	return &control{c, func(at float64) starlark.Value {
		if whole {
			return starlark.MakeInt64(int64(at))
		}
		return starlark.Float(at)
	}}, nil
}

// steps is about how many steps a slider without a step has.
const steps = 50

// niceStep returns 1, 2 or 5 times a power of ten, such that a range has at most [steps] steps.
func niceStep(length float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(length/steps)))
	for _, k := range []float64{1, 2, 5, 10} {
		if length/(k*unit) <= steps+1e-9 {
			return k * unit
		}
	}
	return 10 * unit
}

// choiceOf returns a choice between the elements of a list. Images are named by their positions.
func choiceOf(name string, v starlark.Indexable) (*control, error) {
	n := v.Len()
	if n == 0 || n > maxOptions {
		return nil, fmt.Errorf("a choice has 1 to %d elements, got %d", maxOptions, n)
	}
	c := report.Control{Name: name, Kind: report.Choice, Ordered: true}
	values := make([]starlark.Value, n)
	for i := range n {
		values[i] = v.Index(i)
		label := fmt.Sprint(i)
		switch x := values[i].(type) {
		case starlark.String:
			label, c.Ordered = string(x), false
		case starlark.Int, starlark.Float, starlark.Bool:
			label = x.String()
		}
		c.Options = append(c.Options, label)
	}
	return &control{c, func(at float64) starlark.Value { return values[int(at)] }}, nil
}

// labelledChoice returns a choice between the values of a dict, shown by their keys.
func labelledChoice(name string, v *starlark.Dict) (*control, error) {
	if v.Len() == 0 || v.Len() > maxOptions {
		return nil, fmt.Errorf("a choice has 1 to %d elements, got %d", maxOptions, v.Len())
	}
	c := report.Control{Name: name, Kind: report.Choice}
	var values []starlark.Value
	for key, value := range v.Entries() {
		label, ok := starlark.AsString(key)
		if !ok {
			label = bounded.Brief(key)
		}
		c.Options, values = append(c.Options, label), append(values, value)
	}
	return &control{c, func(at float64) starlark.Value { return values[int(at)] }}, nil
}

// prefer makes a value the initial one, if the control has it.
func (c *control) prefer(v starlark.Value) {
	if v == nil {
		return
	}
	if c.Kind == report.Slider {
		if x, ok := starlark.AsFloat(v); ok && c.Valid(x) {
			c.First = x
		}
		return
	}
	for i := range c.Options {
		if same, err := starlark.Equal(c.value(float64(i)), v); err == nil && same {
			c.First = float64(i)
			return
		}
	}
}
