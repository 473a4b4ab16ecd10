package repl

import (
	"slices"
	"strings"

	"github.com/rivo/uniseg"

	"smoothlab/report"
)

// explained is the maximum number of candidates listed one per line, with their help.
const explained = 10

// tab indents at the beginning of a line and completes elsewhere.
func (e *editor) tab() rune {
	before := string(e.text[lineStart(e.text, e.pos):e.pos])
	if blank(before) {
		e.insert(strings.Repeat(" ", tabWidth-len([]rune(before))%tabWidth))
		return keyApply
	}
	c := e.candidates()
	if len(c.Items) == 0 || c.Start < 0 || c.Start > c.End || c.End > len(e.text) {
		e.console.bell()
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
		width, _ := e.console.size()
		e.below = listing(c.Items, width)
	}
	return keyApply
}

// candidates asks the language. A fault of it does not end the session.
func (e *editor) candidates() (c report.Completion) {
	defer func() {
		if p := recover(); p != nil {
			e.console.Fail(internal("completion", p))
			c = report.Completion{}
		}
	}()
	return e.evaluator.Complete(string(e.text), e.pos)
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
	widest := 0
	for _, item := range items {
		widest = max(widest, uniseg.StringWidth(item.Text))
	}
	pad := func(s string) string { return s + strings.Repeat(" ", widest-uniseg.StringWidth(s)) }
	var lines []string
	if len(items) <= explained && slices.ContainsFunc(items, func(i report.Item) bool { return i.Help != "" }) {
		for _, item := range items {
			lines = append(lines, strings.TrimRight(pad(item.Text)+"  "+item.Help, " "))
		}
		return lines
	}
	columns := max(1, (width-1)/(widest+2))
	rows := (len(items) + columns - 1) / columns
	for row := range rows {
		var line strings.Builder
		for at := row; at < len(items); at += rows {
			line.WriteString(pad(items[at].Text) + "  ")
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return lines
}
