package report

// Value is a plain value of the language: a number, a string, a list.
type Value struct {
	Repr string `json:"repr"` // as a Starlark literal; a list or dict of results has one line for each
	Data any    `json:"data"` // as JSON; nil for values without a JSON form, such as functions
}

func (*Value) Type() string { return "smoothlab.value/1" }

func (v *Value) Blocks() []Block { return []Block{Line(v.Repr)} }
