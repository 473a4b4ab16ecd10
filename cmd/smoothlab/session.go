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

// replCommand runs the prompt, when smoothlab is called without a command.
type replCommand struct{}

// Run reads and evaluates input until Ctrl-D. Input that is not a terminal is run as a program.
func (replCommand) Run(ctx context.Context, t *terminal) error {
	s := t.session(nil, t.notice)
	defer s.Close()
	return t.prompt(ctx, s, greeting("smoothlab "+version()+" · "+where()))
}

// greeting returns the lines above the first prompt: what it is, and the keys. Both fit 80 columns.
func greeting(what string) string {
	const columns = 80
	if runes := []rune(what); len(runes) > columns {
		what = string(runes[:columns-1]) + "…"
	}
	return what + "\nhelp() · Tab completes · Ctrl-C stops what runs · Ctrl-D leaves"
}

// prompt runs the prompt's loop on an evaluator.
func (t *terminal) prompt(ctx context.Context, e repl.Evaluator, banner string) error {
	history := ""
	if dir, err := datadir.Path("history"); err == nil {
		history = dir
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

// where describes where data sets are searched first.
func where() string {
	for _, f := range dataset.Dirs(dataset.Options{}) {
		if f.Err == nil {
			return "data " + f.Path
		}
	}
	return "mnist-mini is embedded, other data sets are downloaded"
}

// runCommand holds the flags of smoothlab run.
type runCommand struct {
	File string   `arg:"" help:"Source file of the program; - reads the standard input."`
	Args []string `arg:"" optional:"" passthrough:"" help:"Arguments of the program, in its list argv."`
}

// Run runs a file to its end or its first error.
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
		return "", fmt.Errorf("cannot read the program: %w", err)
	}
	return string(source), nil
}

// session starts a session. notice receives the messages of its background jobs.
func (t *terminal) session(args []string, notice func(text string)) *session.Session {
	return session.New(session.Options{Args: args, Notice: notice,
		Open: func(ctx context.Context, progress func(file string, done, total int64)) (*engine.Engine, error) {
			return engine.Open(ctx, engine.Options{Programs: engine.ProgramsDir(), Progress: progress})
		}})
}

// notice prints a message on the console.
func (t *terminal) notice(text string) { t.console.Print(strings.TrimSuffix(text, "\n") + "\n") }

// finish waits for the background jobs of a program.
func (t *terminal) finish(ctx context.Context, s *session.Session) error {
	ctx, stop := t.interruptible(ctx)
	defer stop()
	return s.Finish(ctx)
}

// lastInterrupts forwards the first Ctrl-C. The second one ends the process.
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

// exitError is the error of a program that called exit(status).
type exitError int

func (s exitError) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

func (s exitError) err() error {
	if s == 0 {
		return nil
	}
	return s
}

// errShown is returned if the program's error has already been printed.
var errShown = errors.New("the error was shown")

// failed converts the error of a program, which was already shown, to an exit status.
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
