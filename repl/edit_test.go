package repl

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func (s *session) ranItems(want ...string) {
	s.Helper()
	s.until("the items "+strings.Join(want, " ; "), func() bool { return len(s.toy.ran()) >= len(want) })
	if got := s.toy.ran(); !slices.Equal(got, want) {
		s.Fatalf("ran %q, want %q", got, want)
	}
}

func TestItems(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("x = 1")
	s.shows(">>> x = 1█")
	s.typed("\r")
	s.shows(">>> x = 1\n<x = 1>\n>>> █")
	s.typed("for i:\r")
	s.shows(">>> x = 1\n<x = 1>\n>>> for i:\n...     █")
	s.typed("a\r")
	s.has("a\n...     █")
	s.typed("b\r")
	s.has("b\n...     █")
	s.typed("\r")
	s.shows(`
>>> x = 1
<x = 1>
>>> for i:
...     a
...     b
...
<for i:|    a|    b>
>>> █`)
	s.typed("\r")
	s.has("\n>>>\n>>> █")
	s.ranItems("x = 1", "for i:\n    a\n    b")
}

// Each line is what is on the screen after the keys.
func TestKeys(t *testing.T) {
	for name, steps := range map[string][]string{
		"home, end": {"abc\x01", ">>> █abc", "\x05", ">>> abc█", "\x1b[H", ">>> █abc", "\x1bOF", ">>> abc█", "\x1b[1~", ">>> █abc"},
		"words": {"one two\x1b[1;5D", ">>> one █two", "\x1bb", ">>> █one two", "\x1b[1;3C", ">>> one█ two",
			"\x17", ">>> █ two", "\x1bd", ">>> █", "\x19", ">>>  two█", "ö数.\x1b\x7f", ">>>  █", "\x19", ">>>  twoö数.█"},
		"kill and yank":  {"one two\x1bb\x0b", ">>> one █", "\x15", ">>> █", "\x19", ">>> one █"},
		"transpose":      {"a\x14", ">>> a█", "b\x14", ">>> ba█"},
		"delete":         {"abc\x1b[D\x1b[D\x1b[3~", ">>> a█c", "\x04", ">>> a█", "\x04", ">>> a█", "\x7f", ">>> █", "\x1b[3~", ">>> █"},
		"unknown keys":   {"a\x1b[15~\x1b[Z\x1b[<0;1;1M\x1b\x1b\x00\x0f\x1bxb", ">>> ab█"},
		"wide":           {"'数据集'\x1b[D\x1b[D", ">>> '数据█集'", "é", ">>> '数据é█集'", "\x7f\x7f", ">>> '数█集'"},
		"clusters":       {"e\u0301x\x1b[D\x7f", ">>> █x", "👩\u200d🔬", ">>> 👩\u200d🔬█x", "\x7f", ">>> █x"},
		"tab indents":    {"\t", ">>>     █", "x", ">>>     x█", "\x1b[D\x7f", ">>> █x"},
		"newline":        {"ab\x1b[D\x1b\r", ">>> a\n... █b", "\x01\x7f", ">>> a█b"},
		"lines":          {"for:\r", ">>> for:\n...     █", "abc\x01", ">>> for:\n... █    abc", "\x1b[A\x05", ">>> for:█\n...     abc", "\x0b", ">>> for:█    abc"},
		"kill in a line": {"for:\r", ">>> for:\n...     █", "abc\x15", ">>> for:\n... █", "\x1b[A\x05\x1b[D\x0b", ">>> for█\n...", "\x19", ">>> for:█\n..."},
		"join lines":     {"a\x1b\r\x1b\rb", ">>> a\n...\n... b█", "\x1b[A\x0b", ">>> a\n... █b", "\x1b[A\x05\x0b", ">>> a█b"},
		"enter amid":     {"for:\r", ">>> for:\n...     █", "abc\x1b[A\r", ">>> for:\n...     █\n...     abc"},
		"clear":          {"abc\r", ">>> abc\n<abc>\n>>> █", "x\x0c", ">>> x█"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t)
			s.shows(">>> █")
			for i := 0; i < len(steps); i += 2 {
				s.typed(steps[i])
				s.shows(steps[i+1])
			}
		})
	}
}

// Ctrl-C clears the item, however many lines it has, and never runs it.
func TestInterruptWhileEditing(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("abc\x03")
	s.shows(">>> abc^C\n>>> █")
	s.typed("for:\r")
	s.has("...     █")
	s.typed("x\x1b[A\x03")
	s.shows(">>> abc^C\n>>> for:\n...     x^C\n>>> █")
	s.typed("a long one that fills its row exactly")
	s.has("\ny█")
	s.interrupts <- nil // a SIGINT from elsewhere
	s.has("\ny^C")
	s.typed("quiet\r")
	s.ranItems("quiet")
}

