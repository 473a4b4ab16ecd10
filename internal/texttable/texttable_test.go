package texttable

import "testing"

// The first columns are aligned to the left and the others to the right, wide characters count twice, and lines have no
// space at their end.
func TestText(t *testing.T) {
	rows := [][]string{{"", "votes", "ACR"}, {"数据", "1,000", "0.5"}, {"a", "10"}}
	if got, want := New(rows, 1).Text(rows), "      votes  ACR\n数据  1,000  0.5\na        10\n"; got != want {
		t.Errorf("\n%q, want\n%q", got, want)
	}
	l := New(rows, 3)
	l[0].Gap, l[1].Width = 0, 7
	if got, want := l.Line(rows[1]), "数据1,000    0.5"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
