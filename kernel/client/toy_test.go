package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"testing"
	"time"

	"smoothlab/kernel/jupyter"
	"smoothlab/kernel/report"
	"smoothlab/kernel/wire"
)

// The test binary plays the kernel's program, and a cell.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 3 && os.Args[1] == "kernel":
		signal.Ignore(os.Interrupt)
		os.Exit(program(os.Args[3]))
	case os.Getenv("CLIENT_CELL") != "":
		cell()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// program is a kernel around a toy, in a process of its own.
func program(path string) int {
	if words := os.Getenv("CLIENT_FAIL"); words != "" {
		fmt.Fprintln(os.Stderr, words)
		return 1
	}
	c, err := wire.ReadConnection(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if _, err := jupyter.Serve(context.Background(), jupyter.Options{Evaluator: &toy{}, Connection: c, Version: "0.1"}); err != nil {
		return 1
	}
	os.Remove(path)
	return 0
}

// cell is what a GoNB cell does: it shows, and waits.
func cell() {
	s := MustOpen()
	defer s.Close()
	s.MustShow("figure")
	s.MustShow("progress")
	s.MustShow("wait")
}

// toy is a language of a command and its argument.
type toy struct{}

func (t *toy) Evaluate(ctx context.Context, source string, out report.Output) (report.Report, error) {
	command, argument, _ := strings.Cut(source, " ")
	switch command {
	case "print":
		out.Print(argument + "\n")
	case "value":
		return &report.Value{Repr: argument, Data: argument}, nil
	case "shown":
		out.Show(report.Message{Text: argument})
		return report.Shown{Report: report.Message{Text: argument}}, nil
	case "full":
		out.Show(report.InFull(report.Message{Text: argument}))
	case "figure":
		return report.Figure{Curves: report.Curves{Title: "a", Series: []report.Series{{Name: "b", X: []float64{0, 1}, Y: []float64{0, 1}}}}}, nil
	case "fail":
		return nil, &report.Error{Name: report.Failed, Message: argument, Trace: []string{"line 1"}}
	case "wait":
		out.Print("waiting\n")
		<-ctx.Done()
		return nil, &report.Error{Name: report.Interrupted, Message: "stopped after update 7"}
	case "progress":
		for i := range 40 {
			out.Progress(report.Progress{ID: "p", Part: "working", Done: i, Total: 40})
			time.Sleep(10 * time.Millisecond)
		}
		out.Progress(report.Progress{ID: "p", End: true})
	case "ask":
		answer, err := out.(report.Asker).Ask(ctx, argument, true)
		if err != nil {
			return nil, err
		}
		return &report.Value{Repr: answer}, nil
	case "clear":
		out.(report.Clearer).Clear()
	case "die":
		fmt.Fprintln(os.Stderr, "the last words")
		os.Exit(3)
	}
	return nil, nil
}

func (*toy) Complete(source string, cursor int) report.Completion {
	return report.Completion{Start: 0, End: cursor, Items: []report.Item{
		{Text: "print", Kind: "function", Help: "says something"}, {Text: "k", Kind: "variable", Help: "certificates"},
		{Text: "math", Kind: "variable", Help: "module"}, {Text: "argv", Kind: "variable", Help: "list"}}}
}

func (*toy) Inspect(source string, _ int) (report.Report, bool) {
	return report.Help{Name: source, Text: "it is explained"}, source == "print"
}

func (*toy) IsComplete(source string) (report.Completeness, string) {
	if strings.HasSuffix(source, ":") {
		return report.Incomplete, "    "
	}
	return report.Complete, ""
}

// screen is an output that writes down what it is told.
type screen struct {
	said     chan string
	answer   string
	question chan string
}

func newScreen() *screen {
	return &screen{said: make(chan string, 1000), question: make(chan string, 10)}
}

func (s *screen) Print(text string)    { s.said <- "print " + text }
func (s *screen) Show(r report.Report) { s.said <- strings.TrimSpace("show " + describe(r)) }
func (s *screen) Clear()               { s.said <- "clear" }
func (s *screen) Progress(p report.Progress) {
	if p.End {
		s.said <- "end"
	} else {
		s.said <- "progress"
	}
}

func (s *screen) Ask(ctx context.Context, prompt string, hidden bool) (string, error) {
	s.question <- fmt.Sprint(prompt, hidden)
	switch s.answer {
	case "nobody":
		return "", errors.New("there is nobody")
	case "":
		<-ctx.Done()
		return "", ctx.Err()
	}
	return s.answer, nil
}

func (s *screen) all() string {
	var all []string
	for {
		select {
		case text := <-s.said:
			if n := len(all); text != "progress" || n == 0 || all[n-1] != text {
				all = append(all, strings.TrimSpace(text))
			}
		default:
			return strings.Join(all, "|")
		}
	}
}

// describe names a report, and whether it is shown in full.
func describe(r report.Report) string {
	r, full := report.Unwrapped(r)
	name := r.Type()
	if full {
		name += " in full"
	}
	return name
}
