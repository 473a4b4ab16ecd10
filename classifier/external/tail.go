package external

import (
	"bytes"
	"sync"
)

// maxTail is the number of bytes of a child's standard error that are kept, the last ones.
const maxTail = 2048

// tail is a writer that keeps the last bytes.
type tail struct {
	mu   sync.Mutex
	last []byte
	cut  bool // whether earlier bytes were dropped
}

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p[max(0, len(p)-maxTail):]...)
	if more := len(t.last) - maxTail; more > 0 || len(p) > maxTail {
		t.last, t.cut = bytes.Clone(t.last[max(0, more):]), true
	}
	return len(p), nil
}

// words returns what was kept, for a message: the last lines, one after the other.
func (t *tail) words() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := t.last
	if t.cut {
		if _, rest, ok := bytes.Cut(text, []byte("\n")); ok {
			text = rest
		}
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	const shown = 6
	if more := len(lines) - shown; more > 0 {
		lines = lines[more:]
	}
	var all []byte
	for i, line := range lines {
		if i > 0 {
			all = append(all, " | "...)
		}
		all = append(all, printable(line)...)
	}
	return string(all)
}
