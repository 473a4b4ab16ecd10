package lineedit

import (
	"errors"
	"io"
	"sync"

	"smoothlab/internal/wakeable"
)

// input is what readline reads: the keys of a terminal, decoded, and those that the program types itself.
type input struct {
	source *wakeable.Reader
	chunk  []byte // buffer of two reads

	mu      sync.Mutex
	decoder decoder
	typed   []byte // by the program
	ended   bool
}

func newInput(s *wakeable.Reader) *input { return &input{source: s, chunk: make([]byte, 2*4096)} }

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
		n, err := in.source.Read(in.chunk[:len(in.chunk)/2])
		if errors.Is(err, wakeable.ErrWoken) {
			continue
		} else if err != nil {
			return 0, err
		}
		// Text that follows Enter or Tab at once shows that it was not typed by hand.
		if last := in.chunk[n-1]; n > 1 && (last == '\r' || last == '\n' || last == '\t') && in.source.Ready(5) {
			if more, err := in.source.Read(in.chunk[n:]); err == nil {
				n += more
			}
		}
		in.mu.Lock()
		in.decoder.feed(in.chunk[:n])
		in.mu.Unlock()
	}
}

// Close implements io.Closer, which readline asks for. It does nothing: end ends the input.
func (in *input) Close() error { return nil }

// end makes Read return io.EOF.
func (in *input) end() {
	in.mu.Lock()
	in.ended = true
	in.mu.Unlock()
	in.source.Wake()
}

// press types a key.
func (in *input) press(key byte) {
	in.mu.Lock()
	in.typed = append(in.typed, key)
	in.mu.Unlock()
	in.source.Wake()
}

// paste returns the text of the next keyPaste.
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
