package repl

import (
	"errors"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// errWoken is what a read returns that wake has ended.
var errWoken = errors.New("woken")

// source reads a terminal or a pipe in a way that another goroutine can end.
type source struct {
	fd     int
	stop   *os.File // reading end of a pipe that wake writes to
	wakeup *os.File

	mu     sync.Mutex
	closed bool
}

func newSource(f *os.File) (*source, error) {
	stop, wakeup, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &source{fd: int(f.Fd()), stop: stop, wakeup: wakeup}, nil
}

// read reads what there is, waiting for the first byte.
func (s *source) read(p []byte) (int, error) {
	for {
		fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}, {Fd: int32(s.stop.Fd()), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, -1); err != nil && err != unix.EINTR {
			return 0, err
		}
		if fds[1].Revents != 0 {
			_, _ = unix.Read(int(s.stop.Fd()), make([]byte, 1)) // poll says that the byte is there
			return 0, errWoken
		}
		if fds[0].Revents == 0 {
			continue
		}
		n, err := unix.Read(s.fd, p)
		switch {
		case err == unix.EINTR || err == unix.EAGAIN:
		case err != nil || n <= 0: // a terminal that was closed gives EIO
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// waits reports whether more can be read within some milliseconds.
func (s *source) waits(milliseconds int) bool {
	fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, milliseconds)
	return err == nil && n > 0
}

// wake ends a read that waits, or the next one.
func (s *source) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		_, _ = s.wakeup.Write([]byte{0}) // fails only when closed
	}
}

// close closes the pipe. No read may be in progress.
func (s *source) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.stop.Close()
	s.wakeup.Close()
}

// input is what readline reads: the keys of a terminal, decoded, and those that the program types itself.
type input struct {
	source *source
	chunk  []byte // twice as long as what is read at once

	mu      sync.Mutex
	decoder decoder
	typed   []byte // by the program
	ended   bool
}

func newInput(s *source) *input { return &input{source: s, chunk: make([]byte, 2*4096)} }

func (in *input) Read(p []byte) (int, error) {
	for {
		in.mu.Lock()
		in.decoder.feed(in.typed)
		in.typed = nil
		n := copy(p, in.decoder.out)
		in.decoder.out = in.decoder.out[n:]
		ended := in.ended
		in.mu.Unlock()
		switch {
		case ended:
			return 0, io.EOF
		case n > 0:
			return n, nil
		}
		n, err := in.source.read(in.chunk[:len(in.chunk)/2])
		if errors.Is(err, errWoken) {
			continue
		} else if err != nil {
			return 0, err
		}
		// Whether Enter or Tab was typed by hand shows in what comes after it.
		if last := in.chunk[n-1]; n > 1 && (last == '\r' || last == '\n' || last == '\t') && in.source.waits(5) {
			if more, err := in.source.read(in.chunk[n:]); err == nil {
				n += more
			}
		}
		in.mu.Lock()
		in.decoder.feed(in.chunk[:n])
		in.mu.Unlock()
	}
}

// Close is readline's; end is ours.
func (in *input) Close() error { return nil }

// end makes reading return that there is no more.
func (in *input) end() {
	in.mu.Lock()
	in.ended = true
	in.mu.Unlock()
	in.source.wake()
}

// press types a key.
func (in *input) press(key byte) {
	in.mu.Lock()
	in.typed = append(in.typed, key)
	in.mu.Unlock()
	in.source.wake()
}

// paste returns the text of the first keyPaste that was not asked for yet.
func (in *input) paste() string {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.decoder.pastes) == 0 {
		return ""
	}
	text := in.decoder.pastes[0]
	in.decoder.pastes = in.decoder.pastes[1:]
	return text
}
