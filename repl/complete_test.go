package repl

import (
	"slices"
	"strings"
	"testing"

	"smoothlab/report"
)

func TestCompletion(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("be\t")
	s.shows(">>> beta█")
	s.typed("(al\t")
	s.shows(">>> beta(alpha█\nalpha     the alpha\nalphabet  the alphabet")
	s.typed("b\t")
	s.shows(">>> beta(alphabet█") // the list has gone
	s.typed(", 数\x1b[D\x1b[C\t")
	s.shows(">>> beta(alphabet, 数据集█")
	s.typed("x\t") // nothing
	s.until("a bell", func() bool { return strings.Contains(s.sent(), "\a") })
	s.typed("\x7f,\r")
	s.shows(">>> beta(alphabet, 数据集,\n... █") // in brackets
	s.typed("be")
	s.has("... be█")
	s.typed("\x1b[D\x1b[D))\x1b[D\x1b[D\x05")
	s.has("... ))be█")
	s.typed("\t")
	s.has("... ))beta█")
	want := []string{
		"be|",
		"beta(al|",
		"beta(alphab|",
		"beta(alphabet, 数|",
		"beta(alphabet, 数据集x|",
		"beta(alphabet, 数据集,\n))be|",
	}
	if !slices.Equal(s.toy.asked(), want) {
		t.Errorf("asked %q, want %q", s.toy.asked(), want)
	}
}

// A fault of the language's completion is said and costs nothing.
func TestCompletionPanics(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("boom\t")
	s.shows("internal error: completion: no\ncompletion\n>>> boom█")
}

func TestListing(t *testing.T) {
	item := func(text, help string) report.Item { return report.Item{Text: text, Help: help} }
	for _, c := range []struct {
		items []report.Item
		width int
		want  []string
	}{
		{[]report.Item{item("a", "one"), item("数据", ""), item("c", "three")}, 40, []string{"a     one", "数据", "c     three"}},
		{[]report.Item{item("a", ""), item("数据", ""), item("c", "")}, 13, []string{"a     c", "数据"}},
		{[]report.Item{item("a", ""), item("b", "")}, 2, []string{"a", "b"}},
	} {
		if got := listing(c.items, c.width); !slices.Equal(got, c.want) {
			t.Errorf("%v in %d: %q, want %q", c.items, c.width, got, c.want)
		}
	}
}
