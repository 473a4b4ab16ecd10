package report

// Value is a plain value of the language: a number, a string, a list.
type Value struct {
	Repr string `json:"repr"` // as the language writes it
	Data any    `json:"data"` // as JSON; nil where it has no such form, a function for instance
}

func (*Value) Type() string { return "smoothlab.value/1" }

func (v *Value) Blocks() []Block { return []Block{Line(v.Repr)} }
