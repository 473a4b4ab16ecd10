package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"smoothlab/kernel/client"

	"golang.org/x/term"
)

// attachCommand is smoothlab attach.
type attachCommand struct {
	Existing string `placeholder:"FILE" xor:"which" help:"The connection file of the kernel, or its name in Jupyter's runtime folder. Without it, the newest session, or a new one where none runs."`
	New      bool   `xor:"which" help:"Start another session."`
	Stop     bool   `help:"End the session: what trains or certifies stops and keeps what it has."`
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
	s, err := client.Open(opening, client.Options{File: a.Existing, New: a.New, Running: a.Stop, Program: program, Notice: t.notice, Say: t.console.Say})
	stop()
	if err != nil {
		return err
	}
	defer s.Close()
	if a.Stop {
		name := s.String()
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
