package report

// Method is a training objective with its settings.
type Method struct {
	Name     string    `json:"name"`
	Call     string    `json:"call"` // as a call: "smoothmix(sigma=0.5, m=4)"
	Settings []Setting `json:"settings"`
}

// Setting is one setting of a method.
type Setting struct {
	Name     string  `json:"name"`
	Value    float64 `json:"value"`
	Help     string  `json:"help"`
	Compiled bool    `json:"compiled"` // whole number that is compiled into the step
}

func (Method) Type() string { return "smoothlab.method/1" }

func (m Method) Blocks() []Block {
	t := Table{Head: []string{"setting", "value", "", "changing it"}}
	for _, s := range m.Settings {
		value, changing := setting(s.Value), "costs nothing"
		if s.Compiled {
			value, changing = plain(s.Value), "compiles"
		}
		t.Rows = append(t.Rows, []string{s.Name, value, s.Help, changing})
	}
	t.Left = 4
	return []Block{Line(m.Call), Aside{t}}
}
