package lineedit

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"

	"smoothlab/internal/textwidth"
)

// Prompts that begin the first line of an item and the others.
const (
	Prompt       = ">>> "
	Continuation = "... "
)

const tabWidth = 4

// view is the content of the screen while an item is typed.
type view struct {
	text  []rune
	pos   int      // of the cursor in text
	mark  string   // follows the text: ^C
	below []string // lines under the item: candidates, a search
}

// frame is a view laid out in rows of a screen.
type frame struct {
	rows         []row
	width        int
	line, column int // of the cursor
}

// row is the content of one row of the screen.
type row struct {
	text  string
	cells int
}

// layout breaks a view into at most height rows. If the item is higher than the screen, the rows around the cursor are
// returned; lines far from it take no time.
func (v view) layout(width, height int) frame {
	below := v.below
	if limit := max(1, height/2); len(below) > limit {
		below = append(slices.Clone(below[:limit-1]), fmt.Sprintf("… %d more lines", len(below)-limit+1))
	}
	room := max(1, height-len(below))

	start := lineStart(v.text, v.pos)
	end := lineEnd(v.text, v.pos)
	rows, line, column := v.line(start, end, v.pos-start, width)
	for first := start; first > 0 && line < room; {
		from := lineStart(v.text, first-1)
		above, _, _ := v.line(from, first-1, -1, width)
		rows = append(above, rows...)
		line += len(above)
		first = from
	}
	for last := end; last < len(v.text) && len(rows)-line <= room; {
		to := lineEnd(v.text, last+1)
		under, _, _ := v.line(last+1, to, -1, width)
		rows = append(rows, under...)
		last = to
	}
	if len(rows) > room {
		from := min(max(0, line-room/2), len(rows)-room)
		rows = rows[from : from+room]
		line -= from
	}
	for _, text := range below {
		text = textwidth.Cut(text, width-1)
		rows = append(rows, row{text, textwidth.Of(text)})
	}
	return frame{rows: rows, width: width, line: line, column: column}
}

// line breaks text[start:end], one line of the item, into rows. line and column say where the cursor is if it is
// at the given offset into the line.
func (v view) line(start, end, cursor, width int) (rows []row, line, column int) {
	var b strings.Builder
	b.WriteString(Continuation)
	if start == 0 {
		b.Reset()
		b.WriteString(Prompt)
	}
	cells := len(Prompt)
	next := func() {
		rows = append(rows, row{b.String(), cells})
		b.Reset()
		cells = 0
	}
	put := func(shown string, w int, exact bool) {
		b.WriteString(shown)
		cells += w
		if !exact && cells < width { // terminals do not agree on how wide this is
			fmt.Fprintf(&b, "\x1b[%dG", cells+1)
		}
	}
	text := v.text[start:end]
	for at := 0; at < len(text); {
		n := clusterLen(text[at:])
		shown, w, exact := look(text[at:at+n], cells-len(Prompt))
		if cells+w > width {
			next()
		}
		if cursor >= at && cursor < at+n {
			line, column = len(rows), cells
		}
		put(shown, w, exact)
		at += n
	}
	if end == len(v.text) && v.mark != "" {
		if cells+len(v.mark) > width {
			next()
		}
		put(v.mark, len(v.mark), true)
	}
	if cursor == len(text) {
		if cells == width {
			next()
		}
		line, column = len(rows), cells
	}
	next()
	return rows, line, column
}

// look returns how a grapheme cluster is shown and how many cells it takes; exact is false if terminals disagree about
// the cells. Control characters are replaced, so that typed text cannot control the terminal.
func look(cluster []rune, column int) (shown string, cells int, exact bool) {
	r := cluster[0]
	switch {
	case r >= ' ' && r < 0x7f && len(cluster) == 1:
		return string(r), 1, true
	case r == '\t':
		n := tabWidth - max(column, 0)%tabWidth
		return strings.Repeat(" ", n), n, true
	case r < ' ':
		return "^" + string(r+'@'), 2, true
	case r == 0x7f:
		return "^?", 2, true
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		return "\ufffd", 1, true
	}
	s := string(cluster)
	if strings.ContainsFunc(
		s,
		func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cc, r) },
	) {
		return "\ufffd", 1, true
	}
	if w := textwidth.Of(s); w > 0 {
		return s, w, len(cluster) == 1
	}
	return "\ufffd", 1, true // a combining mark without a base
}

// clusterLen is the number of code points in the first grapheme cluster of text.
func clusterLen(text []rune) int {
	if len(text) < 2 || text[0] < 0x300 && text[1] < 0x300 { // the first combining mark
		return min(1, len(text))
	}
	// Clusters of text are shorter. Without a limit, each step would convert the rest of the text.
	const maxCluster = 32
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(string(text[:min(maxCluster, len(text))]), -1)
	n := 0
	for range cluster {
		n++
	}
	return max(1, n)
}

func lineStart(text []rune, pos int) int {
	for pos > 0 && text[pos-1] != '\n' {
		pos--
	}
	return pos
}

func lineEnd(text []rune, pos int) int {
	for pos < len(text) && text[pos] != '\n' {
		pos++
	}
	return pos
}

// over returns the text that turns the frame was on the screen into f. Equal rows are not written again.
func (f frame) over(was frame) string {
	var b strings.Builder
	b.WriteString(was.home())
	for i, r := range f.rows {
		if i > 0 {
			b.WriteString("\r\n")
		}
		if i < len(was.rows) && was.width == f.width && was.rows[i] == r {
			continue
		}
		b.WriteString(r.text)
		if r.cells < f.width { // at the edge, erasing would take the last character
			b.WriteString("\x1b[K")
		}
	}
	at := len(f.rows) - 1
	if len(was.rows) > len(f.rows) {
		b.WriteString("\r\n\x1b[J")
		at++
	}
	move(&b, at-f.line, f.column)
	return b.String()
}

// home returns the text that moves the cursor to the beginning of the frame.
func (f frame) home() string {
	var b strings.Builder
	move(&b, f.line, 0)
	return b.String()
}

// erase returns the text that clears the frame.
func (f frame) erase() string { return f.home() + "\x1b[J" }

// eraseAt returns the text that erases the frame after the width of the screen has changed. breaks means that the
// terminal has broken rows anew that no longer fit.
func (f frame) eraseAt(width int, breaks bool) string {
	up := f.line
	if breaks && width < f.width {
		up = f.column / width
		for _, r := range f.rows[:min(f.line, len(f.rows))] {
			up += max(1, (r.cells+width-1)/width)
		}
	}
	var b strings.Builder
	move(&b, up, 0)
	return b.String() + "\x1b[J"
}

// move writes the sequences that move the cursor up, and to a column.
func move(b *strings.Builder, up, column int) {
	if up > 0 {
		fmt.Fprintf(b, "\x1b[%dA", up)
	}
	b.WriteString("\r")
	if column > 0 {
		fmt.Fprintf(b, "\x1b[%dC", column)
	}
}
