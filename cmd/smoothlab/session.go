package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/datadir"
	"smoothlab/repl"
	"smoothlab/report"
	"smoothlab/session"
)

// version is that of the program.
const version = "0.1"

// replCommand is smoothlab without a command: the prompt.
type replCommand struct{}

// Run reads items until Ctrl-D. Where the input is no terminal, it is a program.
func (replCommand) Run(ctx context.Context, t *terminal) error {
	s := t.session(nil, t.notice)
	defer s.Close()
	return t.prompt(ctx, s, fmt.Sprintf("smoothlab %s · %s · help() · Tab completes · Ctrl-D leaves", version, where()))
}

// prompt is the loop over an evaluator.
func (t *terminal) prompt(ctx context.Context, e repl.Evaluator, banner string) error {
	history := ""
	if folder, err := datadir.Folder("history"); err == nil {
		history = folder
	}
	return t.failed(
		repl.Run(
			ctx,
			repl.Options{
				Evaluator:  e,
				Console:    t.console.Console,
				In:         t.in,
				Interrupts: t.interrupts,
				History:    history,
				Banner:     banner,
			},
		),
	)
}

// where says where data sets are looked for first.
func where() string {
	for _, f := range dataset.Folders(dataset.Options{}) {
		if f.Err == nil {
			return "data " + f.Path
		}
	}
	return "mnist-mini embedded, other data is downloaded"
}

// runCommand is smoothlab run.
type runCommand struct {
	File string   `arg:"" help:"The program; - is the standard input."`
	Args []string `arg:"" optional:"" passthrough:"" help:"What follows is the program's, its list argv."`
}

// Run runs a file to its end, or to its first error.
func (r *runCommand) Run(ctx context.Context, t *terminal) error {
	source, err := r.read(t.in)
	if err != nil {
		return err
	}
	if len(r.Args) > 0 && r.Args[0] == "--" {
		r.Args = r.Args[1:]
	}
	s := t.session(r.Args, t.notice)
	defer s.Close()
	err = repl.RunSource(
		ctx,
		repl.Options{Evaluator: s, Console: t.console.Console, In: t.in, Interrupts: t.lastInterrupts(ctx)},
		filepath.Base(r.File),
		source,
	)
	status, exited := session.Exited(err)
	if err != nil && !exited {
		return t.failed(err)
	}
	return errors.Join(t.finish(ctx, s), exitError(status).err())
}

func (r *runCommand) read(in io.Reader) (string, error) {
	if r.File == "-" {
		source, err := io.ReadAll(in)
		return string(source), err
	}
	source, err := os.ReadFile(r.File)
	if err != nil {
		return "", fmt.Errorf("the program cannot be read: %w", err)
	}
	return string(source), nil
}

// session starts a session; notice hears what its background work has to say.
func (t *terminal) session(args []string, notice func(text string)) *session.Session {
	return session.New(session.Options{Args: args, Notice: notice,
		Open: func(ctx context.Context, progress func(file string, done, total int64)) (*engine.Engine, error) {
			return engine.Open(ctx, engine.Options{Progress: progress})
		}})
}

// notice shows it on the console.
func (t *terminal) notice(text string) { t.console.Print(strings.TrimSuffix(text, "\n") + "\n") }

// finish waits for what a program has left in the background.
func (t *terminal) finish(ctx context.Context, s *session.Session) error {
	ctx, stop := t.interruptible(ctx)
	defer stop()
	return s.Finish(ctx)
}

// lastInterrupts passes the first Ctrl-C on; the second one ends the process.
func (t *terminal) lastInterrupts(ctx context.Context) <-chan os.Signal {
	first := make(chan os.Signal, 1)
	go func() {
		select {
		case s := <-t.interrupts:
			signal.Reset(os.Interrupt)
			first <- s
		case <-ctx.Done():
		}
	}()
	return first
}

// exitError is the error of a program that has called exit(status).
type exitError int

func (s exitError) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

func (s exitError) err() error {
	if s == 0 {
		return nil
	}
	return s
}

// errShown is the error of a program whose error has been shown.
var errShown = errors.New("the error was shown")

// failed turns the error of a program, which was shown where it happened, into an exit status.
func (t *terminal) failed(err error) error {
	var e *report.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e) && e.Name == report.Interrupted, errors.Is(err, context.Canceled):
		return errors.Join(errShown, context.Canceled)
	}
	return errShown
}
