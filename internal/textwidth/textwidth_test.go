package textwidth

import "testing"

// A character of an East Asian script takes two cells, a combining mark none, and a cluster is never split.
func TestCut(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"abcd", 1, "…"},
		{"数据集", 6, "数据集"},
		{"数据集", 5, "数据…"},
		{"数据集", 4, "数…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"👩\u200d🔬x", 2, "…"},
	} {
		got := Cut(c.text, c.width)
		if got != c.want || Of(got) > c.width {
			t.Errorf("%q in %d cells: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestPad(t *testing.T) {
	if left, right := Left("数", 4), Right("数", 4); left != "数  " || right != "  数" {
		t.Errorf("%q, %q", left, right)
	}
	if got := Left("abc", 2); got != "abc" {
		t.Errorf("%q", got)
	}
}
