package method

import (
	"fmt"
)

// LossFunc builds the loss of a custom method from the verbs of a step. It is called once per batch shape, in a
// goroutine of its own, and two calls may run at the same time: whatever it reads besides the step is frozen into the
// compiled steps.
type LossFunc func(st *Step) Terms

// Custom is a method made of a function instead of a type. It has the settings and the [Traits] of the method that it
// is based on, such as the warm-up and the search step. It is trained, walked and kept in checkpoints like a listed
// method.
type Custom struct {
	name string
	text string    // tells this function from others with the same name, in checkpoints; "" where nothing does
	loss *LossFunc // a pointer, so that compiled steps can be told apart
	base Method
}

// NewCustom makes a method of a loss and the settings of another method, whose Loss is not used. A run is resumed by
// the same name, settings and text. The text may be empty: Go cannot tell whether a function was changed in between.
func NewCustom(name, text string, base Method, loss LossFunc) *Custom {
	return &Custom{name: name, text: text, loss: &loss, base: base}
}

// Name is the name that the method was made with.
func (c *Custom) Name() string { return c.name }

// Text is the text that the method was made with.
func (c *Custom) Text() string { return c.text }

// Base is the method whose settings it has.
func (c *Custom) Base() Method { return c.base }

// Check refuses a method without name, settings or function, and then settings that its base refuses.
func (c *Custom) Check() error {
	if c.name == "" || c.base == nil || *c.loss == nil {
		return fmt.Errorf("a custom method needs a name, settings, and a function")
	}
	return c.base.Check()
}

// Traits are those of the base. A function cannot make a whole search of the base's kind, so WholeSearch is false.
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
	replaced(values []float64) Method // a copy with other values, in the order of settings
}
