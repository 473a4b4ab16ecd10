package bounded

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"smoothlab/internal/humanize"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Limits of what Brief shows of a value.
const (
	shownElements = 1000
	shownText     = 10_000
	shownDepth    = 50
)

// Brief formats a value for display: in full if it is short, else its beginning and the size of the rest.
func Brief(v starlark.Value) string {
	b := &brief{elements: shownElements, text: shownText}
	b.value(v, 0)
	return b.b.String()
}

// InError formats a value for an error message.
func InError(v starlark.Value) string {
	b := &brief{elements: 30, text: 200}
	b.value(v, 0)
	return Cut(b.b.String(), 58)
}

// Cut shortens a text to n characters, with an ellipsis as the last.
func Cut(s string, characters int) string {
	n, last := 0, 0
	for at := range s {
		if n == characters-1 {
			last = at
		}
		if n++; n > characters {
			return s[:last] + "…"
		}
	}
	return s
}

// brief writes the beginning of a value.
type brief struct {
	b        strings.Builder
	elements int // of each list
	text     int // bytes of all
}

func (b *brief) full() bool { return b.b.Len() >= b.text }

func (b *brief) value(v starlark.Value, depth int) {
	switch v := v.(type) {
	case starlark.String:
		b.string(string(v))
	case starlark.Bytes:
		if len(v) > b.text {
			b.b.WriteString(v[:b.text].String() + more(len(v)-b.text, "bytes"))
			return
		}
		b.b.WriteString(v.String())
	case *starlark.List, starlark.Tuple, *starlark.Dict, *starlark.Set:
		b.nested(v, depth)
	default:
		b.b.WriteString(v.String())
	}
}

func (b *brief) string(s string) {
	room := max(b.text-b.b.Len(), 0)
	if len(s) <= room {
		b.b.WriteString(syntax.Quote(s, false))
		return
	}
	for room > 0 && !utf8.RuneStart(s[room]) {
		room--
	}
	b.b.WriteString(syntax.Quote(s[:room], false) + more(len(s)-room, "bytes"))
}

func (b *brief) nested(v starlark.Value, depth int) {
	begin, end, n := brackets(v)
	if depth >= shownDepth {
		b.b.WriteString(begin + "…" + end)
		return
	}
	b.b.WriteString(begin)
	i := 0
	for key, value := range parts(v) {
		if i > 0 {
			b.b.WriteString(", ")
		}
		if i >= b.elements || b.full() {
			b.b.WriteString("… " + humanize.Grouped(n-i) + " more")
			break
		}
		if key != nil {
			b.value(key, depth+1)
			b.b.WriteString(": ")
		}
		b.value(value, depth+1)
		i++
	}
	if _, isTuple := v.(starlark.Tuple); isTuple && n == 1 {
		end = "," + end
	}
	b.b.WriteString(end)
}

func more(n int, what string) string { return fmt.Sprintf("… %s more %s", humanize.Grouped(n), what) }
