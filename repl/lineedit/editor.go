package lineedit

import (
	"slices"
	"strings"
	"unicode"

	"github.com/chzyer/readline"

	"smoothlab/report"
)

// editor makes a multi-line editor out of readline, which edits one line. Readline's line is the whole item, newlines
// included, and readline draws nothing. Keys that readline handles correctly in a text of several lines, such as
// inserting, kill and yank, are left to it. The others are handled here, before readline sees them ([editor.filter]);
// readline then takes over the changed text ([editor.OnChange]).
//
// An editor belongs to one goroutine at a time: readline's while a line is read, the caller's otherwise.
type editor struct {
	display      *display
	language     Language
	history      *History
	input        *input
	wakeReadline func() // lets readline read on after a key that usually ends the line
	suspend      func()

	text []rune
	pos  int

	outside   [2][]rune // the text around the part that readline sees, from keyNarrow to keyWiden
	search    *search   // nil if there is none
	below     []string  // lines under the item: candidates, a search
	pasted    bool      // several lines were pasted, and nothing was changed since
	more      bool      // the next Enter comes with more text, and was not typed by hand
	indented  bool      // … which begins with a space
	touched   bool      // a key other than Ctrl-D was pressed
	closed    bool      // the terminal is gone, or End was called
	abandoned string    // what was being typed when it was closed
}

// begin empties the editor for a new item.
func (e *editor) begin() {
	e.text, e.pos = nil, 0
	e.outside, e.search, e.below = [2][]rune{}, nil, nil
	e.pasted, e.more, e.indented, e.touched = false, false, false, false
	e.history.rewind()
}

// filter is readline's FuncFilterInputRune: it sees each key first.
func (e *editor) filter(r rune) (rune, bool) {
	if r != 0 && r != readline.CharDelete && r != keyNothing {
		e.touched = true
	}
	result := e.key(r)
	switch r {
	case readline.CharEnter, readline.CharCtrlJ, readline.CharDelete, readline.CharInterrupt:
		if result != r {
			e.wakeReadline()
		}
	}
	return result, true
}

// key handles a key and returns the rune for readline: the key itself, keyApply if the text was changed here, or
// keyNothing. It is long because it has one case per key.
func (e *editor) key(r rune) rune {
	if r == 0 {
		return e.hangUp()
	}
	if e.search != nil && r != readline.CharInterrupt {
		if e.searchKey(r) {
			return keyApply
		}
		e.endSearch()
	}
	if r != readline.CharEnter && r != keyMore && r != keyIndented {
		e.below, e.more, e.indented = nil, false, false
	}
	switch r {
	case readline.CharInterrupt:
		e.text, e.pos = nil, 0
		e.display.leave("^C")
		return readline.CharInterrupt
	case readline.CharEnter, readline.CharCtrlJ:
		return e.enter()
	case readline.CharDelete:
		if len(e.text) == 0 {
			e.display.leave("")
			return readline.CharDelete
		}
		return e.delete()
	case keyMore:
		e.more = true
		return keyNothing
	case keyIndented:
		e.indented = true
		return keyNothing
	case readline.CharBckSearch, readline.CharFwdSearch:
		e.beginSearch(r == readline.CharBckSearch)
		return keyApply
	case readline.CharCtrlL:
		e.display.redraw("\x1b[H\x1b[2J")
		return keyNothing
	case readline.CharCtrlZ:
		e.suspend()
		return keyNothing
	case keyPaste:
		e.paste(e.input.paste())
		return keyApply
	case readline.CharTab:
		return e.tab()
	case keyTabText:
		e.insert("\t")
		return keyApply
	case keyNewline:
		e.newline()
		return keyApply
	case keyNarrow:
		end := lineEnd(e.text, e.pos)
		if end == e.pos && end < len(e.text) {
			end++ // what follows the end of a line is its newline
		}
		e.restrict(lineStart(e.text, e.pos), end)
		return keyApply
	case keyNarrowBack:
		e.restrict(wordBefore(e.text, e.pos), e.pos)
		return keyApply
	case keyNarrowWord:
		e.restrict(e.pos, wordAfter(e.text, e.pos))
		return keyApply
	case keyWiden:
		e.restore()
		return keyApply
	case keyDelete:
		return e.delete()
	case readline.CharBackspace, readline.CharCtrlH:
		return e.backspace()
	}
	return e.motion(r)
}

