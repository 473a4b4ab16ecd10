package repl

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"smoothlab/report"
)

// TestMain is also the program of the tests that need a process of their own on a terminal of its own.
func TestMain(m *testing.M) {
	if os.Getenv("REPL_TOY") == "" {
		os.Exit(m.Run())
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	console := NewConsole(os.Stdout, os.Stderr, os.Getenv)
	toy := &toy{console: console}
	err := Run(ctx, Options{Evaluator: toy, Console: console, In: os.Stdin, Interrupts: interrupts,
		History: os.Getenv("REPL_HISTORY"), Banner: os.Getenv("REPL_BANNER")})
	if err != nil {
		os.Exit(1)
	}
}

// toy is an evaluator that says what it was given.
type toy struct {
	console *Console

	mu      sync.Mutex
	items   []string
	unsaved []string
	cursors []string // what Complete was asked, the cursor as a |
}

func (t *toy) Evaluate(ctx context.Context, source string, out report.Output) (report.Report, error) {
	return t.EvaluateFile(ctx, "item", source, out)
}

func (t *toy) EvaluateFile(ctx context.Context, name, source string, out report.Output) (report.Report, error) {
	t.mu.Lock()
	t.items = append(t.items, source)
	t.mu.Unlock()
	command, rest, _ := strings.Cut(source, " ")
	switch command {
	case "print":
		out.Print(strings.ReplaceAll(rest, `\n`, "\n"))
		return nil, nil
	case "quiet":
		return nil, nil
	case "name":
		out.Print(name + "\n")
		return nil, nil
	case "fail":
		return nil, &report.Error{Name: report.Failed, Message: rest}
	case "panic":
		panic(rest)
	case "crash": // as a fault in a goroutine of ours would
		t.console.tasks.list = nil
		go panic(rest)
		select {}
	case "train":
		out.Progress(
			report.Progress{ID: "1", Part: "training", Done: 212, Total: 8442, Detail: "loss 0.41", Left: 1560},
		)
		<-ctx.Done()
		return nil, &report.Error{Name: report.Interrupted, Message: "stopped after update 212"}
	case "stubborn":
		<-ctx.Done()
		time.Sleep(interruptNotice + 200*time.Millisecond)
		return nil, &report.Error{Name: report.Interrupted, Message: "at last"}
	case "panel":
		front, ok := report.Find[report.Interactor](out)
		if !ok {
			return &report.Value{Repr: "no keys"}, nil
		}
		return nil, front.Interact(ctx, panelOf(rest))
	case "background":
		go func() {
			time.Sleep(300 * time.Millisecond)
			fmt.Fprintln(t.console, "run 1: "+rest)
		}()
		return nil, nil
	}
	return &report.Value{Repr: "<" + strings.ReplaceAll(source, "\n", "|") + ">"}, nil
}

var toyNames = []string{"alpha", "alphabet", "beta", "数据集"}

func (t *toy) Complete(source string, cursor int) report.Completion {
	text := []rune(source)
	t.mu.Lock()
	t.cursors = append(t.cursors, string(text[:cursor])+"|"+string(text[cursor:]))
	t.mu.Unlock()
	start := cursor
	for start > 0 && unicode.IsLetter(text[start-1]) {
		start--
	}
	c := report.Completion{Start: start, End: cursor}
	for _, name := range toyNames {
		if strings.HasPrefix(name, string(text[start:cursor])) && start < cursor {
			c.Items = append(c.Items, report.Item{Text: name, Kind: "variable", Help: "the " + name})
		}
	}
	if string(text[start:cursor]) == "boom" {
		panic("no completion")
	}
	return c
}

func (t *toy) Inspect(source string, cursor int) (report.Report, bool) {
	for _, name := range toyNames {
		if source == name && cursor == len([]rune(name)) {
			return &report.Value{Repr: "help on " + name}, true
		}
	}
	return nil, false
}

// IsComplete knows brackets, and blocks that begin with a colon and end with an empty line.
func (t *toy) IsComplete(source string) (report.Completeness, string) {
	lines := strings.Split(source, "\n")
	block, indent := false, ""
	for _, line := range lines {
		if blank(line) {
			continue
		}
		indent = line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if strings.HasSuffix(line, ":") {
			block = true
			indent += "    "
		}
	}
	switch {
	case strings.Count(source, "(") > strings.Count(source, ")"):
		return report.Incomplete, indent
	case block && lines[len(lines)-1] != "":
		return report.Incomplete, indent
	}
	return report.Complete, ""
}

func (t *toy) Unsaved() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.unsaved
}

