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

// What a frame says of itself, in its first byte.
const (
	more    = 1 << iota // another frame of the message follows
	long                // the size takes eight bytes
	command             // it is for the transport
)

// Faults of what a peer sends. The connection is closed on each.
var (
	ErrFlags    = errors.New("a frame has flags that ZMTP 3 does not know")
	ErrTooLarge = errors.New("a message is larger than is taken here")
	ErrFrames   = errors.New("a message has more frames than are taken here")
	ErrCommand  = errors.New("a command is damaged")
	ErrCrowded  = errors.New("there is no room for a message of a peer that nobody knows")
)

// eager is what is set aside for a frame before it has come: a size alone must not cost memory.
const eager = 64 << 10

// mostCommand bounds a command: what a PING may bring along has 16 bytes (ZMTP 3.1).
const mostCommand = 512

// readFrame reads a frame of at most so many bytes, if there is room for it; a nil room has it always.
func readFrame(r io.Reader, most int, room func(bytes int) error) (flags byte, body []byte, err error) {
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
	if size > uint64(most) {
		return 0, nil, &tooLargeError{flags, size, most}
	}
	if room != nil {
		if err := room(int(size)); err != nil {
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

// midway is the error of a stream that ends inside a frame.
func midway(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// maxSkipped bounds a frame that is too large and is read over, so that the peer can be answered.
const maxSkipped = 1 << 30

// tooLargeError is ErrTooLarge with what is to be read over to reach the next frame.
type tooLargeError struct {
	flags byte
	size  uint64
	left  int
}

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("%v: %d bytes in a frame where %d are left", ErrTooLarge, e.size, e.left)
}

func (e *tooLargeError) Unwrap() error { return ErrTooLarge }

// readMessage reads the next message, and passes the commands before it on. A message that is too large is read over,
// if none of its frames is larger than skip says: what came before is returned, and the size of the frame that is too
// large.
func readMessage(
	r io.Reader,
	o Options,
	skip func() int,
	room func(bytes int) error,
	commanded func(body []byte) error,
) (_ Message, oversized int, _ error) {
	var m Message
	left := o.Largest
	for {
		flags, body, err := readFrame(r, left, room)
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
		if oversized > 0 && err == nil { // frames behind the one that is missing mean nothing
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
			if len(body) > mostCommand {
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

// bytes is the message as it is sent.
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
