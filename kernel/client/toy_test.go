package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"testing"

	"smoothlab/internal/toylanguage"
	"smoothlab/kernel"
	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// The test binary is also the kernel's program, and a cell.
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

// program runs a kernel around a toy, in a separate process.
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
	if _, err := kernel.Serve(
		context.Background(),
		kernel.Options{Evaluator: &toy{}, Connection: c, Version: "0.1"},
	); err != nil {
		return 1
	}
	os.Remove(path)
	return 0
}

// cell does what a GoNB cell does: it shows output, and waits.
func cell() {
	s := MustOpen()
	defer s.Close()
	s.MustShow("figure")
	s.MustShow("progress 80")
	s.MustShow("wait")
}

// toy is the toy language, with a command that ends the process, and with variables.
type toy struct{ toylanguage.Language }

func (t *toy) Evaluate(ctx context.Context, source string, out report.Output) (report.Report, error) {
	if source == "die" {
		fmt.Fprintln(os.Stderr, "the last words")
		os.Exit(3)
	}
	return t.Language.Evaluate(ctx, source, out)
}

func (t *toy) Complete(source string, cursor int) report.Completion {
	c := t.Language.Complete(source, cursor)
	c.Items = append(
		c.Items,
		report.Item{Text: "k", Kind: "variable", Help: "certificates"},
		report.Item{
			Text: "math",
			Kind: "variable",
			Help: "module",
		},
		report.Item{Text: "argv", Kind: "variable", Help: "list"},
	)
	return c
}

// screen is an output that records everything.
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
	answer := s.answer // the test may change it once it has received the question
	s.question <- fmt.Sprint(prompt, hidden)
	switch answer {
	case "nobody":
		return "", errors.New("there is nobody")
	case "":
		<-ctx.Done()
		return "", ctx.Err()
	}
	return answer, nil
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
