package report

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Text renders r for a terminal. It ends in a newline unless it is empty. It contains no control sequences except the
// style's colours, and no line is wider than the style's width.
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

// wrap splits a line into parts that fit, between words if possible. The parts keep the line's indentation. A limit of
// 0 means unlimited.
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
		fits := len(prefix(rest, room)) // measuring the whole rest would take quadratic time on long lines
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

// breakAt returns where to break a line of at most end bytes: after a " · " in the second half, else between words,
// else anywhere.
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

// cells returns the width of clean text in a terminal.
func cells(s string) int { return uniseg.StringWidth(s) }

// first returns the first grapheme cluster.
func first(s string) string {
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	return cluster
}

// prefix returns the longest prefix of s that fits.
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

// cut shortens s to fit, ending in an ellipsis.
func cut(s string, room int) string {
	if cells(s) <= room {
		return s
	}
	if room <= 1 {
		return "…"
	}
	return prefix(s, room-1) + "…"
}

// pad pads s to width cells, on the left if right is set, to align numbers.
func pad(s string, width int, right bool) string {
	space := strings.Repeat(" ", max(0, width-cells(s)))
	if right {
		return space + s
	}
	return s + space
}
