package certify

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Grid is a table before layout: a caption, the headers of the columns, one row per entry. Cells hold formatted text;
// numbers of a column are padded to one width.
type Grid struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// Text returns the table in aligned columns.
func (g *Grid) Text() string {
	var b strings.Builder
	fmt.Fprintln(&b, g.Caption)
	widths := make([]int, len(g.Head))
	for i, head := range g.Head {
		widths[i] = max(utf8.RuneCountInString(head), columnWidth(g.Rows, i))
	}
	for _, line := range slices.Concat([][]string{g.Head}, g.Rows) {
		s := ""
		for i, cell := range line {
			s += padRight(cell, widths[i]+gapAfter(g.Head[i]))
		}
		fmt.Fprintln(&b, strings.TrimRight(s, " "))
	}
	return b.String()
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

// columnWidth returns the width of the widest cell of a column, in characters.
func columnWidth(rows [][]string, column int) int {
	width := 0
	for _, row := range rows {
		width = max(width, utf8.RuneCountInString(row[column]))
	}
	return width
}

func padRight(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s))) + s
}

// Markdown returns the table in Markdown, after its caption.
func (g *Grid) Markdown() string {
	var b strings.Builder
	row := func(cells []string) {
		b.WriteString("|")
		for _, cell := range cells {
			b.WriteString(" " + strings.ReplaceAll(strings.TrimSpace(cell), "|", `\|`) + " |")
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%s\n\n", g.Caption)
	row(g.Head)
	b.WriteString("|---|" + strings.Repeat("---:|", len(g.Head)-1) + "\n")
	for _, line := range g.Rows {
		row(line)
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

// texSigns escapes the characters that LaTeX reads as commands, and those of our tables that its fonts lack.
var texSigns = strings.NewReplacer(
	`\`,
	`\textbackslash{}`,
	"{",
	`\{`,
	"}",
	`\}`,
	"$",
	`\$`,
	"&",
	`\&`,
	"%",
	`\%`,
	"#",
	`\#`,
	"_",
	`\_`,
	"~",
	`\textasciitilde{}`,
	"^",
	`\textasciicircum{}`,
	"±",
	`$\pm$`,
	"−",
	"$-$",
	"–",
	"--",
	"·",
	`$\cdot$`,
	"×",
	`$\times$`,
)

// LaTeX returns a tabular with the rules of the booktabs package, after its caption as a comment.
func (g *Grid) LaTeX() string {
	var b strings.Builder
	row := func(cells []string) {
		for i, cell := range cells {
			if i > 0 {
				b.WriteString(" & ")
			}
			b.WriteString(texSigns.Replace(strings.TrimSpace(cell)))
		}
		b.WriteString(` \\` + "\n")
	}
	fmt.Fprintf(&b, "%% %s\n%% needs \\usepackage{booktabs}\n\\begin{tabular}{l%s}\n\\toprule\n",
		strings.ReplaceAll(g.Caption, "\n", "\n% "), strings.Repeat("r", len(g.Head)-1))
	row(g.Head)
	b.WriteString("\\midrule\n")
	for _, line := range g.Rows {
		row(line)
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n")
	return b.String()
}
