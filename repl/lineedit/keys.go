package lineedit

import (
	"os"
	"sync"

	"github.com/chzyer/readline"

	"smoothlab/internal/wakeable"
)

// Keys of a terminal that are not characters, as [Keys] reports them.
const (
	KeyUp        = keyUp
	KeyDown      = keyDown
	KeyRight     = readline.CharForward
	KeyLeft      = readline.CharBackward
	KeyPageUp    = keyOlder
	KeyPageDown  = keyNewer
	KeyHome      = readline.CharLineStart
	KeyEnd       = readline.CharLineEnd
	KeyEnter     = readline.CharEnter
	KeyNewline   = readline.CharCtrlJ
	KeyInterrupt = readline.CharInterrupt // Ctrl-C
	KeyEOF       = readline.CharDelete    // Ctrl-D
)

// Keys reads single keys of a terminal while no item is typed. The terminal is raw until Close.
type Keys struct {
	pressed chan string // keys as in decoder.out
	fd      int
	saved   *readline.State
	source  *wakeable.Reader
	closing chan struct{}
	reading sync.WaitGroup
}

// OpenKeys makes a terminal raw and reads its keys.
func OpenKeys(in *os.File) (*Keys, error) {
	s, err := wakeable.New(in)
	if err != nil {
		return nil, err
	}
	fd := int(in.Fd())
	saved, err := readline.MakeRaw(fd)
	if err != nil {
		s.Close()
		return nil, err
	}
	k := &Keys{pressed: make(chan string), fd: fd, saved: saved, source: s, closing: make(chan struct{})}
	k.reading.Go(k.read)
	return k, nil
}

// read passes keys on until Close or the end of the input.
func (k *Keys) read() {
	defer close(k.pressed)
	var d decoder
	chunk := make([]byte, 256)
	for {
		n, err := k.source.Read(chunk)
		if err != nil {
			return
		}
		d.feed(chunk[:n])
		keys := string(d.out)
		d.out, d.pastes = nil, nil
		select {
		case k.pressed <- keys:
		case <-k.closing:
			return
		}
	}
}

// Pressed returns the channel of keys, several at once if they came at once. It is closed at the end of the input.
func (k *Keys) Pressed() <-chan string { return k.pressed }

// Close restores the modes of the terminal.
func (k *Keys) Close() {
	close(k.closing)
	k.source.Wake()
	k.reading.Wait()
	_ = readline.Restore(k.fd, k.saved) // a terminal that is gone needs no restoring
	k.source.Close()
}
