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

// attachCommand is smoothlab attach.
type attachCommand struct {
	Existing string `placeholder:"FILE" xor:"which" help:"The connection file of the kernel, or its name in Jupyter's runtime folder. Without it, the newest session, or a new one where none runs."`
	New      bool   `xor:"which" help:"Start another session."`
	Stop     bool   `help:"End the session: what trains or certifies stops and keeps what it has."`
	Yes      bool   `help:"With --stop: end a notebook's session without a question."`
}

// Run is the prompt over a session in another process, which stays when the prompt is left.
func (a *attachCommand) Run(ctx context.Context, t *terminal) error {
	if a.Stop && a.New {
		return errors.New("--stop ends a session that runs; --new starts one")
	}
	program, err := os.Executable()
	if err != nil || passing(program) {
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
			if err := t.agreed(ctx, name+" belongs to a notebook, which loses its variables. End it?"); err != nil {
				return err
			}
		}
		if err := s.Shutdown(ctx); err != nil {
			return fmt.Errorf("%s did not end: %w", name, err)
		}
		t.console.Say("ended " + name)
		return nil
	}
	err = t.prompt(ctx, s, s.String()+" · help() · Tab completes · Ctrl-D leaves")
	if err == nil && term.IsTerminal(int(t.in.Fd())) {
		t.console.Say("the session goes on: smoothlab attach comes back, smoothlab attach --stop ends it")
	}
	return err
}

// agreed asks a question on the terminal, and returns an error unless the answer is yes.
func (t *terminal) agreed(ctx context.Context, question string) error {
	if !term.IsTerminal(int(t.in.Fd())) {
		return errors.New(question + " Say so with --yes, or name another session with --existing")
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
		return errors.New("the session goes on")
	case <-ctx.Done():
		return ctx.Err()
	}
}
