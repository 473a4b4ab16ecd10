package client

import (
	"context"
	"os"
	"os/signal"

	"smoothlab/report"
)

// MustOpen is Open for cells: what Open may do by default, and a panic where it fails. Until Close, an interrupt of this
// process, which in GoNB is the stop button, interrupts what the Must functions evaluate.
func MustOpen() *Session {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	out := defaultOutput()
	s, err := Open(ctx, Options{Output: out, Say: func(line string) { out.Print(line + "\n") }})
	if err != nil {
		stop()
		panic(err)
	}
	s.ctx, s.stop = ctx, stop
	return s
}

// context is that of the Must functions.
func (s *Session) context() context.Context {
	if s.ctx != nil {
		return s.ctx
	}
	return context.Background()
}

// MustShow is Show with a panic where it fails.
func (s *Session) MustShow(source string) {
	if err := s.Show(s.context(), source); err != nil {
		s.flush()
		panic(err)
	}
}

// MustEval is Eval with a panic where it fails.
func MustEval[T report.Report](s *Session, source string) T {
	v, err := Eval[T](s.context(), s, source)
	if err != nil {
		s.flush()
		panic(err)
	}
	return v
}

// flush lets a notebook show everything that was said.
func (s *Session) flush() {
	if o, ok := s.options.Output.(interface{ close() }); ok {
		o.close()
	}
}
