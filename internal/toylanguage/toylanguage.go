// Package toylanguage is an evaluator for tests of the programs around evaluators: each item is a command and its
// argument.
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
// progress n, clear, panel, follow n, exit or panic. Any other is an error. There is one case per command.
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
	case "spin": // ignores interrupts, as XLA does
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
	case "panel":
		if front, ok := report.Find[report.Interactor](out); ok {
			return nil, front.Interact(ctx, Panel(argument))
		}
		return nil, errors.New("there are no controls")
	case "follow":
		return nil, follow(n, out)
	case "exit":
		return nil, &report.Error{Name: report.Exit, Message: "the session is left", Status: n}
	case "panic":
		panic(argument)
	default:
		return nil, errors.New("unknown command")
	}
	return nil, nil
}

// Panel returns a panel with one control of each kind. It prints its positions. At position 7 of the first control it
// fails, at 8 it shows a picture, at 9 it waits for its context; with the argument "plain" it always prints, and with
// "fail" it always fails.
func Panel(argument string) report.Panel {
	p := report.Panel{Controls: []report.Control{
		{Name: "n", Min: 0, Max: 9, Step: 1, Whole: true, First: 2},
		{Name: "x", Min: 0, Max: 1, Step: 0.25, First: 0.5},
		{Name: "pick", Kind: report.Choice, Options: []string{"a", "b"}},
		{Name: "rung", Kind: report.Choice, Options: []string{"1", "10"}, Ordered: true, First: 1},
		{Name: "on", Kind: report.Check, First: 1},
	}}
	p.Draw = func(ctx context.Context, at []float64, out report.Output) error {
		switch {
		case argument == "plain":
		case at[0] == 7 || argument == "fail":
			return &report.Error{Name: report.Failed, Message: "seven is too many"}
		case at[0] == 8:
			out.Show(report.Picture{Image: report.Image{Height: 1, Width: 2, Channels: 1, Pixels: []byte{0, 255}}})
			return nil
		case at[0] == 9:
			<-ctx.Done()
			return &report.Error{Name: report.Interrupted, Message: "stopped"}
		}
		out.Print(p.Text(at) + "\n")
		return nil
	}
	return p
}

// follow shows a number that grows to n.
func follow(n int, out report.Output) error {
	front, ok := report.Find[report.Follower](out)
	if !ok {
		return errors.New("nothing is replaced")
	}
	var at atomic.Int32
	done := make(chan struct{})
	now := func() report.Report { return report.Message{Text: fmt.Sprint("at ", at.Load())} }
	last := front.Follow(now, done)
	at.Store(int32(n))
	close(done)
	last()
	return nil
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

// IsComplete returns false after a colon.
func (*Language) IsComplete(source string) (report.Completeness, string) {
	switch {
	case strings.HasSuffix(source, ":"):
		return report.Incomplete, "    "
	case strings.HasSuffix(source, "?"):
		return report.Invalid, ""
	}
	return report.Complete, ""
}
