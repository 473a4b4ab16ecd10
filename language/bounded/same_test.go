package bounded

import (
	"context"
	"strings"
	"testing"

	"go.starlark.net/lib/json"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// options returns a session's options.
func options() *syntax.FileOptions {
	return &syntax.FileOptions{Set: true, While: true, TopLevelControl: true, GlobalReassign: true}
}

// run runs a program, rewritten or unchanged, and returns its output and its error.
func run(ctx context.Context, g *Guard, source string) (_ string, err error) {
	var printed strings.Builder
	thread := &starlark.Thread{Print: func(_ *starlark.Thread, s string) { printed.WriteString(s) }}
	env := starlark.StringDict{"json": json.Module}
	file, err := options().Parse("test.star", source, 0)
	if err != nil {
		return "", err
	}
	if g == nil {
		thread.Print = func(_ *starlark.Thread, s string) { printed.WriteString(s + "\n") }
	} else {
		env = g.Names()
		refused := g.Watch(ctx, thread)
		defer context.AfterFunc(ctx, func() { thread.Cancel("interrupted") })()
		if err := g.Rewrite(file); err != nil {
			return "", err
		}
		defer func() {
			if why := refused(); why != nil {
				err = why
			}
		}()
	}
	program, err := starlark.FileProgram(file, env.Has)
	if err != nil {
		return "", err
	}
	_, err = program.Init(thread, env)
	return printed.String(), err
}

// A rewritten program has the same results and the same error messages as the original.
func TestRewrittenMeansTheSame(t *testing.T) {
	for _, source := range []string{
		"print(1 + 2, 'a' + 'b', [1] + [2], (1,) + (2,), 1.5 + 1, b'a' + b'b')",
		"print(7 - 2, 7 * 2, 7 / 2, 7 // 2, 7 % 3, 1 << 4, 256 >> 2, 6 & 3, 6 | 3, 6 ^ 3, -7 // 2, -7 % 3)",
		"x = 3\ny = 'ab'\nprint(x * y, y * x, [x] * x, x * (1, 2), y * 0, y * -1)",
		"x = {'a': 1}\ny = {'b': 2, 'a': 3}\nprint(x | y, y | x)\nx |= y\nprint(x)",
		"x = set([1, 2])\ny = set([2, 3])\nprint(x | y, x & y, x - y, x ^ y, x <= y)\nx |= y\nprint(x)",
		"x = [1]\ny = x\nx += [2]\nx += (3, 4)\nx += range(2)\nprint(x, y, x == y)",
		"x = (1,)\ny = x\nx += (2,)\nprint(x, y)",
		"x = [1]\nx *= 3\nprint(x)\ns = 'a'\ns += 'b'\ns *= 2\nprint(s)\nn = 5\nm = 2\nn -= m\nn *= m\nn //= m\nn %= m\nn <<= m\nn |= m\nprint(n)",
		"calls = []\ndef f():\n    calls.append(1)\n    return 0\nx = [[1]]\nv = [2]\nx[f()] += v\nd = {0: 1}\nw = 5\nd[f()] += w\nd[f()] *= w\nprint(x, d, len(calls))",
		"x = [1, 2]\ny = 4\nx[-1] += y\nprint(x)\nx[5] += y",
		"d = {}\ny = 1\nd['a'] += y",
		"x = 'abc'\ny = 'd'\nx[0] += y",
		"x = 3\ny = 4\nx[0] += y",
		"print(1 == 1.0, 1 < 2, 'a' < 'b', [1, 2] < [1, 3], (1,) < (1, 2), [1] == (1,), {'a': [1]} == {'a': [1]}, None == None, 1 != 2)",
		"x = [1, 2]\ny = [1, 2]\nz = [1, 3]\nprint(x == y, x != y, x < z, x <= y, x > z, z >= x, x == None, [] == [], [] < x)",
		"x = {'a': 1}\ny = {'a': 2}\nprint(x == y, x != y, x == {})",
		"x = 1\ny = 'a'\nprint(x == y)\nprint(x < y)",
		"x = {1: 2}\ny = {1: 3}\nprint(x < y)",
		"x = []\nfor i in range(20):\n    x = [x]\ny = []\nfor i in range(20):\n    y = [y]\nprint(x == y)",
		"x = 2\nprint(x in [1, 2], x in (3,), x not in [2], x in {2: 0}, x in set([2]), x in range(3), 'b' in 'abc')\ny = 'c'\nz = 'abc'\nprint(y in z, y not in z)",
		"x = 1\ny = 2\nprint(x in y)",
		"x = [1]\nd = {}\nprint(x in d)",
		"print(sorted([3, 1, 2]), sorted(['b', 'a'], reverse=True), sorted([(1, 'b'), (0, 'c'), (1, 'a')], key=lambda p: p[0]), sorted([(1, 'b'), (0, 'c'), (1, 'a')], key=lambda p: p[0], reverse=True))",
		"print(sorted([1, 'a']))",
		"print(max(1, 3, 2), min([4, 2]), max(['a', 'bb'], key=len), min((1, -2), key=abs), max([2, 2.0]))",
		"print(max([]))", "print(max(3))", "print(min())", "print(max([1, 'a']))",
		"print(any([0, 1]), all([1, 0]), any([]), all([]), any(range(3)))",
		"print(list(range(3)), tuple([1, 2]), set([1, 1]), dict([(1, 2)], a=3), dict({'b': 1}), list(), tuple(), set(), dict(), list({'a': 1}), reversed([1, 2]))",
		"print(list(3))", "print(dict([1]))", "print(set([[]]))", "print({[]: 1})",
		"print(enumerate(['a', 'b']), enumerate([1], 5), zip([1, 2], ['a', 'b', 'c']), zip(), zip([]), zip('abc'.elems(), [1, 2]), enumerate('ab'.elems()))",
		"print(zip(3))", "print(enumerate(3))",
		"print(str([1, 'a', None, 1.5, (1,), {'b': [2]}]), repr('a\\n'), str('a\\n'), str(b'ab'), repr(b'a'), str(set([1])), str(()), str({}))",
		"x = [1]\nx.append(x)\nprint(x)\nd = {}\nd['d'] = d\nprint(d, str(x), '%s' % x)",
		"print('%s and %r, %d, %g, %%, %x' % ('a', 'b', 3, 1.5, 255))\nx = {'k': [1, 'a']}\nprint('%(k)s' % x, '%s' % x, '%s' % ['x'], '%r' % (['x'],))",
		"x = 'a%sb'\nprint(x % 1, x % (None,))\nprint(x % (1, 2))", "x = '%d'\nprint(x % [1])",
		"x = '%s %s'\nprint(x % 1)",
		"print('{} {a} {0}'.format(a=1))", "print('{} {a}'.format([1, 'x'], a={'b': 2}), '{0}{0}'.format('ab'), '{!r}'.format('a'))", "print('{}'.format())",
		"print(', '.join(['a', 'b']), 'x'.join([]), 'aXbX'.replace('X', 'yy'), 'aXbX'.replace('X', '', 1), 'a b  c'.split(), 'a,b'.split(','), 'a,b,c'.rsplit(',', 1), 'a\\nb'.splitlines())",
		"print(','.join([1]))", "print('a'.split(''))", "print('abc'.replace('', '-'))",
		"x = [1, 2, 3]\nx.extend(range(2))\nprint(x.index(3), x.index(1, 1))\nx.remove(2)\nprint(x, x.pop(), x.pop(0))\nx.remove(7)", "print([1].index(2))",
		"d = {'a': 1}\nprint(d.get('a'), d.get('b', 2), d.pop('a'), d.setdefault('c', []), d.update([('e', 5)], f=6), d.items(), d.keys(), d.values())\nd.pop('zz')",
		"s = set([1])\nprint(s.union([2, 3]), s.intersection([1]), s.difference([1]), s.issubset([1, 2]), s.symmetric_difference([1, 4]))\ns.add(5)\ns.update([6])\ns.discard(1)\nprint(s)\ns.remove(9)",
		"x = [1, 2, 3, 4]\nprint(x[1:], x[::-1], x[-1], 'abc'[1:], (1, 2)[0], x[1:3], 'abc'[-1])\nprint(x[9])",
		"d = {(1, (2, 3)): 'a'}\nk = (1, (2, 3))\nprint(d[k], d[(1, (2, 3))])\nprint(d[2])",
		"def f(a, *b, c=1, **d):\n    return a, b, c, d\nx = [1, 2]\nprint(f(*x), f(0, *x, c=4, e=5), f(*(1,), **{'z': 1}))", "def f(a): pass\nf(*3)",
		"print([x * y for x in [1, 2] for y in [3, 4] if x != y], {x: y for x, y in [(1, 2)]})",
		"x = [1, 2]\nx[0], x[1] = x[1], x[0]\nprint(x)\na, (b, c) = 1, (2, 3)\nprint(a, b, c)\nd = {}\nfor d['k'] in [1, 2]:\n    pass\nprint(d)",
		"f = lambda x, y=1 + 2: x + y if x > y else x - y\nprint(f(1), f(5), (lambda: 3)())",
		"print(getattr([1], 'index')(1), hasattr('a', 'join'), getattr('a', 'nothing', 2), getattr('-', 'join')(['a', 'b']))\nprint('a'.nothing)",
		"print('a'.joinn)", "x = 3\nx.join", "print(type('a'.join), 'a'.join)",
		"print(int('12'), int('ff', 16), int(3.9), bytes('ab'), bytes([97]), int('x'))",
		"print('a', 'b', sep='-')\nfail('x', [1])",
		"print(json.encode({'a': [1, 2.5, 'x', None, True]}), json.decode('{\"a\": [1, \"b]\", {\"c\": null}]}'), " +
			"json.decode('nope', 7))",
		"json.decode('[')", "json.encode(json)",
		"print(json.encode_indent([1], indent=' '), json.indent('[1]'))",
		"x = 2\ny = 70\nz = 1\nfor i in range(y):\n    z = z * x\nprint(z, z // x, z % 7, z == z + 0, -z, x - z)",
		"x = 1\ny = 0\nprint(x / y)", "x = [1]\ny = 2\nprint(x + y)", "x = 'a'\ny = 1\nprint(x - y)",
		"def f():\n    t = 0\n    for i in range(10):\n        if i % 2 == 0 and i not in [4]:\n            continue\n        t += i\n    return t\nprint(f())",
		"i = 0\nn = 5\nwhile i < n:\n    i += 1\nprint(i, not i, +i, ~i)",
	} {
		want, wantErr := run(t.Context(), nil, source)
		got, err := run(t.Context(), New(For(8<<30)), source)
		if got != want || (err == nil) != (wantErr == nil) || err != nil && !alike(err.Error(), wantErr.Error()) {
			t.Errorf("%s\ngives %q, %v\nwhere Starlark gives %q, %v", source, got, err, want, wantErr)
		}
	}
}

// alike compares errors, except for a prefix that names the function, and a suggestion.
func alike(a, b string) bool {
	return strings.HasSuffix(a, b) || strings.HasSuffix(b, a) || strings.HasPrefix(a, strings.TrimSuffix(b, ")"))
}

// evaluated is the value of an expression.
func evaluated(t *testing.T, source string) starlark.Value {
	t.Helper()
	v, err := starlark.EvalOptions(options(), &starlark.Thread{}, "test.star", source, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func listOf(v starlark.Value) starlark.Value { return starlark.NewList([]starlark.Value{v}) }
