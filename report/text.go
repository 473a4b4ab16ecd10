package report

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Text is how r looks in a terminal. It ends with a newline unless it is empty. Nothing in it but the style's own
// colours acts on the terminal, and no line is wider than the style's width.
func Text(r Report, s Style) string {
	var b strings.Builder
	for _, block := range r.Blocks() {
		switch block := block.(type) {
		case Line:
			writeLines(&b, string(block), s)
		case Table:
			writeTable(&b, block, s)
		case Pictures:
			writePictures(&b, block, s)
		case Curves:
			writeCurves(&b, block, s)
		}
	}
	return b.String()
}

// writeLines writes text, wrapped between words.
func writeLines(b *strings.Builder, text string, s Style) {
	for line := range strings.SplitSeq(strings.TrimSuffix(clean(text, true), "\n"), "\n") {
		for _, part := range wrap(line, s.limit()) {
			b.WriteString(part + "\n")
		}
	}
}

// wrap cuts a line into parts that fit, between words where it can; they keep the line's indentation. A limit of 0 is
// none.
func wrap(line string, limit int) []string {
	line = strings.TrimRight(line, " ")
	if limit <= 0 || cells(line) <= limit {
		return []string{line}
	}
	rest := strings.TrimLeft(line, " ")
	indent := line[:min(len(line)-len(rest), limit/2)]
	room := limit - len(indent)
	var parts []string
	for {
		fits := len(prefix(rest, room)) // a look at the whole rest would make long lines quadratic
		if fits == len(rest) {
			break
		}
		at := breakAt(rest, max(fits, len(first(rest))))
		parts = append(parts, indent+strings.TrimRight(rest[:at], " "))
		rest = strings.TrimLeft(rest[at:], " ")
	}
	if rest != "" {
		parts = append(parts, indent+rest)
	}
	return parts
}

// breakAt is where a line of at most so many bytes ends: between two facts, if that leaves it more than half full, else
// between words, else anywhere.
func breakAt(s string, most int) int {
	end := most
	if most < len(s) && s[most] != ' ' {
		space := strings.LastIndexByte(s[:most], ' ')
		if space <= 0 {
			return most
		}
		end = space
	}
	if dot := strings.LastIndex(s[:end], " · "); dot > most/2 {
		return dot + len(" ·")
	}
	return end
}

// cells is the width of clean text in a terminal.
func cells(s string) int { return uniseg.StringWidth(s) }

// first is the first character as a reader counts them.
func first(s string) string {
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	return cluster
}

// prefix is the longest beginning of s that fits.
func prefix(s string, room int) string {
	end, state := 0, -1
	for rest := s; rest != ""; {
		var cluster string
		var width int
		cluster, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if room -= width; room < 0 {
			break
		}
		end += len(cluster)
	}
	return s[:end]
}

// cut shortens s to fit, and says so with an ellipsis.
func cut(s string, room int) string {
	if cells(s) <= room {
		return s
	}
	if room <= 1 {
		return "…"
	}
	return prefix(s, room-1) + "…"
}

// pad fills s up to width cells, on its left if right is set: numbers stand right.
func pad(s string, width int, right bool) string {
	space := strings.Repeat(" ", max(0, width-cells(s)))
	if right {
		return space + s
	}
	return s + space
}
