package zmtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// The bytes follow the specification's grammar (rfc.zeromq.org/spec/23).
func TestFrames(t *testing.T) {
	big := bytes.Repeat([]byte("x"), 256)
	for _, c := range []struct {
		m    Message
		want string
	}{
		{Message{[]byte("a")}, "\x00\x01a"},
		{Message{nil, []byte("bc")}, "\x01\x00\x00\x02bc"},
		{Message{big, nil}, "\x03\x00\x00\x00\x00\x00\x00\x01\x00" + string(big) + "\x00\x00"},
	} {
		if got := string(c.m.bytes()); got != c.want {
			t.Errorf("%q is sent as %q, expected %q", c.m, got, c.want)
		}
		back, _, err := readMessage(strings.NewReader(c.want), Options{}.filled(), nil, nil, nil)
		if err != nil || !slices.EqualFunc(back, c.m, bytes.Equal) {
			t.Errorf("%q is read as %q, %v", c.want, back, err)
		}
	}
}

func TestFaultyFrames(t *testing.T) {
	size := func(n uint64) string { return string(binary.BigEndian.AppendUint64([]byte{long}, n)) }
	for _, c := range []struct {
		name, sent string
		want       error
	}{
		{"nothing", "", io.EOF},
		{"half a head", "\x00", io.ErrUnexpectedEOF},
		{"half a size", "\x02\x00\x00", io.ErrUnexpectedEOF},
		{"half a body", "\x00\x05abc", io.ErrUnexpectedEOF},
		{"half a message", "\x01\x01a", io.ErrUnexpectedEOF},
		{"half a large body", size(900) + "abc", io.ErrUnexpectedEOF},
		{"unknown flags", "\x08\x00", ErrFlags},
		{"a command of two frames", "\x05\x00", ErrFlags},
		{"a command within a message", "\x01\x01a\x04\x00", ErrFlags},
		{"a size that no memory has", size(math.MaxInt64), ErrTooLarge},
		{"a size beyond", size(math.MaxUint64), ErrTooLarge},
		{"more than is taken", size(1001), ErrTooLarge},
		{"more than is taken, together", "\x01\x01a" + size(1000), ErrTooLarge},
		{"many frames", strings.Repeat("\x01\x00", 9), ErrFrames},
		{"an empty command", "\x04\x00", ErrCommand},
		{"a large command",
			string(appendFrame(nil, command, append([]byte("\x04PING\x00\x00"), make([]byte, 600)...))), ErrCommand},
		{"a command whose name is cut", "\x04\x02\x05P", ErrCommand},
	} {
		_, _, err := readMessage(
			strings.NewReader(c.sent),
			Options{Largest: 1000, Frames: 8},
			nil,
			nil,
			func(body []byte) error {
				_, err := pong(body)
				return err
			},
		)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, expected %v", c.name, err, c.want)
		}
	}
}

// An announced size alone does not allocate memory.
func TestSizeCostsNothing(t *testing.T) {
	sent := string(binary.BigEndian.AppendUint64([]byte{long}, 1<<30)) + "abc"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, _, err := readFrame(strings.NewReader(sent), 1<<31, nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if spent := after.TotalAlloc - before.TotalAlloc; spent > 4*eager {
		t.Errorf("%d bytes were set aside for three that came", spent)
	}
}

func TestPing(t *testing.T) {
	answer, err := pong([]byte("\x04PING\x00\x0awho"))
	if err != nil || string(answer) != "\x04\x08\x04PONGwho" {
		t.Errorf("%q, %v", answer, err)
	}
}

func FuzzMessage(f *testing.F) {
	for _, seed := range []Message{{[]byte("a")}, {nil, bytes.Repeat([]byte("b"), 300)}} {
		f.Add(seed.bytes())
	}
	f.Add([]byte("\x04\x0a\x04PING\x00\x00abc"))
	f.Add([]byte("\x02\x7f\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		o := Options{Largest: 1 << 10, Frames: 4}
		m, _, err := readMessage(bytes.NewReader(data), o, nil, nil, func(body []byte) error {
			_, err := pong(body)
			return err
		})
		if err != nil {
			return
		}
		again, _, err := readMessage(bytes.NewReader(m.bytes()), o, nil, nil, nil)
		if err != nil || !slices.EqualFunc(m, again, bytes.Equal) {
			t.Errorf("%q becomes %q, %v", m, again, err)
		}
	})
}

func FuzzHello(f *testing.F) {
	f.Add(hello(Dealer, []byte("me")))
	f.Add(hello(kindPublisher, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		kind, identity, err := readHello(bytes.NewReader(data), 1<<10)
		if err == nil && len(identity) > 255 {
			t.Errorf("%s of %d bytes", kind, len(identity))
		}
	})
}

// For a message that is too large its beginning is returned, and the next message completely, if the peer may be
// answered.
func TestOversized(t *testing.T) {
	small, large := Message{
		[]byte("a"),
		[]byte("b"),
	}, Message{
		[]byte("head"),
		bytes.Repeat([]byte("x"), 2000),
		[]byte("tail"),
	}
	r := bytes.NewReader(append(large.bytes(), small.bytes()...))
	o := Options{Largest: 1000, Frames: 8}
	m, oversized, err := readMessage(r, o, func() int { return 5000 }, nil, nil)
	if err != nil || oversized != 2000 || len(m) != 1 || string(m[0]) != "head" {
		t.Fatalf("%q, %d, %v", m, oversized, err)
	}
	if m, oversized, err = readMessage(
		r,
		o,
		func() int { return 5000 },
		nil,
		nil,
	); err != nil || oversized != 0 || len(m) != 2 ||
		string(m[1]) != "b" {
		t.Fatalf("%q, %d, %v", m, oversized, err)
	}
	for _, skip := range []int{0, 1999} {
		if _, _, err := readMessage(
			bytes.NewReader(large.bytes()),
			o,
			func() int { return skip },
			nil,
			nil,
		); !errors.Is(
			err,
			ErrTooLarge,
		) {
			t.Errorf("with %d bytes to be read over: %v", skip, err)
		}
	}
}
