package figure

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"strconv"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// pdf is a canvas that writes PDF with fonts for all of Unicode; gonum's own knows Western letters only, and writes the
// date into the file. Lengths are points from the lower left corner, as in PDF itself.
type pdf struct {
	doc           *fpdf.Fpdf
	width, height vg.Length
	line          []vg.Length // width of strokes by depth of Push
	images        int
}

// newPDF returns a canvas of a figure's size.
func newPDF(f Figure) vg.CanvasWriterTo {
	width, height := f.Style.size()
	doc := fpdf.NewCustom(&fpdf.InitType{
		UnitStr: "pt",
		Size:    fpdf.SizeType{Wd: width.Points(), Ht: height.Points()},
	})
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	doc.SetCatalogSort(true)
	noDate := time.Unix(0, 0).UTC() // the same figure is the same file
	doc.SetCreationDate(noDate)
	doc.SetModificationDate(noDate)
	doc.SetTitle(f.Title, true)
	doc.AddPage()
	doc.TransformBegin()
	c := &pdf{doc: doc, width: width, height: height, line: []vg.Length{0}}
	vg.Initialize(c)
	return c
}

// Size returns width and height.
func (c *pdf) Size() (width, height vg.Length) { return c.width, c.height }

// SetLineWidth sets the width of strokes.
func (c *pdf) SetLineWidth(w vg.Length) {
	c.line[len(c.line)-1] = w
	c.doc.SetLineWidth(w.Points())
}

// SetLineDash sets the dashes of strokes.
func (c *pdf) SetLineDash(pattern []vg.Length, offset vg.Length) {
	lengths := make([]float64, len(pattern))
	for i, l := range pattern {
		lengths[i] = l.Points()
	}
	c.doc.SetDashPattern(lengths, offset.Points())
}

// SetColor sets the color of strokes, areas and texts.
func (c *pdf) SetColor(ink color.Color) {
	if ink == nil {
		ink = color.Black
	}
	n := color.NRGBAModel.Convert(ink).(color.NRGBA)
	r, g, b := int(n.R), int(n.G), int(n.B)
	c.doc.SetFillColor(r, g, b)
	c.doc.SetDrawColor(r, g, b)
	c.doc.SetTextColor(r, g, b)
	c.doc.SetAlpha(float64(n.A)/255, "Normal")
}

// Rotate turns what is drawn next, in radians.
func (c *pdf) Rotate(angle float64) {
	sin, cos := math.Sincos(angle)
	c.doc.Transform(fpdf.TransformMatrix{A: cos, B: sin, C: -sin, D: cos})
}

// Translate moves what is drawn next.
func (c *pdf) Translate(by vg.Point) {
	c.doc.Transform(fpdf.TransformMatrix{A: 1, D: 1, E: by.X.Points(), F: by.Y.Points()})
}

// Scale stretches what is drawn next.
func (c *pdf) Scale(x, y float64) { c.doc.Transform(fpdf.TransformMatrix{A: x, D: y}) }

// Push keeps the state of the canvas until Pop.
func (c *pdf) Push() {
	c.line = append(c.line, c.line[len(c.line)-1])
	c.doc.TransformBegin()
}

// Pop restores the state of the canvas.
func (c *pdf) Pop() {
	c.line = c.line[:len(c.line)-1]
	c.doc.TransformEnd()
}

// Stroke draws a path.
func (c *pdf) Stroke(p vg.Path) {
	if c.line[len(c.line)-1] > 0 {
		c.path(p, "D")
	}
}

// Fill fills a path.
func (c *pdf) Fill(p vg.Path) { c.path(p, "F") }

// at returns a place in the units of the library, which counts downwards.
func (c *pdf) at(p vg.Point) (x, y float64) { return p.X.Points(), (c.height - p.Y).Points() }

func (c *pdf) path(p vg.Path, style string) {
	for _, part := range p {
		x, y := c.at(part.Pos)
		switch part.Type {
		case vg.MoveComp:
			c.doc.MoveTo(x, y)
		case vg.LineComp:
			c.doc.LineTo(x, y)
		case vg.CurveComp:
			first, last := part.Control[0], part.Control[len(part.Control)-1]
			x0, y0 := c.at(first)
			x1, y1 := c.at(last)
			c.doc.CurveBezierCubicTo(x0, y0, x1, y1, x, y)
		case vg.ArcComp:
			c.arc(part)
		case vg.CloseComp:
			c.doc.ClosePath()
		}
	}
	c.doc.DrawPath(style)
}

// arc continues a path along a circle, by one cubic curve for each eighth of it or less: they are within 5e-6 of the
// radius.
func (c *pdf) arc(a vg.PathComp) {
	point := func(angle, out float64) vg.Point { // out moves it along the tangent
		sin, cos := math.Sincos(angle)
		r := a.Radius
		return vg.Point{X: a.Pos.X + r*vg.Length(cos-out*sin), Y: a.Pos.Y + r*vg.Length(sin+out*cos)}
	}
	c.doc.LineTo(c.at(point(a.Start, 0)))
	n := max(1, int(math.Ceil(math.Abs(a.Angle)/(math.Pi/4))))
	step := a.Angle / float64(n)
	out := 4. / 3 * math.Tan(step/4)
	for i := range n {
		from := a.Start + float64(i)*step
		x0, y0 := c.at(point(from, out))
		x1, y1 := c.at(point(from+step, -out))
		x, y := c.at(point(from+step, 0))
		c.doc.CurveBezierCubicTo(x0, y0, x1, y1, x, y)
	}
}

// beyondBMP are characters that the library cannot write.
const beyondBMP = 0x10000

// FillString writes a text in one font.
func (c *pdf) FillString(f font.Face, at vg.Point, text string) {
	var raw bytes.Buffer
	if _, err := f.Face.WriteSourceTo(nil, &raw); err != nil {
		c.doc.SetError(err)
		return
	}
	c.doc.AddUTF8FontFromBytes(f.Name(), "", raw.Bytes()) // nothing the second time
	c.doc.SetFont(f.Name(), "", f.Font.Size.Points())
	var known []rune
	for _, r := range text {
		if r >= beyondBMP {
			r = lacking
		}
		known = append(known, r)
	}
	x, y := c.at(at)
	c.doc.Text(x, y, string(known))
}

// DrawImage draws a picture.
func (c *pdf) DrawImage(rect vg.Rectangle, img image.Image) {
	var data bytes.Buffer
	if err := png.Encode(&data, img); err != nil {
		c.doc.SetError(err)
		return
	}
	c.images++
	name, options := "image "+strconv.Itoa(c.images), fpdf.ImageOptions{ImageType: "png"}
	c.doc.RegisterImageOptionsReader(name, options, &data)
	x, y := c.at(vg.Point{X: rect.Min.X, Y: rect.Max.Y})
	size := rect.Size()
	c.doc.ImageOptions(name, x, y, size.X.Points(), size.Y.Points(), false, options, 0, "")
}

// WriteTo writes the document. Nothing can be drawn afterwards.
func (c *pdf) WriteTo(w io.Writer) (int64, error) {
	c.doc.TransformEnd()
	counted := &counter{w: w}
	err := c.doc.Output(counted)
	return counted.n, err
}

// counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(data []byte) (int, error) {
	n, err := c.w.Write(data)
	c.n += int64(n)
	return n, err
}