func TestHistoryKeys(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("first\r")
	s.has("<first>")
	s.typed("for:\r")
	s.has("...     █")
	s.typed("x\r")
	s.has("x\n...     █")
	s.typed("\r")
	s.has("<for:|    x>\n>>> █")
	s.typed("\x0c")
	s.shows(">>> █")
	s.typed("draft\x1b[A")
	s.shows(">>> for:\n...     x█")
	s.typed("y")
	s.typed("\x1b[A\x1b[A")
	s.shows(">>> first█")
	s.typed("\x1b[B")
	s.shows(">>> for:\n...     xy█") // as it was edited
	s.typed("\x1b[A\x1b[B")
	s.has("█")
	s.typed("\x1b[B")
	s.shows(">>> draft█")
	s.typed("\x10\x05z\r")
	s.has("...     xyz\n...     █")
	s.typed("\r")
	s.has("<for:|    xyz>")
	s.typed("\x0c\x1b[A")
	s.shows(">>> for:\n...     xyz█")
	s.typed("\x1b[5~")
	s.shows(">>> for:\n...     x█") // the edited item is another one: this one is as it was run
	s.typed("\x1b[6~\x1b[6~")
	s.shows(">>> █")
	s.ranItems("first", "for:\n    x", "for:\n    xyz")
}

func TestSearch(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	for _, item := range []string{"alpha one", "beta", "alpha two", "gamma"} {
		s.typed(item + "\r")
		s.has("<" + item + ">\n>>> █")
	}
	s.typed("\x0cdraft\x12")
	s.has(">>> draft█\nsearch: _")
	s.typed("alp")
	s.has(">>> █alpha two\nsearch: alp_")
	s.typed("\x12")
	s.has(">>> █alpha one\n")
	s.typed("\x12")
	s.has("nothing more")
	s.typed("\x13")
	s.has(">>> █alpha two\n")
	s.typed("\x07")
	s.shows(">>> draft█")
	s.typed("\x12et\r")
	s.shows(">>> b█eta") // taken, not run
	s.typed("\x1b[A")
	s.shows(">>> alpha one█")
	s.typed("\x1b[6~\x1b[6~\x1b[6~\x1b[6~")
	s.shows(">>> draft█")
	s.typed("\x12bet\x03")
	s.has("beta^C\n>>> █")
	s.ranItems("alpha one", "beta", "alpha two", "gamma")
}

func TestQuestions(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("alpha?\r")
	s.shows(">>> alpha?\nhelp on alpha\n>>> █")
	s.typed("?beta\r")
	s.has("help on beta")
	s.typed("gamma ??\r")
	s.has("error: no help for gamma")
	s.typed("'why?'\r")
	s.has("<'why?'>")
	s.ranItems("'why?'")
}

func TestLongLines(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed(strings.Repeat("0123456789", 9))
	s.shows(`
>>> 012345678901234567890123456789012345
6789012345678901234567890123456789012345
67890123456789█`)
	s.typed("\x01x")
	s.shows(`
>>> x█01234567890123456789012345678901234
5678901234567890123456789012345678901234
567890123456789`)
	s.typed("\x05" + "0123456789012345678901234") // the last row is full
	s.shows(`
>>> x01234567890123456789012345678901234
5678901234567890123456789012345678901234
5678901234567890123456789012345678901234
█`)
	s.typed("\x7f")
	s.has("567890123█")
	s.typed("\r")
	s.has(">\n>>> █")
	s.ranItems("x" + strings.Repeat("0123456789", 11) + "0123")
}

// An item that is higher than the screen shows the part around the cursor.
func TestHighItems(t *testing.T) {
	s := startOn(newScreen(t, 20, 5))
	s.shows(">>> █")
	var lines []string
	for _, c := range "abcdefghij" {
		lines = append(lines, string(c))
	}
	s.typed("\x1b[200~" + strings.Join(lines, "\n") + "\x1b[201~")
	s.shows("... f\n... g\n... h\n... i\n... j█")
	s.typed("\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A")
	s.shows("... b\n... c\n... d█\n... e\n... f")
	s.typed("\x1b[6~") // nowhere to go: stays
	s.typed("\x1b[A\x1b[A\x1b[A")
	s.shows(">>> a█\n... b\n... c\n... d\n... e")
	s.typed("\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\r")
	s.has("<a|b|c|d|e|f|g|h|i|j")
}

func TestResize(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("0123456789012345678901234567890123456789")
	s.shows(">>> 012345678901234567890123456789012345\n6789█")
	s.resize(60, 12)
	sigwinch(t)
	s.shows(">>> 0123456789012345678901234567890123456789█")
	s.resize(30, 12)
	sigwinch(t)
	s.shows(">>> 01234567890123456789012345\n67890123456789█")
	s.resize(1, 1)
	sigwinch(t)
	time.Sleep(2 * settle)
	s.resize(40, 12)
	sigwinch(t)
	s.has("6789█")
	s.typed("\r")
	s.ranItems("0123456789012345678901234567890123456789")
}
