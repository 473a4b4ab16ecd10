package repl

import (
	"smoothlab/repl/lineedit"
	"smoothlab/report"
)

// openEditor opens the line editor on the loop's terminal.
func (l *loop) openEditor(h *lineedit.History) (*lineedit.Terminal, error) {
	getenv := l.Console.getenv
	return lineedit.Open(lineedit.Options{
		In:       l.In,
		Screen:   editScreen{l.Console},
		Language: language{l.Evaluator, l.Console},
		History:  h,
		CutsRows: getenv("XTERM_VERSION") != "" && getenv("TMUX") == "", // xterm, which says its name
	})
}

// editScreen is the console as the line editor draws on it.
type editScreen struct{ *Console }

func (c editScreen) Update(draw func(d *lineedit.Drawing, width, height int) string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clearBar()
	width, height := c.size()
	c.out.WriteString(draw(&c.typed, width, height))
}

// language is an evaluator as the line editor uses it. A fault of the evaluator is shown and ends nothing.
type language struct {
	evaluator Evaluator
	console   *Console
}

func (l language) Complete(source string, cursor int) (c report.Completion) {
	defer func() {
		if p := recover(); p != nil {
			l.console.Fail(internal("completion", p))
			c = report.Completion{}
		}
	}()
	return l.evaluator.Complete(source, cursor)
}

func (l language) IsComplete(source string) (c report.Completeness, indent string) {
	defer func() {
		if p := recover(); p != nil {
			l.console.Fail(internal("whether the item is finished", p))
			c = report.Invalid
		}
	}()
	return l.evaluator.IsComplete(source)
}
