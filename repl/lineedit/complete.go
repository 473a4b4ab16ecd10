package lineedit

import (
	"slices"
	"strings"

	"smoothlab/internal/texttable"
	"smoothlab/internal/textwidth"
	"smoothlab/report"
)

// maxExplained is the maximum number of candidates listed one per line, with their help.
const maxExplained = 10

// tab indents at the beginning of a line and completes elsewhere.
func (e *editor) tab() rune {
	before := string(e.text[lineStart(e.text, e.pos):e.pos])
	if blank(before) {
		e.insert(strings.Repeat(" ", tabWidth-len([]rune(before))%tabWidth))
		return keyApply
	}
	c := e.language.Complete(string(e.text), e.pos)
	if len(c.Items) == 0 || c.Start < 0 || c.Start > c.End || c.End > len(e.text) {
		e.display.bell()
		return keyApply
	}
	typed := e.text[c.Start:c.End]
	common := []rune(c.Items[0].Text)
	for _, item := range c.Items[1:] {
		common = common[:commonPrefix(common, []rune(item.Text))]
	}
	if len(c.Items) == 1 || len(common) > len(typed) && slices.Equal(common[:len(typed)], typed) {
		e.text = slices.Replace(e.text, c.Start, c.End, common...)
		e.pos = c.Start + len(common)
		e.pasted = false
	}
	if len(c.Items) > 1 {
		e.below = listing(c.Items, e.display.width())
	}
	return keyApply
}

func commonPrefix(a, b []rune) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// listing shows candidates: a few with their help, many in columns.
func listing(items []report.Item, width int) []string {
	if len(items) <= maxExplained && slices.ContainsFunc(items, func(i report.Item) bool { return i.Help != "" }) {
		var rows [][]string
		for _, item := range items {
			rows = append(rows, []string{item.Text, item.Help})
		}
		return strings.Split(strings.TrimSuffix(texttable.New(rows, 2).Text(rows), "\n"), "\n")
	}
	widest := 0
	for _, item := range items {
		widest = max(widest, textwidth.Of(item.Text))
	}
	var lines []string
	columns := max(1, (width-1)/(widest+2))
	rows := (len(items) + columns - 1) / columns
	for row := range rows {
		var line strings.Builder
		for at := row; at < len(items); at += rows {
			line.WriteString(textwidth.Left(items[at].Text, widest) + "  ")
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return lines
}
