package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"smoothlab/report"
)

// MustOpen calls Open with its defaults and panics on an error; it is meant for cells. In a GoNB notebook it joins the
// session of this notebook, which the first cell starts, which all cells share, and which ends with the notebook's
// kernel. Elsewhere it joins the newest session that smoothlab attach or another program has started, or starts one. To
// join another session, call [MustJoin]. Until Close, an interrupt of this process, which in GoNB is the stop button,
// interrupts what the Must functions evaluate.
func MustOpen() *Session { return mustOpen(Options{Name: notebookName(), Until: notebookKernel()}) }

// MustJoin is MustOpen for a given session. The name is the one that smoothlab attach and fmt.Println of a Session
// print, or a connection file.
func MustJoin(name string) *Session { return mustOpen(Options{File: name}) }

// kernelVariable holds the directory of the GoNB process that runs this cell. Each process has its own.
const kernelVariable = "GONB_TMP_DIR"

// notebookName returns the name of the session that the cells of this notebook share, or "" outside of GoNB.
func notebookName() string {
	dir := os.Getenv(kernelVariable)
	if dir == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(dir))
	return hex.EncodeToString(sum[:])[:nameLength]
}

// notebookKernel returns the number of the GoNB process that runs this cell, or 0.
func notebookKernel() int {
	if notebookName() == "" {
		return 0
	}
	parent := os.Getppid()
	if program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", parent)); err != nil || filepath.Base(program) != "gonb" {
		return 0
	}
	return parent
}

func mustOpen(o Options) *Session {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	o.Output = defaultOutput()
	o.Say = func(line string) { o.Output.Print(line + "\n") }
	s, err := Open(ctx, o)
	if err != nil {
		stop()
		panic(err)
	}
	if name := short(s.file); s.started {
		life := "keeps running after this cell"
		if o.Until != 0 {
			life = "belongs to this notebook and ends with its kernel"
		}
		o.Say("session " + name + " is new and " + life + ": smoothlab attach --existing " + name + " joins it")
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
