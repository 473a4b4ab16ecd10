package report

// Figure is a plot of curves.
type Figure struct {
	Curves Curves `json:"curves"`
	Path   string `json:"path"` // the file it was written to; may be empty
}

func (Figure) Type() string { return "smoothlab.figure/1" }

func (f Figure) Blocks() []Block { return kept(f.Path, f.Curves) }

// kept adds the path of the written file, if any.
func kept(path string, blocks ...Block) []Block {
	if path != "" {
		blocks = append(blocks, Line("→ "+path))
	}
	return blocks
}
