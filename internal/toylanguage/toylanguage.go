// Package toylanguage is an evaluator for tests of what stands around one: a language of a command and its argument.
package toylanguage

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"smoothlab/report"
)

// Language evaluates; the zero value is ready.
type Language struct {
	Ran atomic.Int32 // items that were begun
}

// Evaluate runs a command: nothing, print, lines n, value, shown, full, figure, fail, amid, wait, spin, ask, secret,
// progress n, clear, exit or panic. Any other is an error.
func (l *Language) Evaluate(ctx context.Context, source string, out report.Output) (report.Report, error) {
	l.Ran.Add(1)
	command, argument, _ := strings.Cut(source, " ")
	n, _ := strconv.Atoi(argument)
	stopped := &report.Error{Name: report.Interrupted, Message: "stopped after update 7"}
	switch command {
	case "", "nothing":
	case "print":
		out.Print(argument + "\n")
	case "lines":
		for i := range n {
			out.Print(fmt.Sprintf("line %d\n", i))
		}
	case "value":
		return &report.Value{Repr: argument, Data: argument}, nil
	case "shown":
		out.Show(report.Message{Text: argument})
		return report.Shown{Report: report.Message{Text: argument}}, nil
	case "full":
		out.Show(report.InFull(report.Message{Text: argument}))
	case "figure":
		return report.Figure{
			Curves: report.Curves{
				Title:  "a",
				Series: []report.Series{{Name: "b", X: []float64{0, 1}, Y: []float64{0, 1}}},
			},
		}, nil
	case "fail":
		return nil, &report.Error{Name: report.Failed, Message: argument, Trace: []string{"line 1"}}
	case "amid": // a line
		out.Print("half a line")
		<-ctx.Done()
		return nil, stopped
	case "wait":
		out.Print("waiting\n")
		<-ctx.Done()
		return nil, stopped
	case "spin": // what XLA does: nothing hears it
		for ctx.Err() == nil {
		}
		return nil, stopped
	case "ask", "secret":
		answer, err := out.(report.Asker).Ask(ctx, argument, command == "secret")
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, stopped
		case err != nil:
			return nil, err
		}
		return &report.Value{Repr: answer}, nil
	case "progress":
		return nil, progress(ctx, n, out, stopped)
	case "clear":
		out.(report.Clearer).Clear()
	case "exit":
		return nil, &report.Error{Name: report.Exit, Message: "the session is left", Status: n}
	case "panic":
		panic(argument)
	default:
		return nil, errors.New("unknown command")
	}
	return nil, nil
}

// progress counts to n, two hundred a second.
func progress(ctx context.Context, n int, out report.Output, stopped error) error {
	for i := range n {
		out.Progress(report.Progress{ID: "p", Part: "working", Done: i, Total: n})
		select {
		case <-ctx.Done():
			return stopped
		case <-time.After(5 * time.Millisecond):
		}
	}
	out.Progress(report.Progress{ID: "p", End: true})
	return nil
}

// Complete knows one word. What begins with panic is its fault.
func (*Language) Complete(source string, cursor int) report.Completion {
	if source == "panic" {
		panic("completion")
	}
	return report.Completion{
		Start: 0,
		End:   cursor,
		Items: []report.Item{{Text: "print", Kind: "function", Help: "says something"}},
	}
}

// Inspect explains that word.
func (*Language) Inspect(source string, _ int) (report.Report, bool) {
	return report.Help{Name: source, Text: "it is explained"}, source == "print"
}

// IsComplete is false behind a colon.
func (*Language) IsComplete(source string) (report.Completeness, string) {
	if strings.HasSuffix(source, ":") {
		return report.Incomplete, "    "
	}
	return report.Complete, ""
}