// motion handles the keys that move the cursor, and returns for all others what readline gets.
func (e *editor) motion(r rune) rune {
	switch r {
	case readline.CharBackward:
		return e.moveTo(e.pos - e.clusterBefore())
	case readline.CharForward:
		return e.moveTo(e.pos + clusterLen(e.text[e.pos:]))
	case keyUp:
		if start := lineStart(e.text, e.pos); start > 0 {
			return e.moveTo(e.sameColumn(lineStart(e.text, start-1)))
		}
		return e.recall(-1)
	case keyDown:
		if end := lineEnd(e.text, e.pos); end < len(e.text) {
			return e.moveTo(e.sameColumn(end + 1))
		}
		return e.recall(1)
	case keyOlder, readline.CharPrev:
		return e.recall(-1)
	case keyNewer, readline.CharNext:
		return e.recall(1)
	case readline.CharTranspose:
		if len(e.text) < 2 { // readline would move past the end
			return keyNothing
		}
	case readline.MetaBackward:
		return e.moveTo(wordBefore(e.text, e.pos))
	case readline.MetaForward:
		return e.moveTo(wordAfter(e.text, e.pos))
	case readline.CharLineStart, readline.CharLineEnd, readline.CharKill, readline.CharCtrlU, readline.CharCtrlY:
	default:
		if r < ' ' || r >= keyNothing || unicode.Is(unicode.Cc, r) {
			return keyNothing
		}
	}
	return r
}

// OnChange implements readline's Listener: it receives the line after readline has handled a key.
func (e *editor) OnChange(line []rune, pos int, key rune) ([]rune, int, bool) {
	switch key {
	case 0: // readline begins
		e.begin()
	case readline.CharEnter,
		readline.CharInterrupt,
		readline.CharDelete: // the editing has ended, and the item may be running
		return nil, 0, false
	case keyApply, keyNothing:
	default:
		e.text, e.pos, e.pasted = line, pos, false
		e.draw()
		return nil, 0, false
	}
	e.draw()
	return slices.Clone(e.text), e.pos, true
}

func (e *editor) draw() {
	if e.outside[0] != nil || e.outside[1] != nil {
		return // between keyNarrow and keyWiden
	}
	e.display.edit(view{text: slices.Clone(e.text), pos: e.pos, below: e.below})
}

func (e *editor) insert(text string) {
	e.text = slices.Insert(e.text, e.pos, []rune(text)...)
	e.pos += len([]rune(text))
	e.pasted = false
}

func (e *editor) set(text string) { e.text, e.pos, e.pasted = []rune(text), len([]rune(text)), false }

func (e *editor) moveTo(pos int) rune {
	e.pos = min(max(0, pos), len(e.text))
	return keyApply
}

// clusterBefore returns the length of the grapheme cluster before the cursor.
func (e *editor) clusterBefore() int {
	start := lineStart(e.text, e.pos)
	if start == e.pos {
		return min(1, e.pos)
	}
	for at := start; ; {
		n := clusterLen(e.text[at:])
		if at+n >= e.pos {
			return e.pos - at
		}
		at += n
	}
}

// wordBefore returns the start of the word before pos.
func wordBefore(text []rune, pos int) int {
	for pos > 0 && !inWord(text[pos-1]) {
		pos--
	}
	for pos > 0 && inWord(text[pos-1]) {
		pos--
	}
	return pos
}

// wordAfter returns the end of the word after pos.
func wordAfter(text []rune, pos int) int {
	for pos < len(text) && !inWord(text[pos]) {
		pos++
	}
	for pos < len(text) && inWord(text[pos]) {
		pos++
	}
	return pos
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || r == '_'
}

// sameColumn returns the position in the line that begins at start that has the column of the cursor.
func (e *editor) sameColumn(start int) int {
	return min(start+e.pos-lineStart(e.text, e.pos), lineEnd(e.text, start))
}

