// Package texttable lays out plain text in columns, by the widths that a terminal shows. A [Layout] is made for some
// rows; its columns may be changed before lines are written with it.
package texttable

import (
	"strings"

	"smoothlab/internal/textwidth"
)

// gap is the usual space between columns.
const gap = 2

// Layout describes columns, from left to right.
type Layout []Column

// Column describes one column.
type Column struct {
	Width int  // cells of the terminal
	Gap   int  // spaces behind it, if another column follows
	Right bool // its text is aligned to the right, as numbers are
}

// New returns a layout for rows, which may differ in length. The first left columns are aligned to the left.
func New(rows [][]string, left int) Layout {
	var l Layout
	for _, row := range rows {
		for i, cell := range row {
			if i == len(l) {
				l = append(l, Column{Gap: gap, Right: i >= left})
			}
			l[i].Width = max(l[i].Width, textwidth.Of(cell))
		}
	}
	return l
}

// Line returns a row, which has at most as many cells as there are columns, as one line without its end.
func (l Layout) Line(row []string) string {
	var b strings.Builder
	for i, cell := range row {
		align := textwidth.Left
		if l[i].Right {
			align = textwidth.Right
		}
		b.WriteString(align(cell, l[i].Width) + strings.Repeat(" ", l[i].Gap))
	}
	return strings.TrimRight(b.String(), " ")
}

// Text returns rows as lines.
func (l Layout) Text(rows [][]string) string {
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(l.Line(row) + "\n")
	}
	return b.String()
}
