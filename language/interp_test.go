package language_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"smoothlab/language"
	"smoothlab/report"
)

// Items of one session in order, with their results.
func TestItems(t *testing.T) {
	tests := []struct {
		name  string
		items [][2]string
	}{
		{
			"values",
			[][2]string{
				{"1 + 1", "2"},
				{"x = 3", ""},
				{"x", "3"},
				{"_ + 1", "4"},
				{"None", ""},
				{"_", "4"},
				{"x; y = 2", ""},
				{"y = 2; x", "3"},
				{"", ""},
				{"# nothing", ""},
			},
		},
		{
			"assignment of several",
			[][2]string{
				{"a, b = 1, 2", ""},
				{"a + b", "3"},
				{"a += 5", ""},
				{"a", "6"},
				{"(a, b) = (b, a)\n[a, b]", "[2, 6]"},
			},
		},
		{
			"control flow at the top",
			[][2]string{
				{"n = 0\nfor i in range(4):\n    n += i\nn", "6"},
				{"while n > 0:\n    n -= 1\nn", "0"},
				{"if n == 0:\n    print('zero')\nelse:\n    print('more')\n", "zero\n"},
			},
		},
		{
			"redefinition is seen by functions defined before",
			[][2]string{
				{"def f():\n    return 1\n", ""},
				{"def g():\n    return f() + scale\n", ""},
				{"scale = 10\ng()", "11"},
				{"def f():\n    return 2\nscale = 20\ng()", "22"},
			},
		},
		{
			"functions of lambda see late, too",
			[][2]string{{"h = lambda x: x * k", ""}, {"k = 2\nh(3)", "6"}, {"k = 5\nh(3)", "15"}},
		},
		{"what ran before an error stays", [][2]string{{"x = 1\nfail('no')\nx = 2", "error: fail: no"}, {"x", "1"}}},
		{
			"session functions are fixed",
			[][2]string{
				{"make = 3", "error: make is a function of the session and cannot be assigned; choose another name"},
				{
					"x = 1\nfor make in [1]:\n    pass\n",
					"error: make is a function of the session and cannot be assigned; choose another name",
				},
				{"x", `error: unknown name "x": help() lists the functions`},
				{
					"def wait():\n    pass\n",
					"error: wait is a function of the session and cannot be assigned; choose another name",
				},
				{
					"a, [say] = 1, [2]",
					"error: say is a function of the session and cannot be assigned; choose another name",
				},
				{
					"math = 1",
					"error: math is a function of the session and cannot be assigned; choose another name",
				},
				{"make('bear').size", "3"},
			},
		},
		{"an indented block runs", [][2]string{{"    x = 4\n    if x:\n        x += 1\n    x", "5"}}},
		{"modules", [][2]string{{"math.pow(2, 10)", "1024.0"}, {"json.encode([1, 2])", `"[1,2]"`}}},
		{
			"live values",
			[][2]string{
				{"m = make('bear', size=2)\nm.grown(by=3).size", "5"},
				{"dir(m)", `["grown", "size"]`},
				{
					"m.sise",
					`error: unknown attribute of a toy "sise": did you mean "size"? known: grown, size. It is to be played with`,
				},
				{"hasattr(m, 'nothing')", "False"},
				{"m.size = 3", "error: size of a toy cannot be changed"},
			},
		},
		{
			"no list",
			[][2]string{
				{"m = make('bear')\nm[0]", "error: a toy has no elements. It is to be played with"},
				{"m[:1]", "error: a toy has no elements. It is to be played with"},
				{
					"len(m)",
					"error: a toy has no elements. It is to be played with",
				},
				{"[x for x in m]", "error: a toy has no elements. It is to be played with"},
				{
					"list(m)",
					"error: a toy has no elements. It is to be played with",
				},
				{"for x in 3:\n    pass", "error: an int has no elements"},
				{"len(3)", "error: an int has no elements"},
			},
		},
		{
			"arguments of any name",
			[][2]string{
				{"paint('bear', red=1, blue=2)", `("bear", {"red": 1, "blue": 2})`},
				{"paint(name='bear')", `"bear"`},
				{"paint", "<function paint(name, **colours)>"},
				{
					"paint('bear', 3)",
					"error: paint takes at most 1 argument, got 2: paint(name, **colours)",
				},
				{"paint('a', name='b')", "error: paint: name is given twice"},
				{"paint(red=1)", "error: paint needs name: paint(name, **colours)"},
			},
		},
		{"rest arguments", [][2]string{{"say(1, 'a', [2])", `1;"a";[2];`}, {"say()", ""}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := start(t)
			for _, item := range test.items {
				if got := s.do(item[0]); got != item[1] {
					t.Errorf("%q gives %q, want %q", item[0], got, item[1])
				}
			}
		})
	}
}

