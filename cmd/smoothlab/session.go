package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/datadir"
	"smoothlab/repl"
	"smoothlab/report"
	"smoothlab/session"

	"golang.org/x/term"
)

// replCommand runs the prompt, when smoothlab is called without a command.
type replCommand struct{}

// Run reads and evaluates input until Ctrl-D. Input that is not a terminal is run as a program.
func (replCommand) Run(ctx context.Context, t *terminal) error {
	if !term.IsTerminal(int(t.in.Fd())) {
		return (&runCommand{File: "-"}).Run(ctx, t)
	}
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
	interrupts := t.lastInterrupts(ctx)
	name, source, err := r.read(ctx, t.in, interrupts)
	if err != nil {
		t.console.Fail(err)
		return t.failed(err)
	}
	if len(r.Args) > 0 && r.Args[0] == "--" {
		r.Args = r.Args[1:]
	}
	s := t.session(r.Args, t.notice)
	defer s.Close()
	err = repl.RunSource(
		ctx,
		repl.Options{Evaluator: s, Console: t.console.Console, In: t.in, Interrupts: interrupts},
		name,
		source,
	)
	if _, exited := session.Exited(err); err != nil && !exited {
		return t.failed(err)
	}
	return errors.Join(t.finish(ctx, s, interrupts), t.failed(err))
}

// read returns the program and the name by which errors call it.
func (r *runCommand) read(
	ctx context.Context,
	in *os.File,
	interrupts <-chan os.Signal,
) (name, source string, err error) {
	f, name := in, repl.Stdin
	if r.File != "-" {
		// Opening a named pipe would wait for its writer and ignore interrupts. Reading it waits too, but can be
		// interrupted.
		if f, err = os.OpenFile(r.File, os.O_RDONLY|syscall.O_NONBLOCK, 0); err != nil {
			return "", "", fmt.Errorf("cannot read the program: %w", err)
		}
		defer f.Close()
		name = filepath.Base(r.File)
	}
	source, err = repl.ReadProgram(ctx, f, interrupts)
	return name, source, err
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

// finish waits for the background jobs of a program. An interrupt ends the wait.
func (t *terminal) finish(ctx context.Context, s *session.Session, interrupts <-chan os.Signal) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-interrupts:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := s.Finish(ctx)
	if errors.Is(err, context.Canceled) {
		stopped := "background runs stop; those with out= keep their progress, and the same program resumes them"
		t.console.Fail(&report.Error{Name: report.Interrupted, Message: stopped})
		return t.failed(err)
	}
	return err
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
	status, exited := session.Exited(err)
	switch {
	case err == nil:
		return nil
	case exited:
		return exitError(status).err()
	case errors.As(err, &e) && e.Name == report.Interrupted, errors.Is(err, context.Canceled):
		return errors.Join(errShown, context.Canceled)
	}
	return errShown
}
