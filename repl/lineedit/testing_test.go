package lineedit

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"smoothlab/internal/terminaltest"
)

// screen is a minimal Screen that shows only the item.
type screen struct {
	mu      sync.Mutex
	file    *os.File
	drawing Drawing
}

func (s *screen) Update(draw func(d *Drawing, width, height int) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	width, height, err := term.GetSize(int(s.file.Fd()))
	if err != nil {
		panic(err)
	}
	s.file.WriteString(draw(&s.drawing, max(width, 10), max(height, 2)))
}

// typing is a Terminal at which items are typed. Each is printed, unless it begins with quiet.
type typing struct {
	*terminaltest.Screen
	terminaltest.Language
	mu    sync.Mutex
	items []string
}

func start(sc *terminaltest.Screen) *typing {
	s := &typing{Screen: sc}
	h, err := OpenHistory("")
	if err != nil {
		sc.Fatal(err)
	}
	terminal, err := Open(Options{
		In: sc.Slave, Screen: &screen{file: sc.Slave}, Language: &s.Language, History: h, CutsRows: true,
	})
	if err != nil {
		sc.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() { s.read(terminal, h) })
	sc.Cleanup(func() {
		terminal.End()
		reading.Wait()
		terminal.Close()
	})
	return s
}

func (s *typing) read(terminal *Terminal, h *History) {
	for {
		item, err := terminal.Read()
		switch {
		case errors.Is(err, ErrClosed):
			return
		case errors.Is(err, ErrInterrupted), errors.Is(err, io.EOF):
			continue
		case err != nil:
			s.Error(err)
			return
		}
		text := strings.TrimRight(item.Text, " \t\n")
		h.Add(text)
		if text == "" {
			continue
		}
		s.mu.Lock()
		s.items = append(s.items, text)
		s.mu.Unlock()
		if !strings.HasPrefix(text, "quiet") {
			s.Slave.WriteString("<" + strings.ReplaceAll(text, "\n", "|") + ">\n")
		}
	}
}

func (s *typing) ran() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.items...)
}

func (s *typing) ranItems(want ...string) {
	s.Helper()
	s.Until("the items "+strings.Join(want, " ; "), func() bool { return len(s.ran()) >= len(want) })
	if got := s.ran(); !slices.Equal(got, want) {
		s.Fatalf("ran %q, want %q", got, want)
	}
}

func (s *typing) windowChanged() {
	s.Helper()
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGWINCH); err != nil {
		s.Fatal(err)
	}
}

func modes(t *testing.T, f *os.File) unix.Termios {
	t.Helper()
	m, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *m
}

// A panic on readline's goroutine must not leave the terminal raw.
func TestPanicInEditor(t *testing.T) {
	sc := terminaltest.New(t, 40, 12)
	before := modes(t, sc.Slave)
	term := &Terminal{display: &display{screen: &screen{file: sc.Slave}}, fd: int(sc.Slave.Fd())}
	if err := term.enter(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("the panic was swallowed")
		}
		if modes(t, sc.Slave) != before {
			t.Error("the terminal is not as it was")
		}
	}()
	restoring{term}.filter('x') // panics, since editor is nil
}
