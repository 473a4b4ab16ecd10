package kernel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/lockfile"
	"smoothlab/kernel/wire"
)

const (
	historyLimit = 10_000
	historySlack = 1_000    // avoids rewriting the file at each start
	historyItem  = 64 << 10 // bytes; a longer cell is remembered, but not written
	historyLock  = time.Second
)

// entry is a cell that was run.
type entry struct {
	Session int    `json:"session"`
	Line    int    `json:"line"` // execution count; 0 marks the beginning of a session
	Input   string `json:"input,omitempty"`
}

// history holds the cells of this session and of earlier ones, oldest first. The file has one cell per line, as JSON.
// Several kernels may write it.
type history struct {
	path    string // empty if there is no file
	session int

	mu      sync.Mutex
	entries []entry
}

// openHistory reads the file and begins a session. An error means that cells will not be saved to the file.
func openHistory(path string) (*history, error) {
	h := &history{path: path, session: 1}
	if path == "" {
		return h, nil
	}
	if err := h.load(); err != nil {
		h.path = ""
		return h, err
	}
	return h, nil
}

func (h *history) load() error {
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), historyLock)
	defer stop()
	unlock, err := lockfile.Wait(ctx, h.path) // two kernels that start together are two sessions
	if err != nil {
		return err
	}
	defer unlock()
	data, err := atomicfile.Read(h.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for line := range bytes.Lines(data) {
		var e entry
		if json.Unmarshal(line, &e) != nil { // a partly written line
			continue
		}
		h.session = max(h.session, e.Session+1)
		if e.Line > 0 {
			h.entries = append(h.entries, e)
		}
	}
	if len(h.entries) > historyLimit+historySlack {
		h.entries = h.entries[len(h.entries)-historyLimit:]
		var b bytes.Buffer
		for _, e := range h.entries {
			b.Write(e.line())
		}
		if err := atomicfile.WriteFrom(h.path, &b, 0o600); err != nil {
			return err
		}
	}
	return h.write(entry{Session: h.session})
}

func (e entry) line() []byte {
	data, err := json.Marshal(e)
	if err != nil {
		panic(err) // cannot happen: numbers and a string
	}
	return append(data, '\n')
}

func (h *history) write(e entry) error { return atomicfile.AppendLine(h.path, e.line(), 0o600) }

// add records a cell. It returns a write error once; after it, cells are kept in memory only.
func (h *history) add(line int, input string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if strings.TrimSpace(input) == "" {
		return nil
	}
	e := entry{h.session, line, input}
	h.entries = append(h.entries, e)
	if len(h.entries) > historyLimit+historySlack {
		h.entries = slices.Clone(h.entries[historySlack:])
	}
	if h.path == "" || len(input) > historyItem {
		return nil
	}
	err := h.write(e)
	if err != nil {
		h.path = ""
	}
	return err
}

// find returns the entries that a history_request selects.
func (h *history) find(ask historyRequest) []entry {
	h.mu.Lock()
	entries := slices.Clone(h.entries)
	h.mu.Unlock()
	switch ask.Access {
	case "range":
		session := ask.Session
		if session <= 0 {
			session += h.session
		}
		return slices.DeleteFunc(entries, func(e entry) bool {
			return e.Session != session || e.Line < ask.Start || ask.Stop != nil && e.Line >= *ask.Stop
		})
	case "search":
		pattern := glob(ask.Pattern)
		entries = slices.DeleteFunc(entries, func(e entry) bool { return !pattern.MatchString(e.Input) })
		if ask.Unique {
			entries = unique(entries)
		}
	}
	if ask.N > 0 {
		entries = entries[max(0, len(entries)-ask.N):]
	}
	return entries
}

// unique keeps the latest of equal cells.
func unique(entries []entry) []entry {
	seen := map[string]bool{}
	var kept []entry
	for _, e := range slices.Backward(entries) {
		if !seen[e.Input] {
			seen[e.Input] = true
			kept = append(kept, e)
		}
	}
	slices.Reverse(kept)
	return kept
}

// glob compiles a pattern with * and ?. An empty pattern matches everything.
func glob(pattern string) *regexp.Regexp {
	if pattern == "" {
		pattern = "*"
	}
	expr := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile(`(?s)^` + expr + `$`)
}

func (s *server) historyOf(_ *request, content any) (any, *wire.Extra) {
	ask := content.(*historyRequest)
	list := [][]any{}
	for _, e := range s.history.find(*ask) {
		var item any = e.Input
		if ask.Output {
			item = []any{e.Input, nil} // outputs are not kept
		}
		list = append(list, []any{e.Session, e.Line, item})
	}
	return object{"status": "ok", "history": list}, nil
}
