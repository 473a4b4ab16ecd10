package report

import (
	"os"
	"strings"

	"golang.org/x/term"
)

// Style describes what a terminal can show. The zero Style is for files and pipes: plain text without line wrapping.
type Style struct {
	Width  int // columns; 0 for no limit. Widths from 1 to 19 count as 20.
	Height int // rows, which limit pictures; 0 if unknown
	Color  Color
}

// Color is the number of colours of a terminal.
type Color int

// Values of Color.
const (
	NoColor   Color = iota
	Color256        // the palette of xterm
	TrueColor       // 24 bits
)

// defaultWidth is the width of a terminal of unknown width, and of figures if lines have no limit.
const defaultWidth = 80

// StyleFor returns the style of f, which is plain text if f is not a terminal. environ is [os.Getenv]. There are no
// colours if NO_COLOR is set (no-color.org) or TERM is dumb or empty.
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

// width returns the width of figures.
func (s Style) width() int {
	switch {
	case s.Width <= 0:
		return defaultWidth
	case s.Width < 20:
		return 20
	}
	return s.Width
}

// lines returns the maximum height of a block of pictures, so that the input and the numbers below stay on the screen.
func (s Style) lines() int {
	if s.Height <= 0 {
		return maxLines
	}
	return min(maxLines, max(s.Height-12, s.Height/2))
}

// limit returns the maximum length of a line; 0 if unlimited.
func (s Style) limit() int {
	if s.Width <= 0 {
		return 0
	}
	return s.width()
}
