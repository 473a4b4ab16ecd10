package repl

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"smoothlab/internal/terminaltest"
	"smoothlab/report"
)

// TestMain is also the program of the tests that need a separate process on its own terminal.
func TestMain(m *testing.M) {
	if os.Getenv("REPL_TOY") == "" {
		os.Exit(m.Run())
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	console := NewConsole(os.Stdout, os.Stderr, os.Getenv)
	toy := &toy{console: console}
	err := Run(ctx, Options{Evaluator: toy, Console: console, In: os.Stdin, Interrupts: interrupts,
		History: os.Getenv("REPL_HISTORY"), Banner: os.Getenv("REPL_BANNER")})
	if err != nil {
		os.Exit(1)
	}
}

// toy is an evaluator that prints its input.
type toy struct {
	terminaltest.Language
	console *Console

	mu      sync.Mutex
	items   []string
	unsaved []string
}

func (t *toy) Evaluate(ctx context.Context, source string, out report.Output) (report.Report, error) {
	return t.EvaluateFile(ctx, "item", source, out)
}

func (t *toy) EvaluateFile(ctx context.Context, name, source string, out report.Output) (report.Report, error) {
	t.mu.Lock()
	t.items = append(t.items, source)
	t.mu.Unlock()
	command, rest, _ := strings.Cut(source, " ")
	switch command {
	case "print":
		out.Print(strings.ReplaceAll(rest, `\n`, "\n"))
		return nil, nil
	case "quiet":
		return nil, nil
	case "name":
		out.Print(name + "\n")
		return nil, nil
	case "fail":
		return nil, &report.Error{Name: report.Failed, Message: rest}
	case "panic":
		panic(rest)
	case "crash": // as a fault in a goroutine of ours would
		t.console.tasks.list = nil
		go panic(rest)
		select {}
	case "train":
		out.Progress(
			report.Progress{ID: "1", Part: "training", Done: 212, Total: 8442, Detail: "loss 0.41", Left: 1560},
		)
		<-ctx.Done()
		return nil, &report.Error{Name: report.Interrupted, Message: "stopped after update 212"}
	case "stubborn":
		<-ctx.Done()
		time.Sleep(interruptNotice + 200*time.Millisecond)
		return nil, &report.Error{Name: report.Interrupted, Message: "at last"}
	case "panel":
		front, ok := report.Find[report.Interactor](out)
		if !ok {
			return &report.Value{Repr: "no keys"}, nil
		}
		return nil, front.Interact(ctx, panelOf(rest))
	case "background":
		go func() {
			time.Sleep(300 * time.Millisecond)
			fmt.Fprintln(t.console, "run 1: "+rest)
		}()
		return nil, nil
	}
	return &report.Value{Repr: "<" + strings.ReplaceAll(source, "\n", "|") + ">"}, nil
}

func (t *toy) Inspect(source string, cursor int) (report.Report, bool) {
	for _, name := range []string{"alpha", "alphabet", "beta", "数据集"} {
		if source == name && cursor == len([]rune(name)) {
			return &report.Value{Repr: "help on " + name}, true
		}
	}
	return nil, false
}

func (t *toy) Unsaved() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.unsaved
}

func (t *toy) ran() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.items...)
}

// session is a loop on a screen, in this process.
type session struct {
	*terminaltest.Screen
	toy        *toy
	console    *Console
	interrupts chan os.Signal
	cancel     context.CancelFunc
	ended      chan error
}

func environment(s string) string {
	return map[string]string{"TERM": "xterm-256color", "XTERM_VERSION": "emulated: rows are cut"}[s]
}

func newSession(t *testing.T, change ...func(*Options)) *session {
	return startOn(terminaltest.New(t, 40, 12), change...)
}

func startOn(sc *terminaltest.Screen, change ...func(*Options)) *session {
	s := &session{
		Screen:     sc,
		console:    NewConsole(sc.Slave, sc.Slave, environment),
		interrupts: make(chan os.Signal),
		ended:      make(chan error, 1),
	}
	s.toy = &toy{console: s.console}
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(context.Background())
	o := Options{Evaluator: s.toy, Console: s.console, In: sc.Slave, Interrupts: s.interrupts}
	for _, c := range change {
		c(&o)
	}
	go func() { s.ended <- Run(ctx, o) }()
	sc.Cleanup(func() {
		s.cancel()
		select {
		case <-s.ended:
		case <-time.After(terminaltest.Soon):
			sc.Error("the loop does not end with its context")
		}
	})
	return s
}

// left waits until the loop has ended.
func (s *session) left() error {
	s.Helper()
	select {
	case err := <-s.ended:
		s.ended <- err
		return err
	case <-time.After(terminaltest.Soon):
		s.Fatalf("the loop does not end\n%s", s.Text())
		return nil
	}
}
