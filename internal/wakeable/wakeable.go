// Package wakeable reads terminals and pipes in a way that another goroutine can end. An os.File cannot: closing one
// that the shell has opened does not end a read that waits.
package wakeable

import (
	"errors"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// ErrWoken is the error of a Read that Wake has ended.
var ErrWoken = errors.New("woken")

// Reader reads a terminal or a pipe in a way that another goroutine can end.
type Reader struct {
	fd     int
	name   string
	stop   *os.File // reading end of a pipe that Wake writes to
	wakeup *os.File

	mu     sync.Mutex
	closed bool
}

// New returns a Reader of an open file, which stays the caller's to close.
func New(f *os.File) (*Reader, error) {
	stop, wakeup, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &Reader{fd: int(f.Fd()), name: f.Name(), stop: stop, wakeup: wakeup}, nil
}

// Read reads what there is, and waits for the first byte. A terminal that is gone is the end of the file.
func (r *Reader) Read(p []byte) (int, error) {
	for {
		fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}, {Fd: int32(r.stop.Fd()), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, -1); err != nil && err != unix.EINTR {
			return 0, err
		}
		if fds[1].Revents != 0 {
			_, _ = unix.Read(int(r.stop.Fd()), make([]byte, 1)) // poll says that the byte is there
			return 0, ErrWoken
		}
		if fds[0].Revents == 0 {
			continue
		}
		n, err := unix.Read(r.fd, p)
		switch {
		case err == unix.EINTR || err == unix.EAGAIN:
		case err == unix.EIO || err == nil && n <= 0: // a terminal that was closed gives EIO
			return 0, io.EOF
		case err != nil:
			return 0, &os.PathError{Op: "read", Path: r.name, Err: err}
		default:
			return n, nil
		}
	}
}

// Ready reports whether there is more to read, and waits for it for some milliseconds.
func (r *Reader) Ready(milliseconds int) bool {
	fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, milliseconds)
	return err == nil && n > 0
}

// Wake ends a Read that waits, or the next one.
func (r *Reader) Wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		_, _ = r.wakeup.Write([]byte{0}) // fails only when closed
	}
}

// Close closes the pipe, and not the file. No Read may be in progress.
func (r *Reader) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.stop.Close()
	r.wakeup.Close()
}
