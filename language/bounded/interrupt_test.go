package bounded

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
)

// soon is much longer than an interrupt takes on a busy machine, and much shorter than any of the programs would run.
const soon = 30 * time.Second

// Every operator, function and method that could run for minutes can be interrupted.
func TestInterrupts(t *testing.T) {
	for _, source := range []string{
		"max(range(10000000000))", "min(range(10000000000), key=lambda x: x)", "all(range(1, 10000000000))",
		"any([0] for i in range(10))\nany(range(0, 1))",
		"x = range(3, 10000000000)\nsorted([1, 2], key=lambda k: max(x))",
		"x = [0] * 100000\ny = [0] * 100000\nwhile x == y:\n    pass",
		"x = [0] * 100000\ny = [0] * 100000\nz = [x] * 100000\nw = [y] * 100000\nz == w",
		"x = [0] * 100000\ny = [0] * 100000\nz = (x,) * 100000\nw = (y,) * 100000\nz < w",
		"x = [0] * 100000\ny = [0] * 100000\nz = {i: x for i in range(10000)}\nw = {i: y for i in range(10000)}\nz != w",
		"x = [0] * 100000\ny = [0] * 100000 + [1]\nz = [0] * 100000 + [2]\n(z) in [y] * 100000",
		"x = [0] * 100000\ny = [[0] * 100000 + [1]] * 100000\nz = [0] * 100000 + [2]\ny.index(z)",
		"y = [[0] * 100000 + [1]] * 100000\nz = [0] * 100000 + [2]\ny.remove(z)",
		"y = [[0] * 100000 + [1]] * 100000\nmax(y)", "y = [[0] * 100000 + [1]] * 100000\nsorted(y)",
		"while True: list(range(100000))", "while True: tuple(range(100000))", "while True: set(range(100000))",
		"while True: str(range(3)) * 1000",
		"x = [0] * 100000\nwhile True: str(x)", "x = [0] * 100000\nwhile True: '%s' % x",
		"x = [0] * 100000\nwhile True: '{}'.format(x)",
		"x = [0] * 100000\nwhile True: json.encode(x)", "x = '[' + '0,' * 1000000 + '0]'\nwhile True: json.decode(x)",
		"x = ['a'] * 100000\nwhile True: ','.join(x)", "x = 'a ' * 100000\nwhile True: x.split()",
		"x = 'a' * 100000\nwhile True: x.replace('a', 'bb')",
		"while True: dict(zip(range(10000), range(10000)))", "while True: enumerate(range(100000))",
		"x = (1,) * 100000\nd = {}\nwhile True: x in d",
		"[x for x in range(10000000000) if x < 0]", "x = 0\nwhile True: x += 1",
	} {
		ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
		begun := time.Now()
		_, err := run(ctx, New(For(2<<30)), source)
		took := time.Since(begun)
		stop()
		if took > soon {
			t.Errorf("%s\nends %v after its begin", source, took)
		}
		if strings.HasPrefix(source, "any(") {
			continue
		}
		if err == nil || !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "interrupted") {
			t.Errorf("%s\nends with %v", source, err)
		}
	}
}

