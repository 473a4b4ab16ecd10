package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgtex"
)

// pgf is gonum's canvas for LaTeX, with lengths that TeX can read: it knows no exponents, so lengths are rounded to a
// thousandth of a point.
type pgf struct{ *vgtex.Canvas }

// newPGF returns a canvas of a figure's size.
func newPGF(f Figure) vg.CanvasWriterTo {
	width, height := f.Style.size()
	return pgf{vgtex.New(width, height)}
}

// Stroke draws a path.
func (c pgf) Stroke(p vg.Path) { c.Canvas.Stroke(readable(p)) }

// Fill fills a path.
func (c pgf) Fill(p vg.Path) { c.Canvas.Fill(readable(p)) }

// Rotate turns what is drawn next, in radians.
func (c pgf) Rotate(angle float64) { c.Canvas.Rotate(math.Round(angle*1e6) / 1e6) }

// Translate moves what is drawn next.
func (c pgf) Translate(by vg.Point) { c.Canvas.Translate(roundedPoint(by)) }

// FillString writes LaTeX at a place. The library puts the middle of a text there, by a width that a command does not
// have.
func (c pgf) FillString(f font.Face, at vg.Point, command string) {
	f.Font.Size = rounded(f.Font.Size)
	half := 0.5 * f.Width(command)
	at = roundedPoint(at)
	at.X -= half // the library adds it again
	c.Canvas.FillString(f, at, command)
}

// SetColor sets the color of strokes, areas and texts. The library takes the color already weakened by its opacity,
// which LaTeX would weaken again.
func (c pgf) SetColor(ink color.Color) {
	if ink == nil {
		ink = color.Black
	}
	c.Canvas.SetColor(straight(color.NRGBAModel.Convert(ink).(color.NRGBA)))
}

// straight is a color whose red, green and blue are not multiplied by its opacity.
type straight color.NRGBA

// RGBA returns the four values.
func (s straight) RGBA() (r, g, b, a uint32) {
	const of16 = 0x101
	return uint32(s.R) * of16, uint32(s.G) * of16, uint32(s.B) * of16, uint32(s.A) * of16
}

// readable returns a path with rounded lengths.
func readable(p vg.Path) vg.Path {
	path := make(vg.Path, len(p))
	for i, part := range p {
		part.Pos, part.Radius = roundedPoint(part.Pos), rounded(part.Radius)
		controls := make([]vg.Point, len(part.Control))
		for k, at := range part.Control {
			controls[k] = roundedPoint(at)
		}
		part.Control = controls
		path[i] = part
	}
	return path
}

func roundedPoint(p vg.Point) vg.Point { return vg.Point{X: rounded(p.X), Y: rounded(p.Y)} }

func rounded(l vg.Length) vg.Length { return vg.Length(math.Round(float64(l)*1000)/1000) + 0 }