func (e *editor) recall(n int) rune {
	text, ok := e.history.move(n, string(e.text))
	if !ok {
		e.display.bell()
		return keyNothing
	}
	e.set(text)
	return keyApply
}

func (e *editor) delete() rune {
	if e.pos == len(e.text) {
		e.display.bell()
		return keyNothing
	}
	e.text = slices.Delete(e.text, e.pos, e.pos+clusterLen(e.text[e.pos:]))
	e.pasted = false
	return keyApply
}

// backspace deletes the cluster before the cursor; in the indentation, all spaces back to the tab stop.
func (e *editor) backspace() rune {
	if e.pos == 0 {
		e.display.bell()
		return keyNothing
	}
	n := e.clusterBefore()
	if before := e.text[lineStart(e.text, e.pos):e.pos]; len(before) > 0 && strings.Trim(string(before), " ") == "" {
		n = (len(before)-1)%tabWidth + 1
	}
	e.text = slices.Delete(e.text, e.pos-n, e.pos)
	e.pos -= n
	e.pasted = false
	return keyApply
}

// restrict lets readline see only text[start:end], for keys that act up to the start or the end of the text.
func (e *editor) restrict(start, end int) {
	e.outside = [2][]rune{append([]rune{}, e.text[:start]...), append([]rune{}, e.text[end:]...)}
	e.text, e.pos = slices.Clone(e.text[start:end]), e.pos-start
}

// restore ends restrict.
func (e *editor) restore() {
	before, after := e.outside[0], e.outside[1]
	e.outside = [2][]rune{}
	if e.pos > 0 && e.pos == len(e.text) && e.text[e.pos-1] == '\n' {
		e.pos-- // the end of the line is before its newline
	}
	e.pos += len(before)
	e.text = slices.Concat(before, e.text, after)
}

// enter runs the cell or starts a new line.
func (e *editor) enter() rune {
	more, indented := e.more, e.indented
	e.more, e.indented, e.below = false, false, nil
	if lineEnd(e.text, e.pos) < len(e.text) { // not on the last line
		e.breakLine(more)
		return keyApply
	}
	text := string(e.text)
	if blank(text) {
		return e.submit()
	}
	last := lineStart(e.text, len(e.text))
	blankLast := last > 0 && blank(string(e.text[last:]))
	if blankLast {
		text = string(e.text[:last])
	}
	state, _ := e.language.IsComplete(text)
	switch {
	case blankLast && more && indented: // a blank line in a block that was not typed by hand
		e.insert("\n")
		return keyApply
	case state != report.Incomplete:
		return e.submit()
	case e.pasted && e.pos == len(e.text):
		if state, _ := e.language.IsComplete(text + "\n"); state == report.Complete {
			return e.submit()
		}
	}
	e.breakLine(more)
	return keyApply
}

// breakLine begins a new line. Text that was not typed by hand has its own indentation.
func (e *editor) breakLine(more bool) {
	if more {
		e.insert("\n")
	} else {
		e.newline()
	}
}

func (e *editor) submit() rune {
	e.text, e.pos = nil, 0
	e.display.leave("")
	return readline.CharEnter
}

// newline begins a new line at the cursor, indented as the language proposes.
func (e *editor) newline() {
	before := string(e.text[:e.pos])
	state, indent := e.language.IsComplete(before)
	if state != report.Incomplete {
		line := before[strings.LastIndex(before, "\n")+1:]
		indent = line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	}
	for e.pos < len(e.text) && e.text[e.pos] == ' ' { // the rest of the line loses its leading spaces
		e.text = slices.Delete(e.text, e.pos, e.pos+1)
	}
	e.insert("\n" + indent)
}

// hangUp ends editing at the end of the input. It keeps unfinished text in abandoned.
func (e *editor) hangUp() rune {
	if e.closed { // readline calls until it gets 0
		return 0
	}
	e.closed = true
	if len(e.text) > 0 {
		e.abandoned = string(e.text)
		e.text, e.pos = nil, 0
		e.display.leave("")
		return readline.CharInterrupt
	}
	e.display.leave("")
	return 0
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