// A value that would take too much memory, or nest too deeply, is refused in a sentence before the memory is allocated.
func TestRefuses(t *testing.T) {
	deep := "x = []\nfor i in range(20000): x = [x]\n"
	tuples := "x = ()\nfor i in range(20000): x = (x,)\n"
	update := "{}.update(zip(range(3), range(3)))\n"
	bounds := For(2 << 30)
	for source, want := range map[string]string{
		"list(range(1000000000))":                               "list would have more than 4,194,304 elements",
		"tuple(range(1000000000))":                              "tuple would have more than",
		"sorted(range(1000000000))":                             "sorted would have more than",
		"reversed(range(1000000000))":                           "reversed would have more than",
		"set(range(1000000000))":                                "set would have more than 524,288 entries",
		"enumerate(range(1000000000))":                          "enumerate would have more than",
		"n = 1000000000\nx = [0]\nx * n":                        "x * y would have more than 4,194,304 elements",
		"n = 1000000000\nx = (0,)\nn * x":                       "x * y would have more than",
		"n = 1000000000\nx = 'a'\nx * n":                        "x * y would have more than 16,777,216 bytes of text",
		"n = 100000000000000000000000\nx = 'a'\nx * n":          "x * y would have more than",
		"n = 1000000000\nx = [0]\nx *= n":                       "x * y would have more than",
		"zip(range(1000000000), range(1000000000))":             "zip would have more than",
		"x = [0]\nx.extend(range(1000000000))":                  "extend would have more than",
		"x = [0]\ny = range(1000000000)\nx += y":                "extend would have more than",
		"x = {'a': [0]}\ny = range(1000000000)\nx['a'] += y":    "extend would have more than",
		"x = 'a'\nwhile True: x = x + x":                        "x + y would have more than",
		"x = [0]\nwhile True: x = x + x":                        "x + y would have more than",
		"x = 'a'\nwhile True: x += x":                           "x + y would have more than",
		"d = {'s': 'a'}\nwhile True: d['s'] += d['s']":          "x + y would have more than",
		"x = 3\nwhile True: x = x * x":                          "x * y would have more than 100,000 digits",
		"x = 'a' * 10000000\n','.join([x] * 1000)":              "join would have more than",
		"x = 'a' * 10000000\nx.replace('a', x)":                 "replace would have more than",
		"x = 'a,' * 8000000\nx.split(',')":                      "split would have more than",
		"x = 'a' * 10000000\n('%s' * 100) % ((x,) * 100)":       "x % y would have more than",
		"x = 'a' * 10000000\n('{}' * 100).format(*[x] * 100)":   "format would have more than",
		"x = 'a' * 10000000\nstr([x] * 100)":                    "str would have more than 8,388,608 bytes of text",
		"x = 'a' * 10000000\nprint(x, x, x, x, x)":              "print would have more than",
		"x = 'a' * 10000000\njson.encode([x] * 100)":            "json.encode: the text would have more than",
		"x = 'a' * 10000000\nfail([x] * 100)":                   "fail would have more than",
		"def f(*a): pass\nf(*range(1000000000))":                "the call would have more than 100,000 arguments",
		"set([1]).union(range(1000000000))":                     "the set would have more than",
		update + "{}.update(range(10000000000))":                "update would have more than",
		"int('9' * 1000000)":                                    "int would have more than 100,000 digits",
		"json.decode('9' * 1000000)":                            "json.decode: a number would have more than",
		"json.decode('[' * 3000000)":                            "json.decode: the value is nested more than 200 deep",
		"json.decode('[' * 10000000)":                           "json.decode: the text would have more than",
		deep + "str(x)":                                         "nested more than 200 deep",
		deep + "print(x)":                                       "nested more than 200 deep",
		deep + "'%s' % x":                                       "nested more than 200 deep",
		deep + "'{}'.format(x)":                                 "nested more than 200 deep",
		deep + "json.encode(x)":                                 "nested more than 200 deep",
		deep + "y = []\nfor i in range(20000): y = [y]\nx == y": "maximum recursion depth",
		tuples + "{x: 1}":                                       "a key may be nested at most 200 deep",
		tuples + "d = {}\nd[x] = 1":                             "a key may be nested at most 200 deep",
		tuples + "d = {}\nd[x]":                                 "a key may be nested at most 200 deep",
		tuples + "d = {}\nx in d":                               "a key may be nested at most 200 deep",
		tuples + "{}.get(x)":                                    "a key may be nested at most 200 deep",
		tuples + "{}.setdefault(x)":                             "a key may be nested at most 200 deep",
		tuples + "set([x])":                                     "a key may be nested at most 200 deep",
		tuples + "set().add(x)":                                 "a key may be nested at most 200 deep",
		tuples + "dict([(x, 1)])":                               "a key may be nested at most 200 deep",
		tuples + "getattr({}, 'get')(x)":                        "a key may be nested at most 200 deep",
		"a = 1\nx = a" + strings.Repeat(" + a", 6000):           "the expression is nested more than 5000 deep",
	} {
		_, err := run(t.Context(), New(bounds), source)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.80s\nends with %v, want a sentence with %q", source, err, want)
		}
		runtime.GC()
	}
}

// A loop that takes more and more memory is stopped at the bound, and its memory is freed.
func TestMemory(t *testing.T) {
	bounds := For(8 << 30)
	bounds.Memory = 64 << 20
	for _, source := range []string{
		"x = []\nwhile True: x.append('a' * 100000)", "x = []\ni = 0\nwhile True:\n    i += 1\n    x.append([i])",
		"d = {}\ni = 0\nwhile True:\n    i += 1\n    d[i] = [i]",
		"x = [0] * 1000000\ny = []\nwhile True: y.append(x[:])", "[[i] for i in range(1000000000)]",
		"x = [list(range(1000000)) for i in range(100)]",
		"x = []\nwhile True: x.append(set(range(100000)))",
	} {
		_, err := run(t.Context(), New(bounds), source)
		if err == nil || !strings.Contains(err.Error(), "out of memory") {
			t.Errorf("%s\nends with %v", source, err)
		}
		runtime.GC()
		if used := inUse(); used > bounds.Memory {
			t.Errorf("%s\nleaves %d bytes in use", source, used)
		}
	}
}

// Bounds are in proportion to the machine.
func TestFor(t *testing.T) {
	small, large := For(2<<30), For(64<<30)
	if small.Elements != 4<<20 || small.Text != 16<<20 || large.Elements != 32<<20 || large.Text != 128<<20 ||
		large.Memory != 24<<30 {
		t.Errorf("%+v, %+v", small, large)
	}
}

// A long value is shown by its beginning, and by the size of the rest.
func TestBrief(t *testing.T) {
	for source, want := range map[string]string{
		"[1, 'a', (1,), {'b': 2}, set([3])]": `[1, "a", (1,), {"b": 2}, set([3])]`,
		"[0] * 100000":                       "0, … 99,000 more]",
		"list(range(5000))":                  "999, … 4,000 more]",
		"'a' * 20000":                        `a"… 10,000 more bytes`,
		"['abcdefgh' * 1000] * 5":            "more bytes, … 3 more]",
		"{i: i for i in range(2000)}":        "999: 999, … 1,000 more}",
		"'é' * 10000":                        `é"… 10,000 more bytes`,
	} {
		v := evaluated(t, source)
		if got := Brief(v); !strings.HasSuffix(got, want) || len(got) > 3*shownText {
			t.Errorf("%s is shown as …%s, want …%s", source, got[max(0, len(got)-60):], want)
		}
	}
	x := evaluated(t, "[0]")
	for range 100_000 {
		x = listOf(x)
	}
	if got := Brief(x); !strings.Contains(got, "[…]") {
		t.Errorf("a deep list is shown as %s", got)
	}
	if got := Cut("abcdef", 4); got != "abc…" {
		t.Errorf("cut to %q", got)
	}
	if got := Cut("äöü", 3); got != "äöü" {
		t.Errorf("cut to %q", got)
	}
}
