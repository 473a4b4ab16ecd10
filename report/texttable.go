package report

import (
	"strings"

	"smoothlab/internal/texttable"
	"smoothlab/internal/textwidth"
)

const (
	columnGap = 2
	narrowest = 4 // minimum cells of a text column
)

// writeTable lays out a table in columns. Columns that do not fit follow below, with the left columns repeated.
func writeTable(b *strings.Builder, t Table, s Style) {
	if t.Caption != "" {
		writeLines(b, t.Caption, s)
	}
	if t.laid != "" && writeLaid(b, t.laid, s) {
		return
	}
	rows, widths := t.cells()
	if len(widths) == 0 {
		return
	}
	left := min(max(t.Left, 0), len(widths))
	if limit := s.limit(); limit > 0 {
		squeeze(rows, widths, left, limit)
	}
	for from, first := left, true; first || from < len(widths); first = false {
		if !first {
			b.WriteString("\n")
		}
		to := fitting(widths, left, from, s.limit())
		for _, row := range rows {
			writeRow(b, row, widths, func(i int) bool { return i < left || i >= from && i < to }, left, s.limit())
		}
		from = to
	}
}

// writeLaid writes lines unchanged if all of them fit.
func writeLaid(b *strings.Builder, text string, s Style) bool {
	lines := strings.Split(strings.TrimSuffix(clean(text, true), "\n"), "\n")
	for _, line := range lines {
		if limit := s.limit(); limit > 0 && textwidth.Of(line) > limit {
			return false
		}
	}
	b.WriteString(strings.Join(lines, "\n") + "\n")
	return true
}

// writeRow writes the given columns. Text that is too wide for its column is wrapped; numbers are cut.
func writeRow(b *strings.Builder, row []string, widths []int, asked func(int) bool, left, limit int) {
	parts, height := make([][]string, len(row)), 1
	for i, cell := range row {
		if i < left {
			parts[i] = wrap(cell, widths[i])
		} else {
			parts[i] = []string{textwidth.Cut(cell, widths[i])}
		}
		height = max(height, len(parts[i]))
	}
	var layout texttable.Layout
	for i := range row {
		if asked(i) {
			layout = append(layout, texttable.Column{Width: widths[i], Gap: columnGap, Right: i >= left})
		}
	}
	for at := range height {
		var cells []string
		for i := range row {
			if !asked(i) {
				continue
			}
			part := ""
			if at < len(parts[i]) {
				part = parts[i][at]
			}
			cells = append(cells, part)
		}
		text := layout.Line(cells)
		if limit > 0 {
			text = textwidth.Cut(text, limit) // even columns of the minimum width do not fit
		}
		b.WriteString(text + "\n")
	}
}

// cells returns the clean cells, header first, in rows of equal length, and the width of each column.
func (t Table) cells() (rows [][]string, widths []int) {
	lines := t.Rows
	if len(t.Head) > 0 {
		lines = append([][]string{t.Head}, lines...)
	}
	columns := 0
	for _, line := range lines {
		columns = max(columns, len(line))
	}
	widths = make([]int, columns)
	for _, line := range lines {
		row := make([]string, columns)
		for i, cell := range line {
			row[i] = clean(cell, false)
			widths[i] = max(widths[i], textwidth.Of(row[i]))
		}
		rows = append(rows, row)
	}
	return rows, widths
}

// squeeze narrows columns until the left ones fit next to the widest other one. It narrows the widest first, and if
// possible not below its longest word.
func squeeze(rows [][]string, widths []int, left, limit int) {
	widest := 0
	for i := left; i < len(widths); i++ {
		widths[i] = min(widths[i], limit/2)
		widest = max(widest, widths[i]+columnGap)
	}
	words := make([]int, left)
	for _, row := range rows {
		for i, cell := range row[:left] {
			for word := range strings.FieldsSeq(cell) {
				words[i] = max(words[i], textwidth.Of(word))
			}
		}
	}
	for _, floor := range []func(i int) int{func(i int) int { return words[i] }, func(int) int { return narrowest }} {
		for {
			total, at := widest-columnGap, -1
			for i, w := range widths[:left] {
				total += w + columnGap
				if w > floor(i) && (at < 0 || w >= widths[at]) {
					at = i
				}
			}
			if total <= limit {
				return
			}
			if at < 0 {
				break
			}
			widths[at]--
		}
	}
}

// fitting returns the end of the columns, from the given one on, that fit next to the left ones: at least one.
func fitting(widths []int, left, from, limit int) int {
	if limit <= 0 {
		return len(widths)
	}
	room := limit + columnGap
	for _, w := range widths[:left] {
		room -= w + columnGap
	}
	to := from
	for to < len(widths) {
		if room -= widths[to] + columnGap; room < 0 && to > from {
			break
		}
		to++
	}
	return to
}
