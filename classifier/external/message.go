package external

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"
)

// A message is a header of 12 bytes, its kind in ASCII, its number and the length of its payload, both uint32 in
// little-endian order, and the payload. A reply has the number of its request.
const headerSize = 12

// The kinds of messages.
const (
	kindOpen   = "OPEN" // both ways: JSON
	kindLook   = "LOOK" // to the process: images, float32 [n, C, H, W]
	kindLogits = "LOGI" // from the process: float32 [n, classes]
	kindVotes  = "VOTE" // from the process: uint32 [n], the class of each image
	kindFail   = "FAIL" // from the process: a sentence
)

// version numbers the protocol.
const version = 1

// Bounds of the payloads whose length is not known beforehand.
const (
	maxOpen = 1 << 20 // room for thousands of class names
	maxFail = 4096
)

// Answer holds what a process replied to a batch of n images: logits, or only classes.
type Answer struct {
	Logits  []float32 // [n, classes], image by image; nil if the process replies with classes
	Classes []int32   // by image; nil if the process replies with logits
}

// errMalformed marks replies that are not of the protocol.
var errMalformed = errors.New("its reply is not of the protocol (docs/external.md)")

// malformed returns an error that describes a reply.
func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errMalformed, fmt.Sprintf(format, args...))
}

// saidError is a sentence that the process sent in place of an answer.
type saidError struct{ text string }

func (f *saidError) Error() string { return f.text }

// batch is what a reply must answer.
type batch struct{ images, classes int }

// header returns the header of a message.
func header(kind string, number uint32, length int) []byte {
	h := append(make([]byte, 0, headerSize), kind...)
	h = binary.LittleEndian.AppendUint32(h, number)
	return binary.LittleEndian.AppendUint32(h, uint32(length))
}

// reader reads replies.
type reader struct{ io.Reader }

// bounds returns the bounds of the payload for a kind of reply; false refuses the kind.
type bounds func(kind string) (low, high int, ok bool)

// next reads a reply to the request of that number. Nothing is read, and no memory is taken, beyond the bounds.
func (r reader) next(number uint32, of bounds) (kind string, payload []byte, err error) {
	var h [headerSize]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return "", nil, err
	}
	kind = string(h[:4])
	low, high, ok := of(kind)
	size := binary.LittleEndian.Uint32(h[8:])
	switch got := binary.LittleEndian.Uint32(h[4:]); {
	case !ok:
		return "", nil, malformed("it begins with %q; does the program print to its standard output?", h[:4])
	case got != number:
		return "", nil, malformed("%s has number %d, expected %d: a reply answers one request", kind, got, number)
	case low == high && size != uint32(low):
		return "", nil, malformed("%s has %d bytes, expected %d", kind, size, low)
	case size < uint32(low) || size > uint32(high):
		return "", nil, malformed("%s has %d bytes, expected from %d to %d", kind, size, low, high)
	}
	payload = make([]byte, size)
	_, err = io.ReadFull(r, payload)
	return kind, payload, err
}

// opened reads the reply to OPEN.
func (r reader) opened(number uint32) ([]byte, error) {
	kind, payload, err := r.next(number, func(kind string) (low, high int, ok bool) {
		switch kind {
		case kindOpen:
			return 2, maxOpen, true
		case kindFail:
			return 0, maxFail, true
		}
		return 0, 0, false
	})
	if err == nil && kind == kindFail {
		return nil, &saidError{printable(payload)}
	}
	return payload, err
}

// answer reads the reply to a batch.
func (r reader) answer(number uint32, of batch) (Answer, error) {
	kind, payload, err := r.next(number, func(kind string) (low, high int, ok bool) {
		switch kind {
		case kindLogits:
			return 4 * of.images * of.classes, 4 * of.images * of.classes, true
		case kindVotes:
			return 4 * of.images, 4 * of.images, true
		case kindFail:
			return 0, maxFail, true
		}
		return 0, 0, false
	})
	switch {
	case err != nil:
		return Answer{}, err
	case kind == kindFail:
		return Answer{}, &saidError{printable(payload)}
	case kind == kindVotes:
		return classesOf(payload, of)
	}
	return logitsOf(payload, of)
}

func classesOf(payload []byte, of batch) (a Answer, err error) {
	a.Classes = make([]int32, of.images)
	for i := range a.Classes {
		class := binary.LittleEndian.Uint32(payload[4*i:])
		if class >= uint32(of.classes) {
			return Answer{}, malformed("image %d of the batch has class %d; classes are from 0 to %d",
				i, class, of.classes-1)
		}
		a.Classes[i] = int32(class)
	}
	return a, nil
}

func logitsOf(payload []byte, of batch) (a Answer, err error) {
	a.Logits = make([]float32, of.images*of.classes)
	for i := range a.Logits {
		a.Logits[i] = math.Float32frombits(binary.LittleEndian.Uint32(payload[4*i:]))
		if math.IsNaN(float64(a.Logits[i])) {
			return Answer{}, malformed("image %d of the batch has a logit that is not a number", i/of.classes)
		}
	}
	return a, nil
}

// printable returns text of another program for a message: one line without control characters.
func printable(text []byte) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(text), "�"))
	return strings.Join(strings.Fields(s), " ")
}
