package external

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// child is one run of the command, in a process group of its own.
type child struct {
	cmd    *exec.Cmd
	in     *os.File // its standard input, for writing
	out    *os.File // its standard output, for reading
	stderr *tail
	ended  chan struct{} // closed when the process has ended
	number uint32        // of the latest request
}

// Grace periods of the end of a child: until it is killed, and until its end is noticed.
const (
	grace  = 500 * time.Millisecond
	notice = time.Second
)

// run starts the command.
func run(command []string) (*child, error) {
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, theirIn.Close(), in.Close())
	}
	c := &child{in: in, out: out, stderr: &tail{}, ended: make(chan struct{})}
	c.cmd = exec.Command(command[0], command[1:]...)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = theirIn, theirOut, c.stderr
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that Ctrl-C does not reach it, and nothing outlives it
	c.cmd.WaitDelay = grace
	err = c.cmd.Start()
	err = errors.Join(err, theirIn.Close(), theirOut.Close())
	if err != nil {
		return nil, errors.Join(err, in.Close(), out.Close())
	}
	go func() {
		_ = c.cmd.Wait() // ProcessState has the outcome
		c.signal(syscall.SIGKILL)
		close(c.ended)
	}()
	return c, nil
}

// signal sends a signal to the whole process group; that it has ended is not an error.
func (c *child) signal(s syscall.Signal) { _ = syscall.Kill(-c.cmd.Process.Pid, s) }

// stop ends the process and what it has started, and returns when they have ended.
func (c *child) stop() {
	_ = errors.Join(c.in.Close(), c.out.Close()) // the end of its input tells it to exit
	c.signal(syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(grace):
		c.signal(syscall.SIGKILL)
		<-c.ended
	}
}

// over waits a moment for the process to end by itself, and describes how it ended: "exit status 1".
func (c *child) over() (how string, ended bool) {
	select {
	case <-c.ended:
		return c.cmd.ProcessState.String(), true
	case <-time.After(notice):
		return "", false
	}
}

// gone reports whether the process has ended.
func (c *child) gone() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// errLate marks replies that did not come in time.
var errLate = errors.New("it did not reply in time")

// exchange writes a request and reads its reply, within a time. After an error the child is of no more use.
func (c *child) exchange(
	ctx context.Context,
	within time.Duration,
	write func(w io.Writer, number uint32) error,
	read func(r reader, number uint32) error,
) error {
	if err := c.deadline(time.Now().Add(within)); err != nil {
		return err
	}
	running := context.AfterFunc(ctx, func() { _ = c.deadline(time.Unix(1, 0)) })
	c.number++
	err := write(c.in, c.number)
	if err == nil || errors.Is(err, syscall.EPIPE) { // a process that has ended may have printed why
		if failed := read(reader{c.out}, c.number); failed != nil {
			err = failed
		}
	}
	switch {
	case !running():
		return ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%w, %v", errLate, within)
	}
	return err
}

// deadline sets when reads and writes fail.
func (c *child) deadline(at time.Time) error {
	return errors.Join(c.in.SetWriteDeadline(at), c.out.SetReadDeadline(at))
}

// open sends the shape of images and the number of classes, and returns the child's fingerprint and class names.
func (c *child) open(ctx context.Context, o Options) (hello Hello, err error) {
	text, err := json.Marshal(map[string]any{
		"version": version, "shape": []int{o.Channels, o.Height, o.Width}, "classes": o.Classes,
	})
	if err != nil {
		return hello, err
	}
	err = c.exchange(ctx, o.StartWithin, func(w io.Writer, number uint32) error {
		_, err := w.Write(append(header(kindOpen, number, len(text)), text...))
		return err
	}, func(r reader, number uint32) error {
		reply, err := r.opened(number)
		if err != nil {
			return err
		}
		hello, err = parseHello(reply, o.Classes)
		return err
	})
	return hello, err
}

// classify asks for the classes of images, [n, C, H, W].
func (c *child) classify(ctx context.Context, within time.Duration, images []float32, of batch) (a Answer, err error) {
	err = c.exchange(ctx, within, func(w io.Writer, number uint32) error {
		if _, err := w.Write(header(kindLook, number, 4*len(images))); err != nil {
			return err
		}
		return writeFloats(w, images)
	}, func(r reader, number uint32) error {
		a, err = r.answer(number, of)
		return err
	})
	return a, err
}

// writeFloats writes values in little-endian order, a piece at a time.
func writeFloats(w io.Writer, values []float32) error {
	const piece = 1 << 16
	buffer := make([]byte, 0, 4*min(piece, len(values)))
	for len(values) > 0 {
		n := min(piece, len(values))
		buffer = buffer[:0]
		for _, x := range values[:n] {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(x))
		}
		if _, err := w.Write(buffer); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}
