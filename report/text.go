package report

import (
	"strings"

	"smoothlab/internal/textwidth"
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
	if limit <= 0 || textwidth.Of(line) <= limit {
		return []string{line}
	}
	rest := strings.TrimLeft(line, " ")
	indent := line[:min(len(line)-len(rest), limit/2)]
	room := limit - len(indent)
	var parts []string
	for {
		fits := len(textwidth.Prefix(rest, room)) // measuring the whole rest would take quadratic time on long lines
		if fits == len(rest) {
			break
		}
		at := breakAt(rest, max(fits, len(textwidth.First(rest))))
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
