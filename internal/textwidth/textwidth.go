// Package textwidth measures, shortens and pads text by the cells that it takes in a terminal: most characters take
// one, those of East Asian scripts and emoji two, combining marks none.
package textwidth

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Of returns the number of cells that text without control characters takes.
func Of(s string) int { return uniseg.StringWidth(s) }

// First returns the first grapheme cluster, "" of an empty text.
func First(s string) string {
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	return cluster
}

// Prefix returns the longest beginning of s that takes at most width cells.
func Prefix(s string, width int) string {
	end, state := 0, -1
	for rest := s; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if width -= w; width < 0 {
			break
		}
		end += len(cluster)
	}
	return s[:end]
}

// Cut shortens s to at most width cells, an ellipsis included.
func Cut(s string, width int) string {
	if Of(s) <= width {
		return s
	}
	if width <= 1 {
		return "…"
	}
	return Prefix(s, width-1) + "…"
}

// Left aligns s to the left in width cells.
func Left(s string, width int) string { return s + space(s, width) }

// Right aligns s to the right in width cells, as numbers are.
func Right(s string, width int) string { return space(s, width) + s }

func space(s string, width int) string { return strings.Repeat(" ", max(0, width-Of(s))) }