// The messages for wrong calls.
func TestArguments(t *testing.T) {
	tests := []struct{ call, want string }{
		{"make('bear', 7).size", "7"},
		{"make(name='bear', most=2).size", "2"},
		{"make('bear', beside=make('ball')).size", "6"},
		{"make('bear', radii=[1, 2.5]).size", "5"},
		{"make('bear', radii=(1, 2, 3)).size", "6"},
		{"make('bear', size=1e2).size", "100"},
		{"make('bear', size=None).size", "3"},
		{
			"make()",
			`error: make needs name: make(name, size=3, weight=0.5, loud=False, seed=0, beside=None, radii=None, most=no limit)`,
		},
		{
			"make('bear', sice=3)",
			`error: make: unknown argument "sice": did you mean "size"? known: name, size, weight, loud, seed, beside, radii, most`,
		},
		{"make('bear', name='ball')", "error: make: name is given twice"},
		{"make(3)", "error: make: name must be a string, got 3"},
		{"make('bear', size=2.5)", "error: make: size must be a whole number, got 2.5"},
		{"make('bear', size='big')", `error: make: size must be a whole number, got "big"`},
		{"make('bear', size=1 << 70)",
			"error: make: size must be at most 9,223,372,036,854,775,807, got 1180591620717411303424"},
		{"make('bear', size=-(1 << 70))", "error: make: size must be a whole number, got -1180591620717411303424"},
		{"make('bear', size=1e30)", "error: make: size must be at most 9,223,372,036,854,775,807, got 1e+30"},
		{"make('bear', seed=1 << 64)",
			"error: make: seed must be at most 18,446,744,073,709,551,615, got 18446744073709551616"},
		{"make('bear', seed=-1)", "error: make: seed must be a whole number of 0 or more, got -1"},
		{"make('bear', weight=True)", "error: make: weight must be a number, got True"},
		{"make('bear', loud=1)", "error: make: loud must be True or False, got 1"},
		{"make('bear', beside=3)", "error: make: beside must be a toy, got 3"},
		{"make('bear', radii=['a'])", `error: make: radii must be a list of numbers, got ["a"]`},
		{"make('bear', radii=3)", "error: make: radii must be a list of numbers, got 3"},
		{"make('bear', size=-1)", "error: size must be 0 or more"},
		{
			"make(1,2,3,4,5,6,7,8,9)",
			"error: make takes at most 8 arguments, got 9: make(name, size=3, weight=0.5, loud=False, seed=0, beside=None, radii=None, most=no limit)",
		},
		{"wait(1)", "error: wait takes no arguments, got 1"},
		{
			"make('bear', weight='" + strings.Repeat("x", 100) + "')",
			`error: make: weight must be a number, got "` + strings.Repeat("x", 56) + "…",
		},
	}
	s := start(t)
	for _, test := range tests {
		if got := s.do(test.call); got != test.want {
			t.Errorf("%s gives\n%s, want\n%s", test.call, got, test.want)
		}
	}
}

// Python's idioms that Starlark lacks get a hint, and every hint of the list occurs.
func TestPythonHabits(t *testing.T) {
	tests := []struct{ source, want string }{
		{"import numpy as np", "nothing to import"},
		{"from math import pi", "nothing to import"},
		{`load("x.star", "y")`, "load_classifier(path) reads a checkpoint"},
		{`c = load("x")`, "load_classifier(path) reads a checkpoint"},
		{`s = f"sigma {x}"`, "no f-strings"},
		{"try:\n    x = 1\nexcept:\n    pass", "no exceptions"},
		{"raise ValueError('x')", "no exceptions"},
		{"with open('x') as f:\n    pass", "no with"},
		{"class A:\n    pass", "no classes"},
		{"global x", "no global"},
		{"del x", "no del"},
		{"assert 1 == 1", "no assert"},
		{"def f():\n    yield 1", "no yield"},
		{"async def f():\n    pass", "no async"},
		{"1 is None", "no is"},
		{"(y := 3)", "no :="},
		{"2 ** 3", "math.pow"},
		{"1 < 2 < 3", "do not chain"},
		{"print 'a'", "print is a function"},
		{"x = 1\nx++", "no ++"},
		{"@cache\ndef f():\n    pass", "no decorators"},
		{"def f(x: int):\n    pass", "no type annotations"},
		{"'%.3f' % 1.5", "fmt(x, digits)"},
		{"np.mean([1])", "np is not available"},
		{"isinstance(1, 2)", "type(x)"},
		{"open('x')", "accesses files only"},
		{"pow(2, 3)", "math.pow"},
		{"map(len, [])", "comprehension"},
		{"def f(n):\n    return f(n)\nf(1)", "cannot call themselves"},
		{"{[1]: 2}", "can be keys"},
		{"{make('bear'): 2}", "can be keys"},
	}
	for _, test := range tests {
		got := start(t).do(test.source)
		if !strings.Contains(got, test.want) || strings.Contains(got, "\n") {
			t.Errorf("%q gives %q, want a sentence with %q", test.source, got, test.want)
		}
	}
}

