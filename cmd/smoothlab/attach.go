package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"smoothlab/kernel/client"

	"golang.org/x/term"
)

// attachCommand holds the flags of smoothlab attach.
type attachCommand struct {
	Existing string `placeholder:"FILE" xor:"which" help:"Connection file of the kernel, or its name in Jupyter's runtime directory. Default: the newest session, or a new one if none runs."`
	New      bool   `xor:"which" help:"Start a new session."`
	Stop     bool   `help:"End the session. Running jobs stop and save their progress."`
	Yes      bool   `help:"With --stop: end a notebook's session without asking."`
}

// Run opens a prompt on a session in another process. The session keeps running when the prompt is left.
func (a *attachCommand) Run(ctx context.Context, t *terminal) error {
	if a.Stop && a.New {
		return errors.New("--stop ends a running session and --new starts one: use only one of them")
	}
	program, err := os.Executable()
	if err != nil || isTemporary(program) {
		if program, err = t.placed(); err != nil {
			return err
		}
	}
	opening, stop := t.interruptible(ctx)
	s, err := client.Open(
		opening,
		client.Options{
			File:      a.Existing,
			New:       a.New,
			Running:   a.Stop,
			Notebooks: true,
			Program:   program,
			Notice:    t.notice,
			Say:       t.console.Say,
		},
	)
	stop()
	if err != nil {
		return err
	}
	defer s.Close()
	if a.Stop {
		name := s.String()
		if s.OfNotebook() && !a.Yes {
			if err := t.confirm(ctx, name+" belongs to a notebook, which loses its variables. End it?"); err != nil {
				return err
			}
		}
		if err := s.Shutdown(ctx); err != nil {
			return fmt.Errorf("%s did not end: %w", name, err)
		}
		t.console.Say("ended " + name)
		return nil
	}
	err = t.prompt(ctx, s, greeting(s.String()))
	if err == nil && term.IsTerminal(int(t.in.Fd())) {
		t.console.Say("the session keeps running: smoothlab attach returns to it, smoothlab attach --stop ends it")
	}
	return err
}

// confirm asks a question on the terminal, and returns an error unless the answer is yes.
func (t *terminal) confirm(ctx context.Context, question string) error {
	if !term.IsTerminal(int(t.in.Fd())) {
		return errors.New(question + " Confirm with --yes, or name another session with --existing")
	}
	fmt.Fprint(t.out, question+" [y/N] ")
	ctx, stop := t.interruptible(ctx)
	defer stop()
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(t.in).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case text := <-answer:
		if text == "y" || text == "yes" {
			return nil
		}
		return errors.New("the session keeps running")
	case <-ctx.Done():
		return ctx.Err()
	}
}
