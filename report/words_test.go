package report

import (
	"math"
	"strings"
	"testing"

	"smoothlab/internal/humanize"
	"smoothlab/internal/textwidth"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{setting(1), "1.0"}, {setting(0.25), "0.25"}, {setting(1e30), "1e+30"}, {setting(math.Inf(1)), "+Inf"},
		{fixed(-0.41, 2), "−0.41"}, {fixed(math.NaN(), 2), "–"}, {fixed(1.005, 1), "1.0"},
		{short(1.313), "1.31"}, {short(0), "0.00"}, {short(0.0049), "4.9e-03"}, {short(0.005), "0.01"},
		{short(math.NaN()), "–"},
		{span([]float64{1.94, 0.02}), "0.02 … 1.9"}, {span([]float64{0.5}), "0.5"}, {span(nil), "–"},
		{span([]float64{-3, 250}), "−3 … 250"},
		{span([]float64{1, math.NaN()}), "–"},
		{duration(0.2), "under a second"}, {duration(18.2), "18 s"}, {duration(119), "119 s"},
		{duration(1560), "26 min"}, {duration(7500), "2 h 5 min"},
		{humanize.Count(1, "epoch"), "1 epoch"}, {humanize.Count(8442, "update"), "8,442 updates"}, {humanize.Count(0, "image"), "0 images"},
		{brief("smoothmix(sigma=0.5, m=4)"), "smoothmix sigma=0.5"}, {brief("gaussian()"), "gaussian"},
		{brief("mine"), "mine"},
		{fixed(roundedDown(1.5999), 3), "1.599"},
	} {
		if c.got != c.want {
			t.Errorf("%q, expected %q", c.got, c.want)
		}
	}
	for se, want := range map[float64]int{0.5: 2, 0.04: 2, 0.0041: 3, 0.0004: 4, 1e-9: 4, 0: 4, 12: 2} {
		if got := errorDigits(se); got != want {
			t.Errorf("an error of %v is written with %d decimals, expected %d", se, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct {
		in    string
		lines bool
		want  string
	}{
		{"p̄(label) · |Δw| 中文 🙂", false, "p̄(label) · |Δw| 中文 🙂"},
		{"\x1b[31mred\x1b[0m", false, `\x1b[31mred\x1b[0m`},
		{"\u009b31m", false, `\u009b31m`},
		{"a\xffb", false, `a\xffb`},
		{"a\u202eb\u2066c\u200bd", false, `a\u202eb\u2066c\u200bd`},
		{"a\tb", false, "a    b"},
		{"a\nb", true, "a\nb"},
		{"a\nb", false, `a\nb`},
		{"a\r\nb\rc", true, "a\nb\\rc"},
		{"\u2028", true, `\u2028`},
	} {
		if got := clean(c.in, c.lines); got != c.want {
			t.Errorf("%q becomes %q, expected %q", c.in, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		line  string
		limit int
		want  string
	}{
		{"one two three", 0, "one two three"},
		{"one two three", 8, "one two/three"},
		{"one two three", 7, "one two/three"},
		{"  one two three", 9, "  one two/  three"},
		{"abcdefghij", 4, "abcd/efgh/ij"},
		{"ab cdefghij", 5, "ab/cdefg/hij"},
		{"[x | z]   lambda", 20, "[x | z]   lambda"},
		{"中文中文", 5, "中文/中文"},
		{"cross-entropy 0.41 · base accuracy", 26, "cross-entropy 0.41 ·/base accuracy"},
		{"a · base accuracy under noise", 20, "a · base accuracy/under noise"},
		{"          one two", 8, "    one/    two"},
		{"中文", 1, "中/文"},
		{"p̄p̄p̄p̄", 3, "p̄p̄p̄/p̄"},
	} {
		if got := strings.Join(wrap(c.line, c.limit), "/"); got != c.want {
			t.Errorf("%q at %d is %q, expected %q", c.line, c.limit, got, c.want)
		}
	}
}

// Wrapping loses nothing but spaces, whatever the line.
func FuzzWrap(f *testing.F) {
	f.Add("gaussian sigma=0.5 · 2 epochs", 20)
	f.Add("    中文 p̄(label) → 🙂🙂🙂🙂🙂🙂🙂🙂", 21)
	f.Fuzz(func(t *testing.T, line string, limit int) {
		line, limit = clean(line, false), 20+max(0, limit%100)
		parts := wrap(line, limit)
		for _, p := range parts {
			if textwidth.Of(p) > limit {
				t.Fatalf("%q has %d cells of %d", p, textwidth.Of(p), limit)
			}
		}
		squash := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if squash(strings.Join(parts, "")) != squash(line) {
			t.Fatalf("%q became %q", line, parts)
		}
	})
}

func TestTable(t *testing.T) {
	table := Table{
		Head: []string{"name", "a", "long head"},
		Left: 1,
		Rows: [][]string{{"p̄(label)", "1.5", "2"}, {"中文", "−10"}},
	}
	wide := Table{
		Head: []string{"", "0", "0.5", "1", "1.5"},
		Left: 1,
		Rows: [][]string{{"Gaussian", "99.11", "96.87", "89.75", "67.75"}},
	}
	text := Table{
		Head: []string{"argument", ""},
		Left: 2,
		Rows: [][]string{{"epochs", "how often all images are gone through"}},
	}
	for _, c := range []struct {
		table Table
		width int
		want  string
	}{
		{table, 0, "name        a  long head\np̄(label)  1.5          2\n中文      −10\n"},
		{wide, 24, "              0    0.5\nGaussian  99.11  96.87\n\n              1    1.5\nGaussian  89.75  67.75\n"},
		{text, 30, "argument\nepochs    how often all images\n          are gone through\n"},
		{Table{Left: 5, Rows: [][]string{{"abcdef", "abcdef", "abcdef", "abcdef", "abcdef", "1234"}}}, 20,
			"abcd  abcd  abcd  a…\nef    ef    ef    e…\n"},
		{Table{}, 0, ""},
		{Table{Caption: "no rows"}, 0, "no rows\n"},
	} {
		var b strings.Builder
		writeTable(&b, c.table, Style{Width: c.width})
		if b.String() != c.want {
			t.Errorf("got\n%sexpected\n%s", b.String(), c.want)
		}
	}
}