// The error for an unknown name suggests the nearest one; a syntax error has its line.
func TestErrors(t *testing.T) {
	s := start(t)
	s.do("digits = 3\ndef outer(x):\n    return inner(x)\ndef inner(x):\n    return x + missing\n")
	tests := []struct {
		source, want string
		trace        []string
	}{
		{"digit", `unknown name "digit": did you mean "digits"?`, nil},
		{"mak('bear')", `unknown name "mak": did you mean "make"?`, nil},
		{"x = 1\ny = (", "line 2: got the end, expected an expression", nil},
		{"x = 1 +", "line 1: got the end, expected an expression", nil},
		{
			"outer(1)",
			`unknown name "missing": help() lists the functions`,
			[]string{"  line 1 of item", "  line 3 of item, in outer", "  line 5 of item, in inner"},
		},
		{"1 / 0", "floating-point division by zero", nil},
	}
	for _, test := range tests {
		_, err := s.Run(context.Background(), "item", test.source, new(output))
		var e *report.Error
		if !errors.As(err, &e) || e.Message != test.want || fmt.Sprint(e.Trace) != fmt.Sprint(test.trace) {
			t.Errorf("%q gives %#v, want %q and %q", test.source, err, test.want, test.trace)
		}
	}
}

// Any running code is stopped by the context, the session continues, and variables stay.
func TestInterrupt(t *testing.T) {
	s := start(t)
	s.do("x = 1")
	for _, source := range []string{"x = 2\nwait()\nx = 3", "x = 2\nwhile True:\n    pass\n",
		"def f():\n    while True:\n        pass\nx = 2\nf()"} {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(20*time.Millisecond, cancel)
		_, err := s.Run(ctx, "item", source, new(output))
		var e *report.Error
		if !errors.As(err, &e) || e.Name != report.Interrupted {
			t.Fatalf("%q gives %v, want it interrupted", source, err)
		}
		if got := s.do("x"); got != "2" {
			t.Errorf("after %q x is %s, want 2", source, got)
		}
	}
}

// A panic in a function is an error of the item, and the session continues.
func TestPanic(t *testing.T) {
	s := start(t)
	s.do("x = 1")
	if got := s.do("explode()"); !strings.HasPrefix(got, "internal error: boom") {
		t.Errorf("a panic gives %q", got)
	}
	if got := s.do("x"); got != "1" {
		t.Errorf("after a panic x is %s", got)
	}
}

// Sources that have crashed interpreters are errors: deep nesting, long chains.
func TestHostileSources(t *testing.T) {
	s := start(t)
	for name, source := range map[string]string{
		"nesting":  strings.Repeat("(", 300_000),
		"unary":    strings.Repeat("-", 300_000) + "1",
		"not":      strings.Repeat("not ", 200_000) + "1",
		"lambda":   strings.Repeat("lambda: ", 100_000) + "1",
		"if":       strings.Repeat("1 if 1 else ", 80_000) + "1",
		"calls":    "f" + strings.Repeat("()", 300_000),
		"index":    "x" + strings.Repeat("[0]", 300_000),
		"sum":      "1" + strings.Repeat("+1", 300_000),
		"zeros":    strings.Repeat("\x00", 1000),
		"no UTF-8": "x = '\xff\xfe'",
		"long":     strings.Repeat("x = 1\n", 200_000),
	} {
		t.Run(name, func(t *testing.T) {
			got := s.do(source)
			language.IsComplete(source)
			s.Complete(source, len(source))
			if len(got) > 500 {
				t.Errorf("an answer of %d bytes", len(got))
			}
		})
	}
}

// Completion and inspection work while an item runs (for the race detector).
func TestLookingOn(t *testing.T) {
	s := start(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx, "item", "i = 0\nm = make('bear')\nwhile True:\n    i += 1\n    m = make('bear')\n", new(output))
	}()
	for range 200 {
		s.Complete("m.", 2)
		s.Inspect("make(", 5)
	}
	cancel()
	<-done
}
