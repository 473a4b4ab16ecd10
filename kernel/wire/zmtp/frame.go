package zmtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Message is a list of frames.
type Message [][]byte

// Flags of a frame, in its first byte.
const (
	more    = 1 << iota // another frame of the message follows
	long                // the size takes eight bytes
	command             // the frame is for the transport
)

// Errors of invalid input from a peer. Each closes the connection.
var (
	ErrFlags           = errors.New("a frame has unknown flags")
	ErrTooLarge        = errors.New("a message exceeds the size limit")
	ErrFrames          = errors.New("a message has too many frames")
	ErrCommand         = errors.New("a command is invalid")
	ErrUnverifiedLimit = errors.New("unverified peers have reached their limit for unfinished messages")
)

// eager is the largest buffer in bytes allocated before a frame has arrived: an announced size alone must not cost
// memory.
const eager = 64 << 10

// maxCommand is the size limit in bytes of a command. The context of a PING has at most 16 bytes (ZMTP 3.1).
const maxCommand = 512

// readFrame reads a frame of at most limit bytes. The function reserve claims memory for it and may be nil.
func readFrame(r io.Reader, limit int, reserve func(bytes int) error) (flags byte, body []byte, err error) {
	var head [9]byte
	if _, err := io.ReadFull(r, head[:2]); err != nil {
		return 0, nil, err
	}
	flags = head[0]
	if flags&^(more|long|command) != 0 || flags&(more|command) == more|command {
		return 0, nil, ErrFlags
	}
	size := uint64(head[1])
	if flags&long != 0 {
		if _, err := io.ReadFull(r, head[2:]); err != nil {
			return 0, nil, midway(err)
		}
		size = binary.BigEndian.Uint64(head[1:])
	}
	if size > uint64(limit) {
		return 0, nil, &tooLargeError{flags, size, limit}
	}
	if reserve != nil {
		if err := reserve(int(size)); err != nil {
			return 0, nil, err
		}
	}
	if size <= eager {
		body = make([]byte, size)
		_, err = io.ReadFull(r, body)
		return flags, body, midway(err)
	}
	var b bytes.Buffer
	_, err = io.CopyN(&b, r, int64(size))
	return flags, b.Bytes(), midway(err)
}

// midway returns the error for a stream that ends inside a frame.
func midway(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// maxSkipped is the size limit in bytes of an oversized frame that is read and dropped so that the peer can get a
// reply.
const maxSkipped = 1 << 30

// tooLargeError is ErrTooLarge with the number of bytes to skip to reach the next frame.
type tooLargeError struct {
	flags byte
	size  uint64
	left  int
}

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("%v: %d bytes in a frame where %d are left", ErrTooLarge, e.size, e.left)
}

func (e *tooLargeError) Unwrap() error { return ErrTooLarge }

// readMessage reads the next message, and passes earlier commands on. It skips a message that is too large if none of
// its frames is larger than skip says. It then returns the frames before the oversized one, and the size of that one.
func readMessage(
	r io.Reader,
	o Options,
	skip func() int,
	reserve func(bytes int) error,
	commanded func(body []byte) error,
) (_ Message, oversized int, _ error) {
	var m Message
	left := o.Largest
	for {
		flags, body, err := readFrame(r, left, reserve)
		var large *tooLargeError
		if errors.As(err, &large) && skip != nil && large.size <= uint64(skip()) && large.flags&command == 0 {
			oversized = max(oversized, int(large.size))
			if _, err := io.CopyN(io.Discard, r, int64(large.size)); err != nil {
				return nil, 0, midway(err)
			}
			if large.flags&more == 0 {
				return m, oversized, nil
			}
			continue
		}
		if oversized > 0 && err == nil { // frames after the missing one have no meaning
			if flags&more == 0 {
				return m, oversized, nil
			}
			continue
		}
		switch {
		case err != nil && len(m) > 0:
			return nil, 0, midway(err)
		case err != nil:
			return nil, 0, err
		case flags&command != 0:
			if len(m) > 0 {
				return nil, 0, ErrFlags
			}
			if len(body) > maxCommand {
				return nil, 0, ErrCommand
			}
			if err := commanded(body); err != nil {
				return nil, 0, err
			}
			continue
		case len(m) == o.Frames:
			return nil, 0, ErrFrames
		}
		m = append(m, body)
		left -= len(body)
		if flags&more == 0 {
			return m, 0, nil
		}
	}
}

// bytes returns the message as it is sent.
func (m Message) bytes() []byte {
	size := 0
	for _, f := range m {
		size += 9 + len(f)
	}
	b := make([]byte, 0, size)
	for i, f := range m {
		flags := byte(0)
		if i < len(m)-1 {
			flags = more
		}
		b = appendFrame(b, flags, f)
	}
	return b
}

func appendFrame(b []byte, flags byte, body []byte) []byte {
	if len(body) > 255 {
		b = binary.BigEndian.AppendUint64(append(b, flags|long), uint64(len(body)))
	} else {
		b = append(b, flags, byte(len(body)))
	}
	return append(b, body...)
}
