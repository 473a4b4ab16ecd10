package repl

import (
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"smoothlab/repl/lineedit"
	"smoothlab/report"
)

// Console is the output of the program: a terminal, or files instead of one. It is the [report.Output] of background
// work and an [io.Writer] for text; both may be used from any goroutine, before, during and after a prompt. Text that
// comes while the user types is printed above the item being typed.
type Console struct {
	out, err *os.File
	getenv   func(string) string
	live     *os.File // the terminal on which progress is redrawn, nil if there is none
	screen   bool     // out is a terminal that can move its cursor

	mu      sync.Mutex       // guards the terminal and the fields below
	failure error            // first error of writing to out
	failed  chan struct{}    // closed when failure is set
	midLine bool             // the last thing printed did not end its line
	bar     bool             // the cursor is behind a progress line
	typed   lineedit.Drawing // the item being typed
	board   []string         // lines below everything else that are replaced in place
	asked   string           // prompt for a line that the terminal edits; "" if there is none
	tasks   tasks
}

// NewConsole returns a console on out, and on err for errors and for progress if out is not a terminal. getenv is
// [os.Getenv]; TERM, COLORTERM and NO_COLOR are read.
func NewConsole(out, err *os.File, getenv func(string) string) *Console {
	c := &Console{out: out, err: err, getenv: getenv, failed: make(chan struct{})}
	able := func(f *os.File) bool {
		name := getenv("TERM")
		return name != "" && name != "dumb" && term.IsTerminal(int(f.Fd()))
	}
	c.screen = able(out)
	switch {
	case c.screen:
		c.live = out
	case able(err):
		c.live = err
	}
	return c
}

// Err returns the first error of writing to out, such as a full disk, or nil.
func (c *Console) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failure
}

// write writes to one of the two files; c.mu is held.
func (c *Console) write(f *os.File, text string) {
	if _, err := f.WriteString(text); err != nil && f == c.out && c.failure == nil {
		c.failure = err
		close(c.failed)
	}
}

// Print writes text as it is.
func (c *Console) Print(text string) { c.emit(c.out, text) }

// Write is Print.
func (c *Console) Write(p []byte) (int, error) {
	c.emit(c.out, string(p))
	return len(p), nil
}

// Show prints a report as text.
func (c *Console) Show(r report.Report) {
	c.emit(c.out, report.Text(r, report.StyleFor(c.out, c.getenv)))
}

// Warn prints a line on the error output.
func (c *Console) Warn(line string) { c.emit(c.err, line+"\n") }

// Fail prints an error on the error output, in red where there are colours.
func (c *Console) Fail(err error) {
	style := report.StyleFor(c.err, c.getenv)
	shown, ok := err.(report.Report)
	if !ok {
		shown = &report.Error{Name: report.Failed, Message: err.Error()}
	}
	text := report.Text(shown, style)
	if style.Color != report.NoColor && !strings.Contains(text, "\x1b") {
		text = "\x1b[31m" + strings.TrimSuffix(text, "\n") + "\x1b[0m\n"
	}
	c.emit(c.err, text)
}

// emit prints on one of the two files, above what is being typed.
func (c *Console) emit(f *os.File, text string) {
	if text == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clearBar()
	switch {
	case c.typed.Active():
		c.write(c.out, c.typed.Erase())
		c.write(f, strings.TrimSuffix(text, "\n")+"\n")
		c.out.WriteString(c.typed.Draw(c.size()))
	case len(c.board) > 0:
		c.eraseBoard()
		c.write(f, strings.TrimSuffix(text, "\n")+"\n")
		c.drawBoard()
	case c.asked != "":
		c.write(f, "\n"+strings.TrimSuffix(text, "\n")+"\n")
		c.write(c.out, c.asked)
	case c.midLine && f != c.out: // an error begins its own line, wherever the two files go
		c.write(f, "\n"+text)
		c.midLine = false
	default:
		c.write(f, text)
		if f == c.out {
			c.midLine = !strings.HasSuffix(text, "\n")
		}
	}
}

// freshLine ends a line that was printed without its newline.
func (c *Console) freshLine() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clearBar()
	if c.midLine {
		c.out.WriteString("\n")
		c.midLine = false
	}
}

// wipeLine clears the line of the cursor, where the terminal has echoed ^C.
func (c *Console) wipeLine() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live != nil {
		c.live.WriteString("\r\x1b[K")
		c.bar, c.midLine = false, false
	}
}

// size returns the size of the screen in columns and rows.
func (c *Console) size() (width, height int) {
	width, height, err := term.GetSize(int(c.out.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		return 80, 24
	}
	return max(width, 10), max(height, 2)
}

// ask prints a prompt for a line that the terminal edits. An empty prompt means that the line was read.
func (c *Console) ask(prompt string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !term.IsTerminal(int(c.out.Fd())) {
		return
	}
	c.asked = prompt
	c.out.WriteString(prompt)
}
