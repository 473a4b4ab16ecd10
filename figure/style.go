package figure

import (
	"fmt"
	"image/color"
	"slices"
	"strings"

	"smoothlab/internal/suggest"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Style is how a figure looks. The zero Style is for a screen.
type Style struct {
	Width    float64 `json:"width"`     // inches; 0 for 5
	Height   float64 `json:"height"`    // inches; 0 for three quarters of the width
	DPI      int     `json:"dpi"`       // dots per inch of a PNG; 0 for 96
	Font     string  `json:"font"`      // "serif", "sans" or "mono"; "" for serif. PGF has the font of its document
	FontSize float64 `json:"font_size"` // points; 0 for 12
	Dashes   bool    `json:"dashes"`    // each line has its own dashes
	Markers  bool    `json:"markers"`   // each line has its own markers
	Gray     bool    `json:"gray"`      // black and grays instead of colors; lines then have dashes
	Legend   string  `json:"legend"`    // a place of Legends; "" for a corner that the lines leave free
	NoGrid   bool    `json:"no_grid"`   // leave the grid out
	Theme    string  `json:"theme"`     // "light" or "dark"; "" for light

	page bool // the colors of the page that it is part of
}

// Legends lists the places of a legend.
func Legends() []string {
	return []string{"top right", "top left", "bottom right", "bottom left", "outside", "none"}
}

// Fonts lists the fonts.
func Fonts() []string { return []string{"serif", "sans", "mono"} }

// Themes lists the themes.
func Themes() []string { return []string{"light", "dark"} }

// Limits of a style.
const (
	maxInches = 100
	maxDPI    = 2400
	maxPixels = 100e6
)

// Check returns an error if a figure cannot be drawn in the style.
func (s Style) Check() error {
	width, height := s.size()
	switch {
	case !(s.Width >= 0 && s.Width <= maxInches && s.Height >= 0 && s.Height <= maxInches) ||
		min(width, height) < 0.5*vg.Inch:
		return fmt.Errorf(
			"a figure must be from 0.5 to %d inches wide and high, got %.3g × %.3g inches",
			maxInches, s.Width, s.Height,
		)
	case s.DPI < 0 || s.DPI > maxDPI:
		return fmt.Errorf("dpi, the dots per inch of a PNG, must be from 1 to %d (300 is usual in print), got %d", maxDPI, s.DPI)
	case s.pixels() > maxPixels:
		return fmt.Errorf("%.3g × %.3g inches at %d dpi are too many pixels: give a smaller size or dpi",
			width/vg.Inch, height/vg.Inch, s.DPI)
	case !(s.FontSize >= 0 && s.FontSize <= 100) || s.FontSize > 0 && s.FontSize < 2:
		return fmt.Errorf("the font size, in points, must be from 2 to 100, got %g", s.FontSize)
	}
	for _, choice := range []struct {
		noun, value string
		list        []string
	}{{"font", s.Font, Fonts()}, {"legend", s.Legend, Legends()}, {"theme", s.Theme, Themes()}} {
		if choice.value != "" && !slices.Contains(choice.list, choice.value) {
			return fmt.Errorf("%s", suggest.Sentence(choice.noun, choice.value, choice.list))
		}
	}
	return nil
}

// size returns width and height.
func (s Style) size() (width, height vg.Length) {
	width, height = 5*vg.Inch, 3.75*vg.Inch
	if s.Width > 0 {
		width, height = vg.Length(s.Width)*vg.Inch, vg.Length(0.75*s.Width)*vg.Inch
	}
	if s.Height > 0 {
		height = vg.Length(s.Height) * vg.Inch
	}
	return width, height
}

func (s Style) dpi() int {
	if s.DPI == 0 {
		return 96
	}
	return s.DPI
}

func (s Style) pixels() float64 {
	width, height := s.size()
	return width.Dots(float64(s.dpi())) * height.Dots(float64(s.dpi()))
}

func (s Style) fontSize() vg.Length {
	if s.FontSize == 0 {
		return 12
	}
	return vg.Length(s.FontSize)
}

// variant returns the font's name among the Liberation fonts.
func (s Style) variant() string {
	switch s.Font {
	case "sans":
		return "Sans"
	case "mono":
		return "Mono"
	}
	return "Serif"
}

// colors are distinguishable with any colour vision (Okabe and Ito 2008). After the last they repeat.
var colors = [...]color.RGBA{
	{0, 114, 178, 255},
	{213, 94, 0, 255},
	{0, 158, 115, 255},
	{204, 121, 167, 255},
	{230, 159, 0, 255},
	{86, 180, 233, 255},
	{0, 0, 0, 255},
}

// Color returns the color of the i-th line.
func Color(i int) color.RGBA { return colors[i%len(colors)] }

// inks are the colors of what is not a line.
type inks struct{ text, back, grid color.Color }

func (s Style) inks() inks {
	if s.page {
		return inks{color.RGBA{1, 2, 3, 255}, color.RGBA{254, 253, 252, 255}, color.RGBA{131, 132, 133, 255}}
	}
	if s.Theme == "dark" {
		return inks{color.RGBA{224, 224, 224, 255}, color.RGBA{17, 17, 17, 255}, color.RGBA{80, 80, 80, 255}}
	}
	return inks{color.Black, color.White, color.Gray{190}}
}

// color returns the color of the i-th line: on a dark page the darkest ones are lighter.
func (s Style) color(i int) color.Color {
	switch {
	case s.Gray:
		text := color.NRGBAModel.Convert(s.inks().text).(color.NRGBA)
		text.A = [...]uint8{255, 150}[i/len(dashes)%2]
		return text
	case i%len(colors) == len(colors)-1:
		return s.inks().text
	case s.Theme == "dark" && i%len(colors) == 0:
		return color.RGBA{60, 160, 225, 255}
	}
	return Color(i)
}

// dashes lists the dashes of lines, in points; after the last they repeat.
var dashes = [...][]vg.Length{
	nil,
	{6, 2.5},
	{1.5, 1.5},
	{7, 2, 1.5, 2},
	{11, 3},
	{7, 2, 1.5, 2, 1.5, 2},
	{3, 3},
}

// dashes returns the dashes of the i-th line. Without the wish for dashes, lines get them once the colors repeat.
func (s Style) dashes(i int) []vg.Length {
	if s.Dashes || s.Gray {
		return dashes[i%len(dashes)]
	}
	return dashes[i/len(colors)%len(dashes)]
}

// shapes lists the markers of lines; after the last they repeat.
var shapes = [...]draw.GlyphDrawer{
	draw.CircleGlyph{},
	draw.BoxGlyph{},
	draw.PyramidGlyph{},
	draw.CrossGlyph{},
	draw.RingGlyph{},
	draw.SquareGlyph{},
	draw.TriangleGlyph{},
	draw.PlusGlyph{},
}

// glyph returns the marker of the i-th line.
func (s Style) glyph(i int) draw.GlyphStyle {
	radius := 0.22 * s.fontSize()
	return draw.GlyphStyle{Color: s.color(i), Radius: radius, Shape: shapes[i%len(shapes)]}
}

// trimmed returns a format or an ending without its dot, in small letters.
func trimmed(ending string) string { return strings.TrimPrefix(strings.ToLower(ending), ".") }
