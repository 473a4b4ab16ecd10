package repl

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/lockfile"
)

const (
	historyLimit = 10_000
	historySlack = 1_000    // so that the file is not rewritten at each start
	historyItem  = 64 << 10 // bytes; a longer item is remembered, but not written
	historyLock  = 500 * time.Millisecond
)

// history holds the cells that were run, oldest first, and a position in them. The file has one cell per line, with
// newlines and backslashes escaped. Several processes may write it.
type history struct {
	path  string // "" for none
	items []string

	at     int            // the item that is shown; len(items) is the new one
	drafts map[int]string // shown items as they were edited
}

// openHistory reads the file. An error means that items will not outlive the process; the history can be used.
func openHistory(path string) (*history, error) {
	h := &history{path: path}
	defer h.rewind()
	if path == "" {
		return h, nil
	}
	err := h.load()
	if err != nil {
		h.path = ""
	}
	return h, err
}

func (h *history) load() error {
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	data, err := os.ReadFile(h.path)
	if errors.Is(err, fs.ErrNotExist) {
		return h.write(nil) // whether it can be written is said now, not after the first item
	} else if err != nil {
		return err
	}
	h.items = parseHistory(data)
	if len(h.items) > historyLimit+historySlack {
		if err := h.compact(); err != nil {
			return err
		}
	}
	h.items = h.items[max(0, len(h.items)-historyLimit):]
	return h.write(nil)
}

// parseHistory reads items as far as they are whole.
func parseHistory(data []byte) []string {
	var items []string
	for line := range bytes.Lines(data) {
		if text, ok := bytes.CutSuffix(line, []byte("\n")); ok && len(text) > 0 && utf8.Valid(text) {
			items = append(items, unescape.Replace(string(text)))
		}
	}
	return items
}

// compact leaves the newest items in the file.
func (h *history) compact() error {
	return h.locked(func() error {
		data, err := os.ReadFile(h.path)
		if err != nil {
			return err
		}
		items := parseHistory(data)
		var b strings.Builder
		for _, item := range items[max(0, len(items)-historyLimit):] {
			b.WriteString(escape.Replace(item) + "\n")
		}
		return atomicfile.WriteFrom(h.path, strings.NewReader(b.String()), 0o600)
	})
}

func (h *history) locked(f func() error) error {
	ctx, cancel := context.WithTimeout(context.Background(), historyLock)
	defer cancel()
	unlock, err := lockfile.Wait(ctx, h.path)
	if err != nil {
		return err
	}
	defer unlock()
	return f()
}

var (
	escape   = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	unescape = strings.NewReplacer(`\\`, `\`, `\n`, "\n")
)

// write appends a line to the file, or checks that it can.
func (h *history) write(line []byte) error {
	return h.locked(func() error { return atomicfile.AppendLine(h.path, line, 0o600) })
}

// add remembers an item. An error means that it was not written, and that no further one will be.
func (h *history) add(item string) error {
	defer h.rewind()
	if item == "" || len(h.items) > 0 && h.items[len(h.items)-1] == item {
		return nil
	}
	h.items = append(h.items, item)
	h.items = h.items[max(0, len(h.items)-historyLimit):]
	if h.path == "" || len(item) > historyItem {
		return nil
	}
	err := h.write([]byte(escape.Replace(item) + "\n"))
	if err != nil {
		h.path = ""
	}
	return err
}

// rewind goes to the new item and forgets what was edited.
func (h *history) rewind() {
	h.at = len(h.items)
	h.drafts = map[int]string{}
}

// move goes n items on (back if negative), leaving now as what is edited here.
func (h *history) move(n int, now string) (item string, ok bool) {
	to := h.at + n
	if to < 0 || to > len(h.items) {
		return "", false
	}
	h.drafts[h.at] = now
	h.at = to
	return h.item(to), true
}

func (h *history) item(i int) string {
	if draft, edited := h.drafts[i]; edited {
		return draft
	}
	if i == len(h.items) {
		return ""
	}
	return h.items[i]
}

// search finds the next item that holds query, from one on in a direction of 1 or -1, -1 if there is none.
func (h *history) search(query string, from, direction int) int {
	for i := from; i >= 0 && i < len(h.items); i += direction {
		if strings.Contains(h.items[i], query) {
			return i
		}
	}
	return -1
}
