package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"smoothlab/kernel/wire"
	"smoothlab/kernel/wire/zmtp"
)

// frontend is a front end of a kernel in a separate process.
type frontend struct {
	t              *testing.T
	cmd            *exec.Cmd
	over           chan struct{} // closed when the process has ended
	errors         strings.Builder
	codec          *wire.Codec
	shell, control *zmtp.Client
}

// startKernel starts a kernel in a new directory, and connects to it.
func startKernel(t *testing.T) *frontend {
	t.Helper()
	c, err := wire.NewConnection()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "kernel.json")
	if err := c.Write(path); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := &frontend{t: t, codec: wire.NewCodec([]byte(c.Key)), over: make(chan struct{})}
	f.cmd = &exec.Cmd{Path: program, Args: []string{"smoothlab", "kernel", "-f", path}, Dir: dir, Stderr: &f.errors}
	f.cmd.Env = append(os.Environ(), "SMOOTHLAB_PROGRAMS=off") // a program that is kept need not be compiled
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(f.over)
		_ = f.cmd.Wait() // the state has the exit status
	}()
	t.Cleanup(func() {
		_ = f.cmd.Process.Kill() // it may have ended
		<-f.over
	})
	f.shell, f.control = f.dial(c, c.Shell), f.dial(c, c.Control)
	return f
}

func (f *frontend) dial(c wire.Connection, port int) *zmtp.Client {
	f.t.Helper()
	for begun := time.Now(); ; {
		client, err := zmtp.Dial(f.t.Context(), zmtp.Dealer, c.Address(port), zmtp.Options{Identity: []byte("front")})
		if err == nil {
			f.t.Cleanup(client.Close)
			return client
		}
		if time.Since(begun) > settled {
			f.t.Fatalf("the kernel does not start: %v, %s", err, f.errors.String())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (f *frontend) send(on *zmtp.Client, kind string, content map[string]any) {
	f.t.Helper()
	if err := on.Send(f.codec.Encode(wire.NewMessage(wire.NewHeader(kind, "front"), nil, content))); err != nil {
		f.t.Fatal(err)
	}
}

// reply waits for a reply of a kind, and returns its content and how long that took.
func (f *frontend) reply(on *zmtp.Client, kind string) (content map[string]any, took time.Duration) {
	f.t.Helper()
	begun := time.Now()
	timer := time.AfterFunc(time.Minute, on.Close)
	defer timer.Stop()
	for {
		frames, err := on.Receive()
		if err != nil {
			f.t.Fatalf("no %s: %v", kind, err)
		}
		m, err := f.codec.Decode(frames)
		if err != nil {
			f.t.Fatal(err)
		}
		if m.Header.Type != kind {
			continue
		}
		if err := json.Unmarshal(m.Content, &content); err != nil {
			f.t.Fatal(err)
		}
		return content, time.Since(begun)
	}
}

// run runs a cell that must end well.
func (f *frontend) run(code string) time.Duration {
	f.t.Helper()
	f.send(f.shell, "execute_request", map[string]any{"code": code})
	content, took := f.reply(f.shell, "execute_reply")
	if content["status"] != "ok" {
		f.t.Fatalf("%s ends with %v", code, content)
	}
	return took
}

// compile begins a training whose program XLA compiles for at least ten seconds.
func (f *frontend) compile() {
	f.t.Helper()
	f.run("x = 42\nd = dataset('mnist-mini', split='train')\nc = classifier('lenet', d, seed=1)")
	f.send(f.shell, "execute_request", map[string]any{
		"code": "train(c, d, smoothmix(sigma=0.5, m=4, steps=60), epochs=1, seed=1)"})
	time.Sleep(3 * time.Second)
}

// ends waits for the end of the process.
func (f *frontend) ends() time.Duration {
	f.t.Helper()
	begun := time.Now()
	select {
	case <-f.over:
	case <-time.After(settled):
		f.t.Errorf("the kernel is still there after %v", settled)
	}
	return time.Since(begun)
}

// quick is the time within which a front end must get its reply. A machine that is busy with other work gets twice
// that.
const quick = 4 * time.Second

// While XLA compiles, which cannot be cut short, an interrupt is answered and leaves the variables, and the kernel ends
// on request or at SIGTERM.
func TestKernelWhileCompiling(t *testing.T) {
	soon := func(t *testing.T, what string, took time.Duration) {
		t.Helper()
		t.Logf("%s after %v", what, took.Round(10*time.Millisecond))
		if took > quick {
			t.Errorf("%s after %v", what, took)
		}
	}
	t.Run("interrupt", func(t *testing.T) {
		f := startKernel(t)
		f.compile()
		f.send(f.control, "interrupt_request", map[string]any{})
		_, took := f.reply(f.control, "interrupt_reply")
		soon(t, "interrupt_reply", took)
		content, more := f.reply(f.shell, "execute_reply")
		soon(t, "execute_reply", took+more)
		if content["status"] != "error" || content["ename"] != "interrupted" {
			t.Errorf("the cell ends with %v", content)
		}
		soon(t, "the variables", f.run("if x != 42 or len(d) != 4000: fail(x, d)"))
		f.send(f.control, "shutdown_request", map[string]any{"restart": false})
		_, took = f.reply(f.control, "shutdown_reply")
		soon(t, "shutdown_reply after an interrupt", took)
		soon(t, "the end after an interrupt", f.ends())
	})
	t.Run("shutdown", func(t *testing.T) {
		f := startKernel(t)
		f.compile()
		f.send(f.control, "shutdown_request", map[string]any{"restart": false})
		_, took := f.reply(f.control, "shutdown_reply")
		soon(t, "shutdown_reply", took)
		soon(t, "the end", f.ends())
		if code := f.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("exit status %d, %s", code, f.errors.String())
		}
	})
	t.Run("SIGTERM", func(t *testing.T) {
		f := startKernel(t)
		f.compile()
		if err := f.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		soon(t, "the end", f.ends())
	})
}
