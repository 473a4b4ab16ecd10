package repl

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func sigwinch(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGWINCH); err != nil {
		t.Fatal(err)
	}
}

func TestEndOfInput(t *testing.T) {
	s := newSession(t, func(o *Options) {
		o.Evaluator.(*toy).unsaved = []string{"c (lenet, trained)", "run 1, at update 212"}
	})
	s.shows(">>> █")
	s.typed("abc\x04") // nothing to delete, and no end
	s.shows(">>> abc█")
	s.typed("\x7f\x7f\x7f\x04")
	const warning = "leaving now would lose:\n  c (lenet, trained)\n  run 1, at update 212\nCtrl-D or exit() again leaves.\n>>> █"
	s.shows(">>>\n" + warning)
	s.typed("x\x7f\x04") // something was typed: it is said again
	s.until("the second warning", func() bool { return strings.Count(s.text(), "leaving now") == 2 })
	s.typed("\x04")
	if err := s.left(); err != nil {
		t.Error(err)
	}
	if len(s.toy.ran()) > 0 {
		t.Errorf("ran %q", s.toy.ran())
	}
}

func TestNothingUnsaved(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("\x04")
	if err := s.left(); err != nil {
		t.Error(err)
	}
	s.shows(">>>\n█")
}

// When the context ends, the item being typed is not run and is in the history.
func TestContextEnds(t *testing.T) {
	path := t.TempDir() + "/history"
	s := newSession(t, func(o *Options) { o.History = path })
	s.shows(">>> █")
	s.typed("unfinished (")
	s.has("(█")
	s.cancel()
	if err := s.left(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "unfinished (\n" {
		t.Errorf("history: %q", got)
	}
	if len(s.toy.ran()) > 0 {
		t.Errorf("ran %q", s.toy.ran())
	}
}

// All goroutines of a loop end with it, on each way out.
func TestGoroutinesEnd(t *testing.T) {
	ours := func() (n int) {
		stacks := make([]byte, 1<<20)
		for g := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
			if strings.Contains(g, "chzyer/readline") || strings.Contains(g, "smoothlab/repl.(*") {
				n++
			}
		}
		return n
	}
	for _, keys := range []string{"quiet\r\x04", "quiet\rabc", "", "train\r", "\x1b[200~abc", "abc\x12a"} {
		s := newSession(t)
		s.shows(">>> █")
		s.typed(keys)
		time.Sleep(20 * time.Millisecond)
		s.cancel()
		s.left()
	}
	for limit := time.Now().Add(soon); ours() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines are left\n%s", ours(), stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// program is the toy as a process of its own, on a terminal of its own.
func program(t *testing.T, environment ...string) (*screen, *exec.Cmd) {
	s := newScreen(t, 40, 12)
	s.found = modes(t, s.slave)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(
		[]string{"REPL_TOY=1", "TERM=xterm", "PATH=" + os.Getenv("PATH"), "GOTRACEBACK=single"},
		environment...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.slave, s.slave, s.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return s, cmd
}

func modes(t *testing.T, f *os.File) unix.Termios {
	t.Helper()
	m, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *m
}

// Ctrl-C is a key while editing and a signal while running.
func TestControlC(t *testing.T) {
	s, cmd := program(t, "REPL_BANNER=hello")
	s.shows("hello\n>>> █")
	s.typed("abc\x03")
	s.has("abc^C\n>>> █")
	s.typed("train\r")
	s.has("training ")
	s.typed("\x03")
	s.shows("hello\n>>> abc^C\n>>> train\ninterrupted: stopped after update 212\n>>> █")
	s.typed("stubborn\r")
	s.has("stubborn\n█")
	time.Sleep(100 * time.Millisecond) // the evaluation has begun
	s.typed("\x03")
	s.has("interrupting …")
	s.has("interrupted: at last\n>>> █")
	s.typed("print fresh\r") // its context is another
	s.has("fresh")
	s.typed("\x04")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// On every way out the terminal is as it was.
func TestTerminalIsRestored(t *testing.T) {
	for name, c := range map[string]struct {
		keys   string
		signal syscall.Signal
		ok     bool
	}{
		"Ctrl-D":                {"\x04", 0, true},
		"end of the context":    {"abc", syscall.SIGTERM, false},
		"a panic while running": {"crash\r", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, cmd := program(t)
			before := s.found // the program may have made it raw by now
			s.has(">>> █")
			s.until("the raw terminal", func() bool { return modes(t, s.slave) != before })
			s.typed(c.keys)
			if c.signal != 0 {
				s.has("abc█")
				cmd.Process.Signal(c.signal)
			}
			if err := cmd.Wait(); (err == nil) != c.ok {
				t.Errorf("ended with %v", err)
			}
			if modes(t, s.slave) != before {
				t.Error("the terminal is not as it was")
			}
			s.until("the end of bracketed paste", func() bool {
				return strings.LastIndex(s.sent(), pasteOff) > strings.LastIndex(s.sent(), pasteOn)
			})
		})
	}
}

// A panic on readline's goroutine must not leave the terminal raw.
func TestPanicInEditor(t *testing.T) {
	sc := newScreen(t, 40, 12)
	before := modes(t, sc.slave)
	term := &terminal{console: NewConsole(sc.slave, sc.slave, environment), fd: int(sc.slave.Fd())}
	if err := term.enter(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("the panic was swallowed")
		}
		if modes(t, sc.slave) != before {
			t.Error("the terminal is not as it was")
		}
	}()
	restoring{term}.filter('x') // there is no editor
}

// The terminal goes away while an item is typed.
func TestHangUp(t *testing.T) {
	path := t.TempDir() + "/history"
	s, cmd := program(t, "REPL_HISTORY="+path)
	s.has(">>> █")
	s.typed("half an ite")
	s.has("ite█")
	s.slave.Close()
	s.master.Close()
	cmd.Wait()
	if got, _ := os.ReadFile(path); string(got) != "half an ite\n" {
		t.Errorf("history: %q", got)
	}
}
