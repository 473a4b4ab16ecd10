package report

import (
	"cmp"
	"strings"
)

// Help documents a function, a method, or a kind of value.
type Help struct {
	Name       string     `json:"name"`
	Signature  string     `json:"signature"`
	Text       string     `json:"text"` // paragraphs separated by empty lines
	Arguments  []Argument `json:"arguments"`
	Attributes []Entry    `json:"attributes"`
	Examples   []string   `json:"examples"` // source code that can be typed as it is
	Related    []string   `json:"related"`  // names with their own help
}

// Argument is one argument of a function.
type Argument struct {
	Name    string `json:"name"`
	Default string `json:"default"` // Starlark literal; empty if the argument is required
	Help    string `json:"help"`
}

// Entry is a name with one line of help.
type Entry struct {
	Name string `json:"name"`
	Help string `json:"help"`
}

// HelpIndex lists the names that have help.
type HelpIndex struct {
	Text   string      `json:"text"` // text before the lists
	Groups []HelpGroup `json:"groups"`
}

// HelpGroup is a list of names with a heading.
type HelpGroup struct {
	Name    string  `json:"name"`
	Entries []Entry `json:"entries"`
}

func (Help) Type() string      { return "smoothlab.help/1" }
func (HelpIndex) Type() string { return "smoothlab.help_index/1" }

func (h Help) Blocks() []Block {
	var blocks []Block
	section := func(b ...Block) {
		if len(blocks) > 0 {
			blocks = append(blocks, Line(""))
		}
		blocks = append(blocks, b...)
	}
	section(Line(cmp.Or(h.Signature, h.Name)))
	if h.Text != "" {
		section(Line(h.Text))
	}
	if len(h.Arguments) > 0 {
		t := Table{Head: []string{"argument", "default", ""}, Left: 3}
		for _, a := range h.Arguments {
			t.Rows = append(t.Rows, []string{a.Name, a.Default, a.Help})
		}
		section(t)
	}
	if len(h.Attributes) > 0 {
		section(entries("attribute", h.Attributes))
	}
	for i, e := range h.Examples {
		if example := Line(">>> " + strings.ReplaceAll(e, "\n", "\n... ")); i == 0 {
			section(example)
		} else {
			blocks = append(blocks, example)
		}
	}
	if len(h.Related) > 0 {
		section(Line("see also: " + strings.Join(h.Related, ", ")))
	}
	return blocks
}

func (h HelpIndex) Blocks() []Block {
	var blocks []Block
	if h.Text != "" {
		blocks = append(blocks, Line(h.Text))
	}
	for _, g := range h.Groups {
		if len(blocks) > 0 {
			blocks = append(blocks, Line(""))
		}
		blocks = append(blocks, entries(g.Name, g.Entries))
	}
	return blocks
}

func entries(name string, list []Entry) Table {
	t := Table{Head: []string{name, ""}, Left: 2}
	for _, e := range list {
		t.Rows = append(t.Rows, []string{e.Name, e.Help})
	}
	return t
}
