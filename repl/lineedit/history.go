package lineedit

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

// History holds the cells that were run, oldest first, and a position in them. The file has one cell per line, with
// newlines and backslashes escaped. Several processes may write it.
type History struct {
	path  string // "" for none
	items []string

	at     int            // the item that is shown; len(items) is the new one
	drafts map[int]string // shown items as they were edited
}

// OpenHistory reads the file at path, or makes it; "" is a history without a file. An error means that items will not outlive the process; the history can be used.
func OpenHistory(path string) (*History, error) {
	h := &History{path: path}
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

func (h *History) load() error {
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	data, err := atomicfile.Read(h.path)
	if errors.Is(err, fs.ErrNotExist) {
		return h.write(nil) // an error is reported now, and not after the first item
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

// parseHistory returns the complete items.
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
func (h *History) compact() error {
	return h.locked(func() error {
		data, err := atomicfile.Read(h.path)
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

func (h *History) locked(f func() error) error {
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
func (h *History) write(line []byte) error {
	return h.locked(func() error { return atomicfile.AppendLine(h.path, line, 0o600) })
}

// Add remembers an item. An error means that it was not written, and that no further one will be.
func (h *History) Add(item string) error {
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

// rewind goes to the new item and drops the drafts.
func (h *History) rewind() {
	h.at = len(h.items)
	h.drafts = map[int]string{}
}

// move goes n items forward, or back if negative. The text now is kept as the draft of the item that is left.
func (h *History) move(n int, now string) (item string, ok bool) {
	to := h.at + n
	if to < 0 || to > len(h.items) {
		return "", false
	}
	h.drafts[h.at] = now
	h.at = to
	return h.item(to), true
}

func (h *History) item(i int) string {
	if draft, edited := h.drafts[i]; edited {
		return draft
	}
	if i == len(h.items) {
		return ""
	}
	return h.items[i]
}

// search returns the next item that contains query, from an index on in a direction of 1 or -1, or -1 if there is none.
func (h *History) search(query string, from, direction int) int {
	for i := from; i >= 0 && i < len(h.items); i += direction {
		if strings.Contains(h.items[i], query) {
			return i
		}
	}
	return -1
}
