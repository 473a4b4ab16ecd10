package language

import "regexp"

// A pythonHabit is a construct that works in Python but not here, with the hint to print.
type pythonHabit struct {
	line    *regexp.Regexp // matches the line that was typed; nil matches any
	message *regexp.Regexp // matches Starlark's message; nil matches any
	word    string
}

// pythonHabits lists the habits. The first match is used.
func pythonHabits() []pythonHabit {
	typed := func(expr, word string) pythonHabit { return pythonHabit{line: regexp.MustCompile(expr), word: word} }
	said := func(expr, word string) pythonHabit { return pythonHabit{message: regexp.MustCompile(expr), word: word} }
	return []pythonHabit{
		typed(
			`^\s*(import|from)\b`,
			"there is nothing to import: math and json are already available, and help() lists the functions",
		),
		typed(
			`\b[fF][rR]?["']`,
			`there are no f-strings: write "sigma %s" % x, or "sigma {}".format(x), with fmt(x, digits) for rounded numbers`,
		),
		typed(
			`(^|[^.\w])load\s*\(`,
			"there is no load: load_classifier(path) reads a checkpoint, from_torch(path) other weights, read_log(path) a log, and dataset(path) images; "+
				"math and json are already available",
		),
		typed(
			`^\s*(try|except|finally|raise)\b`,
			"there are no exceptions: an error ends the cell and keeps its earlier effects; fail(\"…\") raises one",
		),
		typed(`^\s*with\b`, "there is no with: the session closes everything"),
		typed(`^\s*class\b`, "there are no classes: use a dict or a function"),
		typed(
			`^\s*(global|nonlocal)\b`,
			"there is no global or nonlocal: return the result, or change a list or dict in place",
		),
		typed(`^\s*del\b`, "there is no del: assign None, or use d.pop(key)"),
		typed(`^\s*assert\b`, "there is no assert: if not …: fail(\"…\")"),
		typed(`\byield\b`, "there is no yield: build a list and return it"),
		typed(`\b(async|await)\b`, "there is no async: train(…, background=True) runs while you type"),
		typed(`\bis\b`, "there is no is: compare with == or !="),
		typed(`:=`, "there is no :=, assign on a separate line"),
		typed(`\*\*`, "** is not an operator here: use math.pow(x, y)"),
		typed(`[^=!<>]=[^=].*\bif\b.*:\s*$`, "= assigns; compare with =="),
		typed(`^\s*print\s+["'\w]`, "print is a function: print(x)"),
		typed(`\+\+|--`, "there is no ++ or --: write x += 1"),
		typed(`^\s*@`, "there are no decorators: write f = decorator(f) after the def"),
		typed(`->|\b\w+\s*:\s*(int|float|str|bool|list|dict)\b`, "there are no type annotations"),
		said(
			`load not implemented`,
			"there is no load: load_classifier(path) reads a checkpoint; math and json are already available",
		),
		said(`does not associate`, "comparisons do not chain: write a < b and b < c"),
		said(`unknown binary op: .*float % |unknown conversion %\.|unknown conversion %[0-9]|unknown conversion %,`,
			`% supports %s, %d, %f and %g without a width: fmt(x, digits) rounds, as in "%s" % fmt(x, 3)`),
		said(`called recursively`, "functions cannot call themselves, directly or through others: use a loop"),
		said(`got \*\*|unknown binary op: .* \*\* `, "** is not an operator here: use math.pow(x, y)"),
		said(`string has no \.(decode|encode) `, "strings are text; there are no bytes to encode"),
		said(
			`unhashable|cannot be a key`,
			"only numbers, strings, True and False, None and tuples of them can be keys of a dict or set",
		),
	}
}

// habitHint returns the hint for a Python habit; "" if the line and message match none.
func habitHint(line, message string) string {
	for _, h := range pythonHabits() {
		if h.line != nil && (line == "" || !h.line.MatchString(line)) ||
			h.message != nil && !h.message.MatchString(message) {
			continue
		}
		return h.word
	}
	return ""
}

// pythonNameHint returns the hint for a name that Python has and Starlark does not; "" for other names.
func pythonNameHint(name string) string {
	switch name {
	case "np", "numpy", "torch", "jax", "plt", "pandas", "pd", "scipy", "tf":
		return name + " is not available: math, mean, sum, round and fmt are, plot and table show results, and help() lists the rest"
	case "isinstance", "issubclass":
		return `there is no ` + name + `: compare type(x) == "int"`
	case "open", "os", "sys", "io", "pathlib", "subprocess", "requests", "exec", "eval":
		return "there is no " + name + ": a session accesses files only through save, load_classifier, read_log, table, plot and the out= of train and certify"
	case "pow":
		return "there is no pow: use math.pow(x, y)"
	case "map", "filter":
		return "there is no " + name + ": write a comprehension, [f(x) for x in xs]"
	case "lambda", "self", "super", "object":
		return ""
	case "Exception", "ValueError", "KeyboardInterrupt":
		return "there are no exceptions: an error ends the cell and keeps its earlier effects"
	case "format":
		return `there is no format(x, spec): use fmt(x, digits)`
	}
	return ""
}
