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

	"smoothlab/internal/terminaltest"
)

func TestEndOfInput(t *testing.T) {
	s := newSession(t, func(o *Options) {
		o.Evaluator.(*toy).unsaved = []string{"c (lenet, trained)", "run 1, at update 212"}
	})
	s.Shows(">>> █")
	s.Type("abc\x04") // nothing to delete, and no end
	s.Shows(">>> abc█")
	s.Type("\x7f\x7f\x7f\x04")
	const warning = "leaving now would lose:\n  c (lenet, trained)\n  run 1, at update 212\nCtrl-D or exit() again leaves.\n>>> █"
	s.Shows(">>>\n" + warning)
	s.Type("x\x7f\x04") // something was typed: it is said again
	s.Until("the second warning", func() bool { return strings.Count(s.Text(), "leaving now") == 2 })
	s.Type("\x04")
	if err := s.left(); err != nil {
		t.Error(err)
	}
	if len(s.toy.ran()) > 0 {
		t.Errorf("ran %q", s.toy.ran())
	}
}

func TestNothingUnsaved(t *testing.T) {
	s := newSession(t)
	s.Shows(">>> █")
	s.Type("\x04")
	if err := s.left(); err != nil {
		t.Error(err)
	}
	s.Shows(">>>\n█")
}

// When the context ends, the item being typed is not run and is in the history.
func TestContextEnds(t *testing.T) {
	path := t.TempDir() + "/history"
	s := newSession(t, func(o *Options) { o.History = path })
	s.Shows(">>> █")
	s.Type("unfinished (")
	s.Has("(█")
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
			if strings.Contains(g, "chzyer/readline") || strings.Contains(g, "smoothlab/repl.(*") ||
				strings.Contains(g, "smoothlab/repl/lineedit.(*") {
				n++
			}
		}
		return n
	}
	for _, keys := range []string{"quiet\r\x04", "quiet\rabc", "", "train\r", "\x1b[200~abc", "abc\x12a"} {
		s := newSession(t)
		s.Shows(">>> █")
		s.Type(keys)
		time.Sleep(20 * time.Millisecond)
		s.cancel()
		s.left()
	}
	for limit := time.Now().Add(terminaltest.Soon); ours() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines are left\n%s", ours(), stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// The control sequences that begin and end bracketed paste.
const (
	pasteOn  = "\x1b[?2004h"
	pasteOff = "\x1b[?2004l"
)

// program starts the toy as a separate process on its own terminal.
func program(t *testing.T, environment ...string) (*terminaltest.Screen, *exec.Cmd, unix.Termios) {
	s := terminaltest.New(t, 40, 12)
	found := modes(t, s.Slave)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(
		[]string{"REPL_TOY=1", "TERM=xterm", "PATH=" + os.Getenv("PATH"), "GOTRACEBACK=single"},
		environment...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.Slave, s.Slave, s.Slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return s, cmd, found
}

// end waits for a process to end, and returns how it ended.
func end(t *testing.T, cmd *exec.Cmd) error {
	t.Helper()
	late := time.AfterFunc(terminaltest.Soon, func() {
		t.Error("the program is still there")
		cmd.Process.Kill()
	})
	defer late.Stop()
	return cmd.Wait()
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
	s, cmd, _ := program(t, "REPL_BANNER=hello")
	s.Shows("hello\n>>> █")
	s.Type("abc\x03")
	s.Has("abc^C\n>>> █")
	s.Type("train\r")
	s.Has("training ")
	s.Type("\x03")
	s.Shows("hello\n>>> abc^C\n>>> train\ninterrupted: stopped after update 212\n>>> █")
	s.Type("stubborn\r")
	s.Has("stubborn\n█")
	time.Sleep(100 * time.Millisecond) // the evaluation has begun
	s.Type("\x03")
	s.Has("interrupting …")
	s.Has("interrupted: at last\n>>> █")
	s.Type("print fresh\r")            // its context is another
	s.Has("print fresh\nfresh\n>>> █") // a Ctrl-D before this prompt would end a line, not the session
	s.Type("\x04")
	if err := end(t, cmd); err != nil {
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
			s, cmd, before := program(t)
			s.Has(">>> █")
			s.Until("the raw terminal", func() bool { return modes(t, s.Slave) != before })
			s.Type(c.keys)
			if c.signal != 0 {
				s.Has("abc█")
				cmd.Process.Signal(c.signal)
			}
			if err := end(t, cmd); (err == nil) != c.ok {
				t.Errorf("ended with %v", err)
			}
			if modes(t, s.Slave) != before {
				t.Error("the terminal is not as it was")
			}
			s.Until("the end of bracketed paste", func() bool {
				return strings.LastIndex(s.Sent(), pasteOff) > strings.LastIndex(s.Sent(), pasteOn)
			})
		})
	}
}

// The terminal goes away while an item is typed.
func TestHangUp(t *testing.T) {
	path := t.TempDir() + "/history"
	s, cmd, _ := program(t, "REPL_HISTORY="+path)
	s.Has(">>> █")
	s.Type("half an ite")
	s.Has("ite█")
	s.Slave.Close()
	s.Master.Close()
	_ = end(t, cmd) // the file shows what was kept
	if got, _ := os.ReadFile(path); string(got) != "half an ite\n" {
		t.Errorf("history: %q", got)
	}
}