func (t *toy) asked() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.cursors...)
}

func (t *toy) ran() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.items...)
}

// screen is a terminal as a person sees it, and their keyboard.
type screen struct {
	*testing.T
	master, slave *os.File
	mu            sync.Mutex
	emulator      *vt.Emulator
	raw           strings.Builder
	found         unix.Termios // as the terminal was before a program began
}

func newScreen(t *testing.T, width, height int) *screen {
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	// Closing the keyboard must end the reading from it, and the pty package leaves a file that blocks. A program that
	// is started must not hold the keyboard too: its terminal would never go away.
	fd, err := unix.FcntlInt(master.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	master.Close()
	unix.SetNonblock(fd, true)
	master = os.NewFile(uintptr(fd), "terminal")
	s := &screen{T: t, master: master, slave: slave, emulator: vt.NewEmulator(width, height)}
	s.resize(width, height)
	go func() {
		for p := make([]byte, 32<<10); ; {
			n, err := master.Read(p)
			s.mu.Lock()
			s.emulator.Write(p[:n])
			s.raw.Write(p[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { slave.Close(); master.Close() })
	return s
}

func (s *screen) resize(width, height int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emulator.Resize(width, height)
	if err := unix.IoctlSetWinsize(
		int(s.slave.Fd()),
		unix.TIOCSWINSZ,
		&unix.Winsize{Row: uint16(height), Col: uint16(width)},
	); err != nil {
		s.Fatal(err)
	}
}

func (s *screen) typed(keys string) {
	s.Helper()
	if _, err := s.master.WriteString(keys); err != nil {
		s.Fatal(err)
	}
}

// text is what stands on the screen, without the space at the end of lines and of the screen, the cursor as █.
func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	at := s.emulator.CursorPosition()
	for y := range s.emulator.Height() {
		var line strings.Builder
		for x := 0; x < s.emulator.Width(); {
			cell := s.emulator.CellAt(x, y)
			if at.X == x && at.Y == y {
				line.WriteString("█")
			}
			if cell == nil || cell.Content == "" {
				line.WriteString(" ")
				x++
				continue
			}
			line.WriteString(cell.Content)
			x += max(1, cell.Width)
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func (s *screen) sent() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.raw.String()
}

const soon = 20 * time.Second // how long a loaded machine may take

// shows waits until the screen is as wanted.
func (s *screen) shows(want string) {
	s.Helper()
	want = strings.TrimPrefix(want, "\n")
	s.until("the screen\n"+want, func() bool { return s.text() == want })
}

// has waits until a text stands somewhere.
func (s *screen) has(want string) {
	s.Helper()
	s.until(want, func() bool { return strings.Contains(s.text(), want) })
}

func (s *screen) until(what string, done func() bool) {
	s.Helper()
	for limit := time.Now().Add(soon); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			s.Fatalf("waited for %s\n---- it is\n%s\n----", what, s.text())
		}
	}
}

// session is a loop on a screen, in this process.
type session struct {
	*screen
	toy        *toy
	console    *Console
	interrupts chan os.Signal
	cancel     context.CancelFunc
	ended      chan error
}

func environment(s string) string {
	return map[string]string{"TERM": "xterm-256color", "XTERM_VERSION": "emulated: rows are cut"}[s]
}

func newSession(t *testing.T, change ...func(*Options)) *session {
	return startOn(newScreen(t, 40, 12), change...)
}

func startOn(sc *screen, change ...func(*Options)) *session {
	s := &session{
		screen:     sc,
		console:    NewConsole(sc.slave, sc.slave, environment),
		interrupts: make(chan os.Signal),
		ended:      make(chan error, 1),
	}
	s.toy = &toy{console: s.console}
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(context.Background())
	o := Options{Evaluator: s.toy, Console: s.console, In: sc.slave, Interrupts: s.interrupts}
	for _, c := range change {
		c(&o)
	}
	go func() { s.ended <- Run(ctx, o) }()
	sc.Cleanup(func() {
		s.cancel()
		select {
		case <-s.ended:
		case <-time.After(soon):
			sc.Error("the loop does not end with its context")
		}
	})
	return s
}

// left waits until the loop has ended.
func (s *session) left() error {
	s.Helper()
	select {
	case err := <-s.ended:
		s.ended <- err
		return err
	case <-time.After(soon):
		s.Fatalf("the loop does not end\n%s", s.text())
		return nil
	}
}
