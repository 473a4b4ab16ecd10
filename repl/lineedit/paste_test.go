package lineedit

import (
	"strings"
	"testing"
	"time"

	"smoothlab/internal/terminaltest"
)

const block = "def f(x):\n\tif x:\n\n\t\treturn 1\n\n\treturn 2\n"

func bracketed(text string) string {
	return pasteBegin + strings.ReplaceAll(text, "\n", "\r") + pasteEnd
}

// A pasted block is plain text until Enter runs it: blank lines do not end it, and tabs do not complete.
func TestPaste(t *testing.T) {
	s := start(terminaltest.New(t, 40, 12))
	s.Shows(">>> █")
	s.Type(bracketed(block))
	s.Shows(`
>>> def f(x):
...     if x:
...
...         return 1
...
...     return 2█`)
	s.Type("\r")
	s.Has("return 2>\n>>> █")
	s.ranItems(strings.TrimSuffix(block, "\n"))
	if len(s.Asked()) > 0 {
		t.Errorf("completion was asked: %q", s.Asked())
	}
	s.Type("\x0c\x1b[A")
	s.Has("return 2█") // one entry
	s.Type("\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A")
	s.Has(">>> █def") // nothing is older
}

func TestPastes(t *testing.T) {
	for name, c := range map[string]struct{ keys, screen, item string }{
		"several statements": {bracketed("a = 1\nb = 2\n"), ">>> a = 1\n... b = 2█", "a = 1\nb = 2"},
		"one line":           {"x = (" + bracketed("1, 2") + ")", ">>> x = (1, 2)█", "x = (1, 2)"},
		"inner block":        {bracketed("    a = 1\n\n    for i:\n        b\n"), ">>> a = 1\n...\n... for i:\n...     b█", "a = 1\n\nfor i:\n    b"},
		"transcript":         {bracketed(">>> for i:\n...     b\n...\n<printed>\n>>> c\n"), ">>> for i:\n...     b\n...\n... c█", "for i:\n    b\n\nc"},
		"control characters": {bracketed("a\x1b[31m\x00\x07b"), ">>> a[31mb█", "a[31mb"},
		"amid a line":        {"print()\x1b[D" + bracketed("1\n2"), ">>> print(1\n... 2█)", "print(1\n2)"},
		"two":                {bracketed("a\n") + bracketed("b\n"), ">>> ab█", "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(terminaltest.New(t, 40, 12))
			s.Shows(">>> █")
			s.Type(c.keys)
			s.Shows(c.screen)
			s.Type("\r")
			s.ranItems(c.item)
		})
	}
}

// After an edit, a pasted item is treated as typed: a block continues until an empty line.
func TestEditedPaste(t *testing.T) {
	s := start(terminaltest.New(t, 40, 12))
	s.Shows(">>> █")
	s.Type(bracketed("for i:\n    a"))
	s.Has("a█")
	s.Type("b")
	s.Has("ab█")
	s.Type("\r")
	s.Has("ab\n...     █")
	s.Type("\r")
	s.ranItems("for i:\n    ab")
}

// Ctrl-C ends a paste whose end marker never arrives.
func TestUnfinishedPaste(t *testing.T) {
	s := start(terminaltest.New(t, 40, 12))
	s.Shows(">>> █")
	s.Type(pasteBegin + "lost")
	time.Sleep(50 * time.Millisecond) // to be read before the next key
	s.Type("\x03")
	s.Has("^C")
	s.Type("quiet\r")
	s.ranItems("quiet")
}

// In a terminal without bracketed paste, a block arrives as fast typing: its indentation is not doubled, and its blank
// lines do not end it. Text after it runs as at Python's prompt.
func TestFastInput(t *testing.T) {
	s := start(terminaltest.New(t, 40, 12))
	s.Shows(">>> █")
	s.Type(strings.ReplaceAll(block+"\nquiet\nname\n", "\n", "\r"))
	s.ranItems(strings.TrimSuffix(block, "\n"), "quiet", "name")
}

func TestLargePaste(t *testing.T) {
	s := start(terminaltest.New(t, 40, 12))
	s.Shows(">>> █")
	line := "quiet [" + strings.Repeat("0123456789", 9) + "]\n"
	text := strings.Repeat(line, 1<<20/len(line)) + "end"
	start := time.Now()
	s.Type(bracketed(text))
	s.Has("end█")
	t.Logf("pasting %d bytes: %v", len(text), time.Since(start))
	start = time.Now()
	s.Type("!\x1b[A")
	s.Has("... quie█t [")
	t.Logf("two keys in it: %v", time.Since(start))
	s.Type("\x05\x1b[B\x05\r")
	s.Until("the item", func() bool { return len(s.ran()) == 1 })
	if got := s.ran()[0]; got != text+"!" {
		t.Errorf("ran %d bytes, want %d", len(got), len(text)+1)
	}
}
