package repl

import (
	"bytes"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/chzyer/readline"
)

// terminal is readline on a terminal: raw while an item is typed, as it was found at any other time.
type terminal struct {
	console *Console
	fd      int
	source  *source
	input   *input
	editor  *editor
	line    *readline.Instance

	mu    sync.Mutex
	saved *readline.State // nil while the terminal is as it was found

	resumed chan struct{}
	signals chan os.Signal
	ended   chan struct{}
	watched sync.WaitGroup
}

func openTerminal(o Options, h *history) (*terminal, error) {
	s, err := newSource(o.In)
	if err != nil {
		return nil, err
	}
	t := &terminal{
		console: o.Console, fd: int(o.In.Fd()), source: s, input: newInput(s),
		resumed: make(chan struct{}), signals: make(chan os.Signal, 4), ended: make(chan struct{}),
	}
	t.editor = &editor{console: o.Console, evaluator: o.Evaluator, history: h, input: t.input, suspend: t.suspend}
	t.editor.wakeReadline = func() { t.line.Terminal.KickRead() }
	t.line, err = readline.NewEx(&readline.Config{
		Stdin: t.input, Stdout: bellOnly{t.console}, Stderr: bellOnly{t.console},
		Listener: restoring{t}, FuncFilterInputRune: restoring{t}.filter,
		FuncMakeRaw: t.enter, FuncExitRaw: t.leave,
		FuncIsTerminal:         func() bool { return false }, // it keeps the line; the editor draws it
		FuncGetWidth:           func() int { return 80 },
		FuncOnWidthChanged:     func(func()) {},
		DisableAutoSaveHistory: true, HistoryLimit: 1,
	})
	if err != nil {
		s.close()
		return nil, err
	}
	signal.Notify(t.signals, syscall.SIGWINCH, syscall.SIGCONT)
	t.watched.Go(t.watch)
	return t, nil
}

// read has an item typed.
func (t *terminal) read() (string, error) { return t.line.Readline() }

// close restores the terminal. No read may be in progress.
func (t *terminal) close() {
	signal.Stop(t.signals)
	close(t.ended)
	t.watched.Wait()
	t.input.end()
	t.line.Terminal.Close() // and not the instance: that would leave readline's loop waiting for ever
	_ = t.leave()           // a terminal that is gone needs no restoring
	t.source.close()
}

// enter makes the terminal raw.
func (t *terminal) enter() error {
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
	t.console.control(pasteOn)
	return nil
}

// leave makes the terminal what it was.
func (t *terminal) leave() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.saved == nil {
		return nil
	}
	t.console.control(pasteOff)
	err := readline.Restore(t.fd, t.saved)
	t.saved = nil
	return err
}

// watch redraws what is being typed when the window has changed, or when the process goes on after a stop.
func (t *terminal) watch() {
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
			t.console.resized()
		}
	}
}

// suspend handles Ctrl-Z: the shell gets its terminal back until the process is continued.
func (t *terminal) suspend() {
	t.console.control("\r\n\x1b[J")
	_ = t.leave() // a terminal that is gone needs no restoring
	_ = syscall.Kill(0, syscall.SIGTSTP)
	select {
	case <-t.resumed:
	case <-time.After(300 * time.Millisecond): // the stop signal was ignored, or the continue signal is late
	}
	_ = t.enter() // if it fails, lines are edited by the terminal itself
	t.console.redraw("\r")
}

// resume makes the terminal raw again if something else has changed it meanwhile.
func (t *terminal) resume() {
	t.mu.Lock()
	raw := t.saved != nil
	if raw {
		_, _ = readline.MakeRaw(t.fd) // if it fails, lines are edited by the terminal itself
	}
	t.mu.Unlock()
	if raw {
		t.console.redraw("\r" + pasteOn)
	}
}

// restoring hands readline's calls to the editor. They come on a goroutine of readline's: a panic there would end the
// process with the terminal raw.
type restoring struct{ *terminal }

func (r restoring) filter(key rune) (rune, bool) {
	defer r.onPanic()
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

// bellOnly lets of what readline writes only the bell through.
type bellOnly struct{ console *Console }

func (b bellOnly) Write(p []byte) (int, error) {
	if bytes.Equal(p, []byte("\a")) {
		b.console.bell()
	}
	return len(p), nil
}
