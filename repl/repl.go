// Package repl runs the prompt: a loop that reads items and hands them to an [Evaluator]. A [Console] shows what they
// print and how far background work is.
//
// On a terminal that can move its cursor, package lineedit reads the items; on another one, the terminal's driver edits
// line by line. A pipe or a file is one program.
package repl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"smoothlab/repl/lineedit"
	"smoothlab/report"
)

// Options are the settings of a loop.
type Options struct {
	Evaluator  Evaluator
	Console    *Console
	In         *os.File
	Interrupts <-chan os.Signal // SIGINTs; nil if there are none
	History    string           // path of the history file; "" for none
	Banner     string           // printed before the first prompt
}

// Run evaluates what is typed at In until Ctrl-D or until ctx ends. If In is not a terminal, its whole text is one
// program, as in [RunSource], whose error it returns. Errors of cells at the prompt are shown, not returned.
func Run(ctx context.Context, o Options) error {
	i, stop := watchInterrupts(o.Interrupts)
	defer stop()
	l := &loop{Options: o, interrupts: i}
	switch {
	case !term.IsTerminal(int(o.In.Fd())):
		source, err := readProgram(ctx, o.In, i)
		if err != nil {
			o.Console.Fail(err)
			return err
		}
		return l.program(ctx, Stdin, source)
	case !o.Console.screen:
		return l.plain(ctx)
	}
	return l.edited(ctx)
}

// Stdin is how errors name a program that was read from the standard input.
const Stdin = "<stdin>"

// RunSource evaluates the source of a file as one item. The value of its last expression is not shown. An error is
// shown before it is returned.
func RunSource(ctx context.Context, o Options, name, source string) error {
	i, stop := watchInterrupts(o.Interrupts)
	defer stop()
	return (&loop{Options: o, interrupts: i}).program(ctx, name, source)
}

// FileEvaluator is an Evaluator whose errors can name the file that it runs.
type FileEvaluator interface {
	EvaluateFile(ctx context.Context, name, source string, out report.Output) (report.Report, error)
}

type loop struct {
	Options
	interrupts *interrupts
	keys       bool // whether keys can be read while an item runs
	warned     bool // the user was warned of what leaving would lose, and has typed nothing since
}

// edited is the loop on a terminal that can move its cursor.
func (l *loop) edited(ctx context.Context) error {
	h, historyErr := lineedit.OpenHistory(l.History)
	t, err := l.openEditor(h)
	if err != nil {
		return err
	}
	defer t.Close()
	l.keys = true
	stopWaiting := context.AfterFunc(ctx, t.End)
	defer stopWaiting()
	if l.Banner != "" {
		l.Console.Print(l.Banner + "\n")
	}
	l.warnHistory(historyErr)
	for ctx.Err() == nil {
		end := l.interrupts.handleWhile(t.Interrupt, false)
		typed, err := t.Read()
		end()
		warned := l.warned
		if typed.Touched {
			l.warned = false
		}
		switch {
		case errors.Is(err, lineedit.ErrClosed):
			_ = h.Add(typed.Text) // not run, not lost
			return ctx.Err()
		case errors.Is(err, lineedit.ErrInterrupted):
		case err != nil:
			if l.confirmExit() {
				return nil
			}
		default:
			item := strings.TrimRight(typed.Text, " \t\n")
			l.warnHistory(h.Add(item))
			if l.item(ctx, item) {
				if l.warned = warned; l.confirmExit() {
					return nil
				}
			}
		}
	}
	return ctx.Err()
}

// warnHistory warns that the history is not kept. That happens once: a history that failed is not written again.
func (l *loop) warnHistory(err error) {
	if err != nil {
		l.Console.Warn("history is not kept: " + err.Error())
	}
}

// confirmExit reports whether the session can end. The first time it prints what would be lost.
func (l *loop) confirmExit() bool {
	lines := l.Evaluator.Unsaved()
	if len(lines) == 0 || l.warned {
		return true
	}
	l.Console.Print("leaving now would lose:\n  " + strings.Join(lines, "\n  ") + "\nCtrl-D or exit() again leaves.\n")
	l.warned = true
	return false
}

// item runs an item and reports whether it asks to leave. If the last line is a question such as train?, help on the
// name is shown after the lines before it have run.
func (l *loop) item(ctx context.Context, text string) (leave bool) {
	text, name, asked := report.Question(text)
	if !blank(text) {
		err := l.evaluate(ctx, true, func(ctx context.Context, out report.Output) (report.Report, error) {
			return l.Evaluator.Evaluate(ctx, text, out)
		})
		if err != nil {
			return isExit(err)
		}
	}
	if asked {
		l.explain(name)
	}
	return false
}

// isExit reports whether an evaluation has called exit.
func isExit(err error) bool {
	var e *report.Error
	return errors.As(err, &e) && e.Name == report.Exit
}

func (l *loop) explain(name string) {
	r, ok := l.Evaluator.Inspect(name, len([]rune(name)))
	if !ok {
		l.Console.Fail(&report.Error{Name: report.Failed, Message: "no help for " + name})
		return
	}
	l.Console.Show(r)
}

func (l *loop) program(ctx context.Context, name, source string) error {
	return l.evaluate(ctx, false, func(ctx context.Context, out report.Output) (report.Report, error) {
		if f, ok := l.Evaluator.(FileEvaluator); ok {
			return f.EvaluateFile(ctx, name, source, out)
		}
		return l.Evaluator.Evaluate(ctx, source, out)
	})
}

// interruptNotice is how long an interrupted evaluation may take before a line says that it is being interrupted.
const interruptNotice = time.Second

// evaluate runs an evaluation, which an interrupt cancels, and shows its result or its error.
func (l *loop) evaluate(
	ctx context.Context,
	show bool,
	run func(context.Context, report.Output) (report.Report, error),
) error {
	itemCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	over := make(chan struct{})
	end := l.interrupts.handleWhile(func() {
		if itemCtx.Err() != nil {
			return
		}
		cancel()
		time.AfterFunc(interruptNotice, func() {
			select {
			case <-over:
			default:
				l.Console.Warn("interrupting …")
			}
		})
	}, true)
	item := l.Console.item()
	var out report.Output = item
	if l.keys {
		out = &keyboard{item, l.In}
	}
	go func() { // a program whose output cannot be written is stopped
		select {
		case <-l.Console.failed:
			cancel()
		case <-over:
		}
	}()
	result, err := guarded(itemCtx, out, run)
	close(over)
	end()
	item.close()
	if itemCtx.Err() != nil {
		l.Console.wipeLine()
	}
	if failure := l.Console.Err(); failure != nil {
		return fmt.Errorf("cannot write the output: %w", failure)
	}
	if isExit(err) {
		return err
	}
	if err != nil {
		l.Console.Fail(err)
		return err
	}
	if _, seen := result.(report.Shown); result != nil && show && !seen {
		l.Console.Show(result)
	}
	return nil
}

// guarded runs an evaluation and returns a panic of the evaluator as an error, so that the session continues.
func guarded(
	ctx context.Context,
	out report.Output,
	run func(context.Context, report.Output) (report.Report, error),
) (r report.Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			r, err = nil, internal("the evaluation", p)
		}
	}()
	return run(ctx, out)
}

func internal(what string, p any) error {
	return &report.Error{Name: report.Internal, Message: fmt.Sprintf("%s: %v", what, p)}
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
