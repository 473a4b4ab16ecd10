package session_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"smoothlab/report"
	"smoothlab/session"
)

// playVariable makes this test binary evaluate moves that it reads from its standard input.
const playVariable = "SMOOTHLAB_TEST_PLAY"

// move is one action of a player.
type move struct {
	Dir    string // where the process works
	Fresh  bool   // in a new session
	Source string
	// The evaluation is interrupted, or the process killed, some time after a number of reports of progress; 0 for
	// never.
	Interrupt, Kill int
	After           time.Duration
}

// outcome is the result of a move.
type outcome struct {
	Seen  string // everything printed and shown, including an error
	Name  string // of an error, such as report.Interrupted
	First int    // steps done before the first report of progress; −1 if there was none
	Dead  bool   // the process was killed
}

// counting is an output that acts at some report of progress.
type counting struct {
	screen
	reports, first atomic.Int32
	at             int32
	do             func()
}

func (c *counting) Progress(p report.Progress) {
	switch n := c.reports.Add(1); n {
	case 1:
		c.first.Store(int32(p.Done))
		fallthrough
	default:
		if n == c.at {
			c.do()
		}
	}
}

// playMoves evaluates moves until there are no more.
func playMoves(t *testing.T) {
	from, to := json.NewDecoder(os.Stdin), json.NewEncoder(os.NewFile(3, "outcomes"))
	var s *session.Session
	for {
		var m move
		if err := from.Decode(&m); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if m.Fresh || s == nil {
			s = newSession(t, nil)
		}
		t.Chdir(m.Dir)
		if err := to.Encode(m.evaluate(s)); err != nil {
			t.Fatal(err)
		}
	}
}

// evaluate makes the move in a session.
func (m *move) evaluate(s *session.Session) outcome {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out := &counting{at: int32(max(m.Interrupt, m.Kill)), do: func() {
		time.AfterFunc(m.After, func() {
			if m.Kill > 0 {
				syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}
			cancel()
		})
	}}
	out.first.Store(-1)
	r, err := s.Evaluate(ctx, m.Source, out)
	o := outcome{First: int(out.first.Load())}
	var e *report.Error
	if errors.As(err, &e) {
		o.Name = e.Name
		out.Show(e)
	} else if r != nil {
		if _, seen := r.(report.Shown); !seen {
			out.Show(r)
		}
	}
	o.Seen = out.take()
	return o
}

// player makes moves in a process that may be killed.
type player struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *json.Decoder
	said  *strings.Builder
	kills int
}

// start starts a process.
func (p *player) start() {
	p.t.Helper()
	in, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command(in, "-test.run", "^"+p.t.Name()+"$")
	p.cmd.Env = append(os.Environ(), playVariable+"=1")
	p.said = &strings.Builder{}
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	outcomes, theirs, err := os.Pipe()
	if err != nil {
		p.t.Fatal(err)
	}
	defer theirs.Close()
	p.cmd.ExtraFiles = []*os.File{theirs}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.out = json.NewDecoder(bufio.NewReader(outcomes))
}

// play makes a move, and starts a process if there is none.
func (p *player) play(m move) outcome {
	p.t.Helper()
	if p.cmd == nil {
		p.start()
	}
	if err := json.NewEncoder(p.in).Encode(m); err != nil {
		p.t.Fatal(err)
	}
	var o outcome
	if err := p.out.Decode(&o); err == nil {
		return o
	}
	err := p.cmd.Wait()
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		p.t.Fatalf("%+v ends the process: %v\n%s", m, err, p.said)
	}
	p.cmd = nil
	p.kills++
	return outcome{First: -1, Dead: true}
}

// stop lets the process end.
func (p *player) stop() error {
	if p.cmd == nil {
		return nil
	}
	p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%w\n%s", err, p.said)
	}
	return nil
}
