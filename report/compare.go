package report

import (
	"slices"
	"strings"

	"smoothlab/certify"
)

// CertifyTable is a table of certifications, laid out by package certify.
type CertifyTable struct {
	Table
	Path string `json:"path"` // the file it was written to; may be empty
}

func (CertifyTable) Type() string { return "smoothlab.table/1" }

// Comparison is the difference of two certifications, or of two lists of them.
type Comparison struct {
	certify.Comparison
}

func (Comparison) Type() string { return "smoothlab.comparison/1" }

func (t CertifyTable) Blocks() []Block {
	if t.even() {
		t.laid = strings.TrimPrefix((&certify.Grid{Head: t.Head, Rows: t.Rows}).Text(), "\n")
	}
	return kept(t.Path, t.Table)
}

// even reports whether each row has one cell per column. Reports sent by other programs may not.
func (t Table) even() bool {
	return !slices.ContainsFunc(t.Rows, func(row []string) bool { return len(row) != len(t.Head) })
}

func (c Comparison) Blocks() []Block {
	blocks := []Block{Line(c.Caption()), Line(c.ACRLine())}
	if says := c.Conclusion(); says != "" {
		blocks = append(blocks, Line(says))
	}
	if len(c.Accuracies) > 0 {
		blocks = append(blocks, c.table())
	}
	if c.Unrecorded == [2]bool{true, true} {
		blocks = append(
			blocks,
			Aside{Line("neither side records its images' pixels: images are paired by index and label")},
		)
	}
	return blocks
}

// table puts the unit of the differences in the header, so that the numbers align.
func (c Comparison) table() Table {
	const column, unit = 1, " pt"
	t := Table{Head: slices.Clone(c.Head()), Rows: c.Rows(), Left: 1}
	if t.even() {
		t.laid = c.Comparison.Table()
	}
	if number, found := strings.CutSuffix(t.Rows[0][column], unit); found {
		t.Head[column] += " (pt)"
		t.Rows[0][column] = number
	}
	return t
}
