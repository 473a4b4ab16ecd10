package repl

import (
	"strings"
	"testing"
	"time"
)

const block = "def f(x):\n\tif x:\n\n\t\treturn 1\n\n\treturn 2\n"

func bracketed(text string) string {
	return pasteBegin + strings.ReplaceAll(text, "\n", "\r") + pasteEnd
}

// A pasted block is text until Enter runs it: its blank lines do not end it, its tabs complete nothing.
func TestPaste(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed(bracketed(block))
	s.shows(`
>>> def f(x):
...     if x:
...
...         return 1
...
...     return 2█`)
	s.typed("\r")
	s.has("return 2>\n>>> █")
	s.ranItems(strings.TrimSuffix(block, "\n"))
	if len(s.toy.asked()) > 0 {
		t.Errorf("completion was asked: %q", s.toy.asked())
	}
	s.typed("\x0c\x1b[A")
	s.has("return 2█") // one entry
	s.typed("\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A")
	s.has(">>> █def") // nothing is older
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
			s := newSession(t)
			s.shows(">>> █")
			s.typed(c.keys)
			s.shows(c.screen)
			s.typed("\r")
			s.ranItems(c.item)
		})
	}
}

// What was edited after a paste is no longer a paste: a block goes on until an empty line.
func TestEditedPaste(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed(bracketed("for i:\n    a"))
	s.has("a█")
	s.typed("b")
	s.has("ab█")
	s.typed("\r")
	s.has("ab\n...     █")
	s.typed("\r")
	s.ranItems("for i:\n    ab")
}

// A paste whose end never comes is given up by Ctrl-C.
func TestUnfinishedPaste(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed(pasteBegin + "lost")
	time.Sleep(50 * time.Millisecond) // to be read before the next key
	s.typed("\x03")
	s.has("^C")
	s.typed("quiet\r")
	s.ranItems("quiet")
}

// Where the terminal knows no bracketed paste, a block comes as fast typing: neither its indentation is doubled nor do
// its blank lines end it. What follows it runs as it does at Python's prompt.
func TestFastInput(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed(strings.ReplaceAll(block+"\nquiet\nname\n", "\n", "\r"))
	s.ranItems(strings.TrimSuffix(block, "\n"), "quiet", "name")
}

// Keys typed while an item runs are there at the next prompt.
func TestTypeAhead(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("train\r")
	s.has("training")
	s.typed("one\ntwo")
	s.interrupts <- nil
	s.has(">>> two█")
	s.ranItems("train", "one")
}

// Bracketed paste is asked for at the prompt only.
func TestPasteModeEnds(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("train\r")
	s.has("training")
	if sent := s.sent(); strings.LastIndex(sent, pasteOff) < strings.LastIndex(sent, pasteOn) {
		t.Errorf("bracketed paste is on while an item runs: %q", sent)
	}
	s.interrupts <- nil
	s.has(">>> █")
	s.typed("\x04")
	s.left()
	s.until("the end of bracketed paste", func() bool {
		sent := s.sent()
		return strings.LastIndex(sent, pasteOff) > strings.LastIndex(sent, pasteOn)
	})
}

func TestLargePaste(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	line := "quiet [" + strings.Repeat("0123456789", 9) + "]\n"
	text := strings.Repeat(line, 1<<20/len(line)) + "end"
	start := time.Now()
	s.typed(bracketed(text))
	s.has("end█")
	t.Logf("pasting %d bytes: %v", len(text), time.Since(start))
	start = time.Now()
	s.typed("!\x1b[A")
	s.has("... quie█t [")
	t.Logf("two keys in it: %v", time.Since(start))
	s.typed("\x05\x1b[B\x05\r")
	s.until("the item", func() bool { return len(s.toy.ran()) == 1 })
	if got := s.toy.ran()[0]; got != text+"!" {
		t.Errorf("ran %d bytes, want %d", len(got), len(text)+1)
	}
}
