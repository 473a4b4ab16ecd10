package report

import (
	"image/color"
	"strconv"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

// cell is one character of a terminal with its colours; black is what a terminal has without any.
type cell struct {
	text       string
	ink, paper color.RGBA
}

// screen emulates what a terminal shows of text. It fails the test at anything except newlines and the colours that
// Text sends, and if a line does not reset its colours.
func screen(t *testing.T, text string) [][]cell {
	t.Helper()
	var rows [][]cell
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		var row []cell
		var ink, paper color.RGBA
		for line != "" {
			if strings.HasPrefix(line, "\x1b[") {
				end := strings.IndexByte(line, 'm')
				if end < 0 {
					t.Fatalf("an escape sequence that is no colour: %q", line)
				}
				codes := strings.Split(line[2:end], ";")
				switch {
				case len(codes) == 1 && codes[0] == "0":
					ink, paper = color.RGBA{}, color.RGBA{}
				case codes[0] == "38":
					ink = colorOf(t, codes[1:])
				case codes[0] == "48":
					paper = colorOf(t, codes[1:])
				default:
					t.Fatalf("an escape sequence that is no colour: %q", line[:end+1])
				}
				line = line[end+1:]
				continue
			}
			cluster, rest, width, _ := uniseg.FirstGraphemeClusterInString(line, -1)
			if cluster[0] < ' ' || cluster[0] == 0x7f {
				t.Fatalf("control character in %q", line)
			}
			row = append(row, cell{cluster, ink, paper})
			for range width - 1 {
				row = append(row, cell{"", ink, paper})
			}
			line = rest
		}
		if ink.A != 0 || paper.A != 0 {
			t.Fatal("a line leaves its colours on")
		}
		rows = append(rows, row)
	}
	return rows
}

// colorOf reads 2;r;g;b or 5;index of xterm's palette.
func colorOf(t *testing.T, codes []string) color.RGBA {
	t.Helper()
	var n []int
	for _, c := range codes {
		v, err := strconv.Atoi(c)
		if err != nil || v < 0 || v > 255 {
			t.Fatalf("colour %v", codes)
		}
		n = append(n, v)
	}
	switch {
	case len(n) == 4 && n[0] == 2:
		return color.RGBA{uint8(n[1]), uint8(n[2]), uint8(n[3]), 255}
	case len(n) == 2 && n[0] == 5 && n[1] >= 232:
		v := uint8(8 + 10*(n[1]-232))
		return color.RGBA{v, v, v, 255}
	case len(n) == 2 && n[0] == 5 && n[1] >= 16:
		levels := []uint8{0, 95, 135, 175, 215, 255} // xterm's 256colres.pl
		i := n[1] - 16
		return color.RGBA{levels[i/36], levels[i/6%6], levels[i%6], 255}
	}
	t.Fatalf("colour %v", codes)
	return color.RGBA{}
}
