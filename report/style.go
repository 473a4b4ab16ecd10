package report

import (
	"os"
	"strings"

	"golang.org/x/term"
)

// Style is what a terminal can show. The zero Style is that of a file or a pipe: plain text, lines as long as they are.
type Style struct {
	Width  int // columns; 0 for no limit. Widths from 1 to 19 count as 20.
	Height int // rows, which pictures are held to; 0 if unknown
	Color  Color
}

// Color is how many colours there are.
type Color int

// The colours of a Style.
const (
	NoColor   Color = iota
	Color256        // the palette of xterm
	TrueColor       // 24 bits
)

// defaultWidth is that of a terminal that does not tell its width, and of figures where lines have no limit.
const defaultWidth = 80

// StyleFor finds out what f can show: nothing but plain text if it is no terminal. environ is [os.Getenv]. Colours are
// left out where NO_COLOR is set (no-color.org) or TERM is dumb or empty.
func StyleFor(f *os.File, environ func(string) string) Style {
	if !term.IsTerminal(int(f.Fd())) {
		return Style{}
	}
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width, height = defaultWidth, 0
	}
	return Style{Width: width, Height: height, Color: colorFor(environ)}
}

func colorFor(environ func(string) string) Color {
	name := environ("TERM")
	depth := strings.ToLower(environ("COLORTERM"))
	switch {
	case environ("NO_COLOR") != "", name == "", name == "dumb":
		return NoColor
	case depth == "truecolor", depth == "24bit", strings.HasSuffix(name, "-direct"):
		return TrueColor
	case strings.Contains(name, "256color"), depth != "":
		return Color256
	}
	return NoColor
}

// width is the room there is for figures.
func (s Style) width() int {
	switch {
	case s.Width <= 0:
		return defaultWidth
	case s.Width < 20:
		return 20
	}
	return s.Width
}

// lines is the room for a block of pictures: what was typed, and the numbers that follow, stay on the screen.
func (s Style) lines() int {
	if s.Height <= 0 {
		return maxLines
	}
	return min(maxLines, max(s.Height-12, s.Height/2))
}

// limit is the longest line, 0 for none.
func (s Style) limit() int {
	if s.Width <= 0 {
		return 0
	}
	return s.width()
}
