package language

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"smoothlab/internal/suggest"
	"smoothlab/language/bounded"
	"smoothlab/report"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// syntaxError converts an error of the parser or the resolver, with a hint for Python habits.
func syntaxError(c cell, err error) *report.Error {
	e := &report.Error{Name: report.Syntax, Message: err.Error()}
	var s syntax.Error
	if errors.As(err, &s) {
		typed := line(c.source, int(s.Pos.Line))
		word := cmp.Or(elsewhere(typed), lookAlike(typed), habitHint(typed, s.Msg), inWords(s.Msg))
		e.Message = c.where(s.Pos.Line) + ": " + word
	}
	return e
}

// inWords replaces the parser's token names by plain words.
func inWords(message string) string {
	return strings.NewReplacer("primary expression", "an expression", "newline", "the end of the line", "indent",
		"an indented line",
		"outdent", "the end of the block", "want ", "expected ", "end of file", "the end").
		Replace(message)
}

// line returns a line of the source, counted from 1.
func line(source string, n int) string {
	lines := strings.Split(source, "\n")
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}

var (
	undefined = regexp.MustCompile(`undefined: ([\pL_][\pL\pN_]*)`)
	elements  = regexp.MustCompile(
		`unhandled index operation (\w+)\[|invalid slice operand (\w+)|\b(\w+) value is not iterable|value of type (\w+) has no len|got (\w+), want iterable`,
	)
	uninitialized = regexp.MustCompile(`predeclared variable ([\pL_][\pL\pN_]*) is uninitialized`)
)

// runError converts the error of a failed statement.
func (i *Interp) runError(ctx context.Context, c cell, err error) *report.Error {
	var known *report.Error
	var list resolve.ErrorList
	var eval *starlark.EvalError
	switch {
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) ||
		strings.Contains(err.Error(), "Starlark computation cancelled")):
		e := &report.Error{Name: report.Interrupted, Message: "stopped"}
		if errors.As(err, &eval) {
			e.Trace = trace(eval.CallStack, false)
			if cause := eval.Unwrap(); cause != nil && !errors.Is(ctx.Err(), cause) &&
				!strings.Contains(
					cause.Error(),
					"Starlark computation cancelled",
				) { // the interrupted function returned its own error
				e.Message = trimContextErr(cause)
			}
			if errors.As(err, &known) { // from a function that could not be interrupted
				e.Message = known.Message
			}
		}
		return e
	case errors.As(err, &known):
		return known
	case errors.As(err, &list) && len(list) > 0:
		return i.resolveError(c, list[0])
	case errors.As(err, &eval):
		message := bounded.Cut(eval.Msg, maxMessage) // it may contain a long value
		e := &report.Error{
			Name:    report.Failed,
			Message: message,
			Trace:   trace(eval.CallStack, c.file || long(c.source)),
		}
		if m := uninitialized.FindStringSubmatch(message); m != nil {
			e.Message = i.unknownName(m[1])
		} else if m := elements.FindStringSubmatch(message); m != nil {
			e.Message = i.noElements(cmp.Or(m[1:]...))
		} else if word := habitHint("", message); word != "" {
			e.Message = word
		}
		return e
	}
	return &report.Error{Name: report.Failed, Message: err.Error()}
}

// trimContextErr removes the context's own message from an error.
func trimContextErr(err error) string {
	text := err.Error()
	if text == context.Canceled.Error() || text == context.DeadlineExceeded.Error() {
		return "stopped"
	}
	for _, words := range []string{": " + context.Canceled.Error(), ": " + context.DeadlineExceeded.Error()} {
		text = strings.TrimSuffix(text, words)
	}
	return text
}

// resolveError converts an error of the resolver about a name or a construct.
func (i *Interp) resolveError(c cell, err resolve.Error) *report.Error {
	if m := undefined.FindStringSubmatch(err.Msg); m != nil {
		e := &report.Error{Name: report.Failed, Message: i.unknownName(m[1])}
		if c.file {
			e.Trace = []string{"  " + c.where(err.Pos.Line)}
		}
		return e
	}
	word := cmp.Or(habitHint(line(c.source, int(err.Pos.Line)), err.Msg), err.Msg)
	return &report.Error{Name: report.Syntax, Message: c.where(err.Pos.Line) + ": " + word}
}

// noElements returns the message for a value that was used as a list.
func (i *Interp) noElements(kind string) string {
	sentence := article(kind) + " has no elements"
	for _, v := range i.env {
		if d, ok := v.(Described); ok && d.Kind().Name == kind {
			return d.Kind().withHint(sentence)
		}
	}
	return sentence
}

// unknownName returns the message for an undefined name.
func (i *Interp) unknownName(name string) string {
	if word := pythonNameHint(name); word != "" {
		return word
	}
	if meant, word := plainName(name); word != "" && (i.env.Has(meant) || starlark.Universe.Has(meant)) {
		return fmt.Sprintf("unknown name %q: %s; did you mean %q?", name, word, meant)
	}
	known := slices.DeleteFunc(slices.Sorted(maps.Keys(i.env)), func(k string) bool { return !typable(k) })
	known = append(known, universe()...)
	if beginning := beginWith(name, known); len(beginning) > 1 {
		return fmt.Sprintf("unknown name %q: names that begin so: %s", name, strings.Join(beginning, ", "))
	} else if len(beginning) == 1 {
		return fmt.Sprintf("unknown name %q: did you mean %q?", name, beginning[0])
	}
	if guess := suggest.Of(name, known); guess != "" {
		return fmt.Sprintf("unknown name %q: did you mean %q?", name, guess)
	}
	return fmt.Sprintf("unknown name %q: help() lists the functions", name)
}

// shortestBeginning is the number of letters from which names that begin so are offered.
const shortestBeginning = 3

// beginWith returns the names that begin with a word, if it is long enough and they are few.
func beginWith(word string, names []string) []string {
	const few = 6
	var list []string
	for _, name := range names {
		if len(word) >= shortestBeginning && strings.HasPrefix(name, word) {
			list = append(list, name)
		}
	}
	if len(list) > few {
		return nil
	}
	return list
}

// cell is the source to run: a cell of a notebook, the input at the prompt, or a file.
type cell struct {
	name, source string
	file         bool
}

// where names a line of the cell. It includes the name only for files.
func (c cell) where(line int32) string {
	if c.file {
		return place(c.name, line)
	}
	return fmt.Sprintf("line %d", line)
}

// place names a line as editors do, prog.star:3, or as line 3 of item 7.
func place(name string, line int32) string {
	switch {
	case name == "":
		return fmt.Sprintf("line %d", line)
	case !strings.ContainsAny(name, ".<"): // a cell, or a file named like one
		return fmt.Sprintf("line %d of %s", line, name)
	}
	return fmt.Sprintf("%s:%d", name, line)
}

// shown is the number of lines up to which a cell's errors at the top level need no line number.
const shown = 10

func long(source string) bool { return strings.Count(source, "\n") > shown }

// trace lists the lines of an error, outermost call first. It is empty for a single line at the top level of a short
// cell.
func trace(stack starlark.CallStack, alone bool) []string {
	var lines []string
	inside := false
	for _, frame := range stack {
		if frame.Pos.Filename() == "<builtin>" {
			continue
		}
		where := place(frame.Pos.Filename(), frame.Pos.Line)
		if name := frame.Name; name == "<toplevel>" || name == "<expr>" {
			lines = append(lines, "  "+where)
		} else {
			lines, inside = append(lines, "  "+where+", in "+name), true
		}
	}
	if !inside && len(lines) < 2 && !alone {
		return nil
	}
	return lines
}
