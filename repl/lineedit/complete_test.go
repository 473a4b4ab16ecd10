package lineedit

import (
	"slices"
	"strings"
	"testing"

	"smoothlab/internal/terminaltest"
	"smoothlab/report"
)

func TestCompletion(t *testing.T) {
	s := start(terminaltest.New(t, 40, 12))
	s.Shows(">>> █")
	s.Type("be\t")
	s.Shows(">>> beta█")
	s.Type("(al\t")
	s.Shows(">>> beta(alpha█\nalpha     the alpha\nalphabet  the alphabet")
	s.Type("b\t")
	s.Shows(">>> beta(alphabet█") // the list has gone
	s.Type(", 数\x1b[D\x1b[C\t")
	s.Shows(">>> beta(alphabet, 数据集█")
	s.Type("x\t") // nothing
	s.Until("a bell", func() bool { return strings.Contains(s.Sent(), "\a") })
	s.Type("\x7f,\r")
	s.Shows(">>> beta(alphabet, 数据集,\n... █") // in brackets
	s.Type("be")
	s.Has("... be█")
	s.Type("\x1b[D\x1b[D))\x1b[D\x1b[D\x05")
	s.Has("... ))be█")
	s.Type("\t")
	s.Has("... ))beta█")
	want := []string{
		"be|",
		"beta(al|",
		"beta(alphab|",
		"beta(alphabet, 数|",
		"beta(alphabet, 数据集x|",
		"beta(alphabet, 数据集,\n))be|",
	}
	if !slices.Equal(s.Asked(), want) {
		t.Errorf("asked %q, want %q", s.Asked(), want)
	}
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
