package lineedit

import (
	"bytes"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/chzyer/readline"

	"smoothlab/internal/wakeable"
)

// Terminal reads items that are typed at a terminal.
type Terminal struct {
	display *display
	fd      int
	source  *wakeable.Reader
	input   *input
	editor  *editor
	line    *readline.Instance

	mu    sync.Mutex
	saved *readline.State // nil while the terminal is as it was found

	resumed chan struct{}
	signals chan os.Signal
	ended   chan struct{} // closed by Close
	watched sync.WaitGroup
}

// Open returns a Terminal. Close it, or its goroutines and signal handler stay.
func Open(o Options) (*Terminal, error) {
	s, err := wakeable.New(o.In)
	if err != nil {
		return nil, err
	}
	t := &Terminal{
		display: &display{screen: o.Screen, cutsRows: o.CutsRows},
		fd:      int(o.In.Fd()), source: s, input: newInput(s),
		resumed: make(chan struct{}), signals: make(chan os.Signal, 4), ended: make(chan struct{}),
	}
	t.editor = &editor{
		display: t.display, language: o.Language, history: o.History, input: t.input, suspend: t.suspend,
	}
	t.editor.wakeReadline = func() { t.line.Terminal.KickRead() }
	t.line, err = readline.NewEx(&readline.Config{
		Stdin: t.input, Stdout: bellOnly{t.display}, Stderr: bellOnly{t.display},
		Listener: restoring{t}, FuncFilterInputRune: restoring{t}.filter,
		FuncMakeRaw: t.enter, FuncExitRaw: t.leave,
		FuncIsTerminal:         func() bool { return false }, // it keeps the line; the editor draws it
		FuncGetWidth:           func() int { return 80 },
		FuncOnWidthChanged:     func(func()) {},
		DisableAutoSaveHistory: true, HistoryLimit: 1,
	})
	if err != nil {
		s.Close()
		return nil, err
	}
	signal.Notify(t.signals, syscall.SIGWINCH, syscall.SIGCONT)
	t.watched.Go(t.watch)
	return t, nil
}

// Read reads an item. The error is [io.EOF] after Ctrl-D in an empty one, ErrInterrupted after Ctrl-C, or ErrClosed.
func (t *Terminal) Read() (Item, error) {
	text, err := t.line.Readline()
	item := Item{Text: text, Touched: t.editor.touched}
	switch {
	case t.editor.closed:
		item.Text = t.editor.abandoned
		return item, ErrClosed
	case errors.Is(err, readline.ErrInterrupt):
		return item, ErrInterrupted
	}
	return item, err
}

// Interrupt acts as Ctrl-C does. It may be called on any goroutine, as End may.
func (t *Terminal) Interrupt() { t.input.press(readline.CharInterrupt) }

// End ends the Read in progress, and all further ones, with ErrClosed.
func (t *Terminal) End() { t.input.end() }

// Close restores the terminal. No Read may be in progress.
func (t *Terminal) Close() {
	signal.Stop(t.signals)
	close(t.ended)
	t.watched.Wait()
	t.input.end()
	t.line.Terminal.Close() // and not the instance: that would leave readline's loop waiting for ever
	_ = t.leave()           // a terminal that is gone needs no restoring
	t.source.Close()
}

// enter makes the terminal raw.
func (t *Terminal) enter() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.saved != nil {
		return nil
	}
	saved, err := readline.MakeRaw(t.fd)
	if err != nil {
		return err
	}
	t.saved = saved
	t.display.control(pasteOn)
	return nil
}

// leave restores the modes of the terminal.
func (t *Terminal) leave() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.saved == nil {
		return nil
	}
	t.display.control(pasteOff)
	err := readline.Restore(t.fd, t.saved)
	t.saved = nil
	return err
}

// watch redraws the item when the window has changed, or when the process was continued after a stop.
func (t *Terminal) watch() {
	var later <-chan time.Time
	for {
		select {
		case <-t.ended:
			return
		case s := <-t.signals:
			if s == syscall.SIGWINCH {
				later = time.After(settle)
				continue
			}
			select {
			case t.resumed <- struct{}{}:
			default:
				t.resume()
			}
		case <-later:
			t.display.resized()
		}
	}
}

// suspend handles Ctrl-Z: the shell gets its terminal back until the process is continued.
func (t *Terminal) suspend() {
	t.display.control("\r\n\x1b[J")
	_ = t.leave() // a terminal that is gone needs no restoring
	_ = syscall.Kill(0, syscall.SIGTSTP)
	select {
	case <-t.resumed:
	case <-time.After(300 * time.Millisecond): // the stop signal was ignored, or the continue signal is late
	}
	_ = t.enter() // if it fails, lines are edited by the terminal itself
	t.display.redraw("\r")
}

// resume makes the terminal raw again if something else has changed it meanwhile.
func (t *Terminal) resume() {
	t.mu.Lock()
	raw := t.saved != nil
	if raw {
		_, _ = readline.MakeRaw(t.fd) // if it fails, lines are edited by the terminal itself
	}
	t.mu.Unlock()
	if raw {
		t.display.redraw("\r" + pasteOn)
	}
}

// restoring hands readline's calls to the editor. They come on a goroutine of readline's: a panic there would end the
// process with the terminal raw.
type restoring struct{ *Terminal }

func (r restoring) filter(key rune) (rune, bool) {
	defer r.onPanic()
	select {
	case <-r.ended: // nothing is drawn after Close, which does not wait for readline's goroutine
		return 0, true
	default:
	}
	return r.editor.filter(key)
}

func (r restoring) OnChange(line []rune, pos int, key rune) ([]rune, int, bool) {
	defer r.onPanic()
	return r.editor.OnChange(line, pos, key)
}

func (r restoring) onPanic() {
	if p := recover(); p != nil {
		_ = r.leave() // the panic is what matters
		panic(p)
	}
}

// bellOnly passes on only the bells that readline writes.
type bellOnly struct{ display *display }

func (b bellOnly) Write(p []byte) (int, error) {
	if bytes.Equal(p, []byte("\a")) {
		b.display.bell()
	}
	return len(p), nil
}
