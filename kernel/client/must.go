package client

import (
	"context"
	"os"
	"os/signal"

	"smoothlab/report"
)

// MustOpen calls Open with its defaults and panics on an error; it is meant for cells. It joins the newest session that
// smoothlab attach or another cell has started, or starts one. To join a notebook's kernel, call [MustJoin]. Until
// Close, an interrupt of this process, which in GoNB is the stop button, interrupts what the Must functions evaluate.
func MustOpen() *Session { return mustOpen(Options{}) }

// MustJoin is MustOpen for a given session. The name is the one that smoothlab attach and fmt.Println of a Session
// print, or a connection file.
func MustJoin(name string) *Session { return mustOpen(Options{File: name}) }

func mustOpen(o Options) *Session {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	o.Output = defaultOutput()
	o.Say = func(line string) { o.Output.Print(line + "\n") }
	s, err := Open(ctx, o)
	if err != nil {
		stop()
		panic(err)
	}
	if s.started {
		o.Say(
			"session " + short(
				s.file,
			) + " is new and keeps running after this cell: smoothlab attach joins it, smoothlab attach --stop ends it",
		)
	}
	s.ctx, s.stop = ctx, stop
	return s
}

// context returns the context of the Must functions.
func (s *Session) context() context.Context {
	if s.ctx != nil {
		return s.ctx
	}
	return context.Background()
}

// MustShow calls Show and panics on an error.
func (s *Session) MustShow(source string) {
	if err := s.Show(s.context(), source); err != nil {
		s.flush()
		panic(err)
	}
}

// MustEval calls Eval and panics on an error.
func MustEval[T report.Report](s *Session, source string) T {
	v, err := Eval[T](s.context(), s, source)
	if err != nil {
		s.flush()
		panic(err)
	}
	return v
}

// flush waits until the notebook has shown all output.
func (s *Session) flush() {
	if o, ok := s.options.Output.(interface{ close() }); ok {
		o.close()
	}
}
