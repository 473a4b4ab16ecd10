package repl

import (
	"slices"
	"strings"
	"testing"
)

func (s *session) ranItems(want ...string) {
	s.Helper()
	s.Until("the items "+strings.Join(want, " ; "), func() bool { return len(s.toy.ran()) >= len(want) })
	if got := s.toy.ran(); !slices.Equal(got, want) {
		s.Fatalf("ran %q, want %q", got, want)
	}
}

// Ctrl-C clears the item, however many lines it has, and never runs it.
func TestInterruptWhileEditing(t *testing.T) {
	s := newSession(t)
	s.Shows(">>> █")
	s.Type("abc\x03")
	s.Shows(">>> abc^C\n>>> █")
	s.Type("for:\r")
	s.Has("...     █")
	s.Type("x\x1b[A\x03")
	s.Shows(">>> abc^C\n>>> for:\n...     x^C\n>>> █")
	s.Type("a long one that fills its row exactly")
	s.Has("\ny█")
	s.interrupts <- nil // a SIGINT from elsewhere
	s.Has("\ny^C")
	s.Type("quiet\r")
	s.ranItems("quiet")
}

func TestQuestions(t *testing.T) {
	s := newSession(t)
	s.Shows(">>> █")
	s.Type("alpha?\r")
	s.Shows(">>> alpha?\nhelp on alpha\n>>> █")
	s.Type("?beta\r")
	s.Has("help on beta")
	s.Type("gamma ??\r")
	s.Has("error: no help for gamma")
	s.Type("'why?'\r")
	s.Has("<'why?'>")
	s.ranItems("'why?'")
}

// A panic in the language's completion is reported, and nothing is lost.
func TestCompletionPanics(t *testing.T) {
	s := newSession(t)
	s.Shows(">>> █")
	s.Type("boom\t")
	s.Shows("internal error: completion: no\ncompletion\n>>> boom█")
}

// Keys typed while an item runs appear at the next prompt.
func TestTypeAhead(t *testing.T) {
	s := newSession(t)
	s.Shows(">>> █")
	s.Type("train\r")
	s.Has("training")
	s.Type("one\ntwo")
	s.interrupts <- nil
	s.Has(">>> two█")
	s.ranItems("train", "one")
}

// Bracketed paste is enabled only at the prompt.
func TestPasteModeEnds(t *testing.T) {
	s := newSession(t)
	s.Shows(">>> █")
	s.Type("train\r")
	s.Has("training")
	if sent := s.Sent(); strings.LastIndex(sent, pasteOff) < strings.LastIndex(sent, pasteOn) {
		t.Errorf("bracketed paste is on while an item runs: %q", sent)
	}
	s.interrupts <- nil
	s.Has(">>> █")
	s.Type("\x04")
	s.left()
	s.Until("the end of bracketed paste", func() bool {
		sent := s.Sent()
		return strings.LastIndex(sent, pasteOff) > strings.LastIndex(sent, pasteOn)
	})
}
