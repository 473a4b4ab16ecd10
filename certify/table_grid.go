package certify

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"smoothlab/internal/latex"
	"smoothlab/internal/texttable"
)

// Grid is a table before layout: a caption, the headers of the columns, one row per entry. Cells hold formatted text;
// numbers of a column are padded to one width.
type Grid struct {
	Caption string
	Head    []string
	Rows    [][]string
	Best    [][]bool // cells with the best values; may be nil
	Blocks  []Block  // divides the rows; nil for one part
}

// Text returns the table in aligned columns.
func (g *Grid) Text() string {
	rows := append([][]string{g.Head}, g.Plain()...)
	layout := texttable.New(rows, len(g.Head))
	for i, head := range g.Head {
		layout[i].Gap = gapAfter(head)
	}
	return g.Caption + "\n" + layout.Text(rows)
}

// gapAfter returns the space after a column; it is wider after names and ACR.
func gapAfter(head string) int {
	switch head {
	case "":
		return 4
	case acrHead, acrRunsHead:
		return 3
	}
	return 2
}

// Markdown returns the table in Markdown, after its caption. Best values are bold.
func (g *Grid) Markdown() string {
	var b strings.Builder
	row := func(cells []string, bold func(k int) bool) {
		b.WriteString("|")
		for k, cell := range cells {
			cell = strings.ReplaceAll(strings.TrimSpace(cell), "|", `\|`)
			if cell != "" && bold(k) {
				cell = "**" + cell + "**"
			}
			b.WriteString(" " + cell + " |")
		}
		b.WriteString("\n")
	}
	never := func(int) bool { return false }
	fmt.Fprintf(&b, "%s\n\n", g.Caption)
	row(g.Head, never)
	b.WriteString("|---|" + strings.Repeat("---:|", len(g.Head)-1) + "\n")
	next := 0
	for _, part := range g.parts() {
		if part.Name != "" {
			row(append([]string{part.Name}, make([]string, len(g.Head)-1)...), func(int) bool { return true })
		}
		for range part.Rows {
			row(g.Rows[next], func(k int) bool { return g.best(next, k) })
			next++
		}
	}
	return b.String()
}

// CSV returns headers and cells for other programs, without the caption.
func (g *Grid) CSV() string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	for _, line := range slices.Concat([][]string{g.Head}, g.Rows) {
		cells := make([]string, len(line))
		for i, cell := range line {
			cells[i] = strings.TrimSpace(cell)
		}
		_ = w.Write(cells) // writing to memory cannot fail
	}
	w.Flush()
	return b.String()
}

// LaTeX returns a tabular with the rules of the booktabs package, after its caption as a comment. Best values are
// bold.
func (g *Grid) LaTeX() string {
	var b strings.Builder
	row := func(cells []string, bold func(k int) bool) {
		for k, cell := range cells {
			if k > 0 {
				b.WriteString(" & ")
			}
			cell = latex.Escape(strings.TrimSpace(cell))
			if bold(k) {
				number, rest, found := strings.Cut(cell, ` $\pm$`)
				if cell = `\textbf{` + number + `}`; found {
					cell += ` $\pm$` + rest
				}
			}
			b.WriteString(cell)
		}
		b.WriteString(` \\` + "\n")
	}
	fmt.Fprintf(&b, "%% %s\n%% needs \\usepackage{booktabs}\n\\begin{tabular}{l%s}\n\\toprule\n",
		strings.ReplaceAll(g.Caption, "\n", "\n% "), strings.Repeat("r", len(g.Head)-1))
	row(g.Head, func(int) bool { return false })
	next := 0
	for _, part := range g.parts() {
		b.WriteString("\\midrule\n")
		if part.Name != "" {
			heading := latex.Escape(part.Name)
			if value, found := strings.CutPrefix(part.Name, "sigma "); found {
				heading = `$\sigma = ` + value + `$`
			}
			fmt.Fprintf(&b, "\\multicolumn{%d}{l}{%s} \\\\\n", len(g.Head), heading)
		}
		for range part.Rows {
			row(g.Rows[next], func(k int) bool { return g.best(next, k) })
			next++
		}
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n")
	return b.String()
}
