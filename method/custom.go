package method

import (
	"fmt"
)

// LossFunc builds the loss of a custom method from the verbs of a step. It is called once per batch shape, in a
// separate goroutine, and two calls may run at the same time. Anything it reads besides the step is frozen into the
// compiled steps.
type LossFunc func(st *Step) Terms

// Custom is a method made from a function. It has the settings and the [Traits] of the method that it is based on, such
// as the warm-up and the search step. It can be trained, walked and saved in checkpoints like a listed method.
type Custom struct {
	name string
	text string    // distinguishes this function from others of the same name in checkpoints; may be ""
	loss *LossFunc // a pointer, so that compiled steps can tell functions apart
	base Method
}

// NewCustom returns a method with the given loss and the settings of another method, whose Loss is not used. A run is
// resumed if name, settings and text are the same. The text may be empty: Go cannot tell whether a function has
// changed.
func NewCustom(name, text string, base Method, loss LossFunc) *Custom {
	return &Custom{name: name, text: text, loss: &loss, base: base}
}

// Name returns the name given to NewCustom.
func (c *Custom) Name() string { return c.name }

// Text returns the text given to NewCustom.
func (c *Custom) Text() string { return c.text }

// Base returns the method whose settings it has.
func (c *Custom) Base() Method { return c.base }

// Check refuses a method without name, settings or function, and settings that its base refuses.
func (c *Custom) Check() error {
	if c.name == "" || c.base == nil || *c.loss == nil {
		return fmt.Errorf("a custom method needs a name, settings, and a function")
	}
	return c.base.Check()
}

// Traits returns the traits of the base, with WholeSearch false, because a function cannot run a whole search.
func (c *Custom) Traits() Traits {
	if c.base == nil { // refused by Check
		return Traits{}
	}
	t := c.base.Traits()
	t.WholeSearch = false
	return t
}

// Loss calls the function.
func (c *Custom) Loss(st *Step) Terms { return (*c.loss)(st) }

func (c *Custom) settings() []Field { return Fields(c.base) }

func (c *Custom) replaced(values []float64) Method {
	changed := *c
	changed.base = withValues(c.base, values)
	return &changed
}

// configured is a Method whose settings are not the fields of a struct.
type configured interface {
	Method
	settings() []Field
	replaced(values []float64) Method // returns a copy with other values, in the order of settings
}
