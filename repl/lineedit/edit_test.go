package lineedit

import (
	"strings"
	"testing"
	"time"

	"smoothlab/internal/terminaltest"
)

func TestItems(t *testing.T) {
	s := start(terminaltest.New(t, 40, 12))
	s.Shows(">>> █")
	s.Type("x = 1")
	s.Shows(">>> x = 1█")
	s.Type("\r")
	s.Shows(">>> x = 1\n<x = 1>\n>>> █")
	s.Type("for i:\r")
	s.Shows(">>> x = 1\n<x = 1>\n>>> for i:\n...     █")
	s.Type("a\r")
	s.Has("a\n...     █")
	s.Type("b\r")
	s.Has("b\n...     █")
	s.Type("\r")
	s.Shows(`
>>> x = 1
<x = 1>
>>> for i:
...     a
...     b
...
<for i:|    a|    b>
>>> █`)
	s.Type("\r")
	s.Has("\n>>>\n>>> █")
	s.ranItems("x = 1", "for i:\n    a\n    b")
}

// Each line has keys, and the screen after them.
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
			s := start(terminaltest.New(t, 40, 12))
			s.Shows(">>> █")
			for i := 0; i < len(steps); i += 2 {
				s.Type(steps[i])
				s.Shows(steps[i+1])
			}
		})
	}
}

func TestHistoryKeys(t *testing.T) {
	s := start(terminaltest.New(t, 40, 12))
	s.Shows(">>> █")
	s.Type("first\r")
	s.Has("<first>")
	s.Type("for:\r")
	s.Has("...     █")
	s.Type("x\r")
	s.Has("x\n...     █")
	s.Type("\r")
	s.Has("<for:|    x>\n>>> █")
	s.Type("\x0c")
	s.Shows(">>> █")
	s.Type("draft\x1b[A")
	s.Shows(">>> for:\n...     x█")
	s.Type("y")
	s.Type("\x1b[A\x1b[A")
	s.Shows(">>> first█")
	s.Type("\x1b[B")
	s.Shows(">>> for:\n...     xy█") // as it was edited
	s.Type("\x1b[A\x1b[B")
	s.Has("█")
	s.Type("\x1b[B")
	s.Shows(">>> draft█")
	s.Type("\x10\x05z\r")
	s.Has("...     xyz\n...     █")
	s.Type("\r")
	s.Has("<for:|    xyz>")
	s.Type("\x0c\x1b[A")
	s.Shows(">>> for:\n...     xyz█")
	s.Type("\x1b[5~")
	s.Shows(">>> for:\n...     x█") // the edited item is another one: this one is as it was run
	s.Type("\x1b[6~\x1b[6~")
	s.Shows(">>> █")
	s.ranItems("first", "for:\n    x", "for:\n    xyz")
}

func TestSearch(t *testing.T) {
	s := start(terminaltest.New(t, 40, 12))
	s.Shows(">>> █")
	for _, item := range []string{"alpha one", "beta", "alpha two", "gamma"} {
		s.Type(item + "\r")
		s.Has("<" + item + ">\n>>> █")
	}
	s.Type("\x0cdraft\x12")
	s.Has(">>> draft█\nsearch: _")
	s.Type("alp")
	s.Has(">>> █alpha two\nsearch: alp_")
	s.Type("\x12")
	s.Has(">>> █alpha one\n")
	s.Type("\x12")
	s.Has("nothing more")
	s.Type("\x13")
	s.Has(">>> █alpha two\n")
	s.Type("\x07")
	s.Shows(">>> draft█")
	s.Type("\x12et\r")
	s.Shows(">>> b█eta") // taken, not run
	s.Type("\x1b[A")
	s.Shows(">>> alpha one█")
	s.Type("\x1b[6~\x1b[6~\x1b[6~\x1b[6~")
	s.Shows(">>> draft█")
	s.Type("\x12bet\x03")
	s.Has("beta^C\n>>> █")
	s.ranItems("alpha one", "beta", "alpha two", "gamma")
}

func TestLongLines(t *testing.T) {
	s := start(terminaltest.New(t, 40, 12))
	s.Shows(">>> █")
	s.Type(strings.Repeat("0123456789", 9))
	s.Shows(`
>>> 012345678901234567890123456789012345
6789012345678901234567890123456789012345
67890123456789█`)
	s.Type("\x01x")
	s.Shows(`
>>> x█01234567890123456789012345678901234
5678901234567890123456789012345678901234
567890123456789`)
	s.Type("\x05" + "0123456789012345678901234") // the last row is full
	s.Shows(`
>>> x01234567890123456789012345678901234
5678901234567890123456789012345678901234
5678901234567890123456789012345678901234
█`)
	s.Type("\x7f")
	s.Has("567890123█")
	s.Type("\r")
	s.Has(">\n>>> █")
	s.ranItems("x" + strings.Repeat("0123456789", 11) + "0123")
}

// Of an item that is higher than the screen, the part around the cursor is shown.
func TestHighItems(t *testing.T) {
	s := start(terminaltest.New(t, 20, 5))
	s.Shows(">>> █")
	var lines []string
	for _, c := range "abcdefghij" {
		lines = append(lines, string(c))
	}
	s.Type("\x1b[200~" + strings.Join(lines, "\n") + "\x1b[201~")
	s.Shows("... f\n... g\n... h\n... i\n... j█")
	s.Type("\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A")
	s.Shows("... b\n... c\n... d█\n... e\n... f")
	s.Type("\x1b[6~") // nowhere to go: stays
	s.Type("\x1b[A\x1b[A\x1b[A")
	s.Shows(">>> a█\n... b\n... c\n... d\n... e")
	s.Type("\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\r")
	s.Has("<a|b|c|d|e|f|g|h|i|j")
}

func TestResize(t *testing.T) {
	s := start(terminaltest.New(t, 40, 12))
	s.Shows(">>> █")
	s.Type("0123456789012345678901234567890123456789")
	s.Shows(">>> 012345678901234567890123456789012345\n6789█")
	s.Resize(60, 12)
	s.windowChanged()
	s.Shows(">>> 0123456789012345678901234567890123456789█")
	s.Resize(30, 12)
	s.windowChanged()
	s.Shows(">>> 01234567890123456789012345\n67890123456789█")
	s.Resize(1, 1)
	s.windowChanged()
	time.Sleep(2 * settle)
	s.Resize(40, 12)
	s.windowChanged()
	s.Has("6789█")
	s.Type("\r")
	s.ranItems("0123456789012345678901234567890123456789")
}
