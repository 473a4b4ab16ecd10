package repl

import (
	"os"
	"sync"

	"github.com/chzyer/readline"
)

// presses reads the keys of a terminal while an item runs. The terminal is raw until close.
type presses struct {
	pressed chan string // keys as in decoder.out; closed at the end of the input
	fd      int
	saved   *readline.State
	source  *source
	closing chan struct{}
	reading sync.WaitGroup
}

func openKeys(in *os.File) (*presses, error) {
	s, err := newSource(in)
	if err != nil {
		return nil, err
	}
	fd := int(in.Fd())
	saved, err := readline.MakeRaw(fd)
	if err != nil {
		s.close()
		return nil, err
	}
	p := &presses{pressed: make(chan string), fd: fd, saved: saved, source: s, closing: make(chan struct{})}
	p.reading.Go(p.read)
	return p, nil
}

// read passes keys on until close or the end of the input.
func (p *presses) read() {
	defer close(p.pressed)
	var d decoder
	chunk := make([]byte, 256)
	for {
		n, err := p.source.read(chunk)
		if err != nil {
			return
		}
		d.feed(chunk[:n])
		keys := string(d.out)
		d.out, d.pastes = nil, nil
		select {
		case p.pressed <- keys:
		case <-p.closing:
			return
		}
	}
}

// close makes the terminal what it was.
func (p *presses) close() {
	close(p.closing)
	p.source.wake()
	p.reading.Wait()
	_ = readline.Restore(p.fd, p.saved) // a terminal that is gone needs no restoring
	p.source.close()
}
