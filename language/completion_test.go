package language_test

import (
	"strings"
	"testing"

	"smoothlab/language"
	"smoothlab/report"
)

// The bar marks the cursor.
func TestComplete(t *testing.T) {
	s := start(t)
	s.do(
		"bear = make('bear', size=2)\nbeat = 1\ndef jump(height, often=2):\n    'Jump.'\n    return height\nwörter = [1]\n",
	)
	tests := []struct {
		source string
		want   string // items, with a space between; an ending of … means that there are more
		typed  string // what they replace
	}{
		{"ma|", "make math max", "ma"},
		{"bea|", "bear beat", "bea"},
		{"wö|", "wörter", "wö"},
		{"bear.|", "grown size", ""},
		{"bear.s|", "size", "s"},
		{"x = bear.gr|", "grown", "gr"},
		{"math.po|", "pow", "po"},
		{"nothing.|", "", ""},
		{"bear.size.|", "", ""},
		{"make(|", "name= size= weight= loud= seed= beside= radii= most= …", ""},
		{"make('bear', s|", "size= seed= say set sorted str", "s"},
		{"make('bear', size=2, s|", "seed= say set sorted str", "s"},
		{"make('bear', beside=make('ball', we|", "weight=", "we"},
		{"make('bear', beside=make('ball'), we|", "weight=", "we"},
		{"make('bear', size=bea|", "bear beat", "bea"},
		{"bear.grown(b|", "by= bear beat bool break bytes", "b"},
		{"jump(o|", "often= or ord", "o"},
		{"make('b|", "bear ball", "b"},
		{"make(name=\"|", "bear ball train", ""},
		{"make('bear', 'b|", "", ""},
		{"say('b|", "", ""},
		{"'b|", "", ""},
		{"# ma|", "", ""},
		{"x = 'a' # it's\nma|", "make math max", "ma"},
		{"x = \"\"\"it's\n\"\"\" + bea|", "bear beat", "bea"},
		{"wh|", "while", "wh"},
		{"[bea|", "bear beat", "bea"},
		{"f(3).|", "", ""},
		{"3.|", "", ""},
		{"_|", "", "_"},
	}
	for _, test := range tests {
		before, after, _ := strings.Cut(test.source, "|")
		at := len([]rune(before))
		c := s.Complete(before+after, at)
		var items []string
		for _, item := range c.Items {
			items = append(items, item.Text)
		}
		got := strings.Join(items, " ")
		want, open := strings.CutSuffix(test.want, " …")
		if got != want && !(open && strings.HasPrefix(got, want)) {
			t.Errorf("%s completes to %q, want %q", test.source, got, test.want)
		}
		if typed := string([]rune(before)[c.Start:c.End]); typed != test.typed || c.End != at {
			t.Errorf("%s replaces %q up to %d, want %q up to %d", test.source, typed, c.End, test.typed, at)
		}
	}
}

func TestInspect(t *testing.T) {
	s := start(t)
	s.do("bear = make('bear')\nn = 3\ndef jump(height, often=2):\n    'Jump high.'\n    return height\n")
	tests := []struct{ source, want string }{
		{
			"ma|ke",
			"make(name,",
		},
		{"make(|", "make(name,"},
		{"make('b|", "make(name,"},
		{"bear.grown|", "grown(by=1)"},
		{"bear|", "A toy."},
		{"bear.size|", "how big it is"},
		{
			"jump(|",
			"Jump high.",
		},
		{"n|", "an int: 3"},
		{"len|", "a builtin"},
		{"nothing|", ""},
		{"|", ""},
		{"f(3)|", ""},
	}
	for _, test := range tests {
		before, after, _ := strings.Cut(test.source, "|")
		r, ok := s.Inspect(before+after, len([]rune(before)))
		if ok != (test.want != "") {
			t.Errorf("%s: there is help: %t", test.source, ok)
			continue
		}
		if ok && !strings.Contains(report.Text(r, report.Style{Width: 200}), test.want) {
			t.Errorf("%s explains %q, want %q in it", test.source, report.Text(r, report.Style{Width: 200}), test.want)
		}
	}
}

func TestIsComplete(t *testing.T) {
	tests := []struct {
		source string
		want   report.Completeness
		indent string
	}{
		{"", "complete", ""},
		{"x = 1", "complete", ""},
		{"# a", "complete", ""},
		{
			"x = (1,",
			"incomplete",
			"",
		},
		{"f(a=1,", "incomplete", ""},
		{"x = {", "incomplete", ""},
		{"x = [1,\n2", "incomplete", ""},
		{"x = \\", "incomplete", ""},
		{"x = 1 \\", "incomplete", ""},
		{"x = 1 + \\\n  2 + \\", "incomplete", ""},
		{"x = 1 + \\\n  2", "complete", ""},
		{"x = 1 # not \\", "complete", ""},
		{"# \\", "complete", ""},
		{
			"def f():",
			"incomplete",
			"    ",
		},
		{"def f():\n    x = 1", "incomplete", "    "},
		{"def f():\n    x = 1\n", "complete", ""},
		{"def f():\n    return 1", "incomplete", ""},
		{"for i in x: print(i)", "incomplete", ""},
		{"for i in x: print(i)\n", "complete", ""},
		{
			"if True:\n    for i in x:  # each",
			"incomplete",
			"        ",
		},
		{"if True:\n  pass\nelse:", "incomplete", "    "},
		{"x = '''abc", "incomplete", ""},
		{"x = '''abc\ndef", "incomplete", ""},
		{"x = 'abc", "invalid", ""},
		{"def f():\n    '''doc", "incomplete", ""},
		{
			"x = 1 +",
			"invalid",
			"",
		},
		{"x = )", "invalid", ""},
		{"import os", "invalid", ""},
		{"try:", "invalid", ""},
		{"x ** 2", "invalid", ""},
		{"x = (\n)\ny = )\nz = (", "invalid", ""},
		{"    x = 1", "complete", ""},
		{
			"def f(",
			"incomplete",
			"",
		},
		{"def f(x,", "incomplete", ""},
		{"def f(x,\n      y=2", "incomplete", "      "},
		{"def f(1", "invalid", ""},
		{"def 1(", "invalid", ""},
		{"def f():\n    x = 1\n\n    y = 2", "incomplete", "    "},
	}
	for _, test := range tests {
		c, indent := language.IsComplete(test.source)
		if c != test.want || indent != test.indent {
			t.Errorf("%q is %s, indent %q; want %s, %q", test.source, c, indent, test.want, test.indent)
		}
	}
}

// For any input the scanners do not panic, and completions are within the source.
func FuzzLookingOn(f *testing.F) {
	for _, s := range []string{"make('b", "bear.", "f(a, b=[1,", "'''x", "x = \"\\", "def f(", "#", "ö.ä(", "f(=",
		"a.b.c(d="} {
		f.Add(s, 3)
	}
	interp := language.New(functions(), names)
	f.Fuzz(func(t *testing.T, source string, at int) {
		c := interp.Complete(source, at)
		if n := len([]rune(source)); c.Start < 0 || c.Start > c.End || c.End > n {
			t.Errorf("completion of [%d, %d) in %d", c.Start, c.End, n)
		}
		interp.Inspect(source, at)
		language.IsComplete(source)
	})
}
