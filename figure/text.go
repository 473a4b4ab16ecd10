package figure

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"smoothlab/internal/latex"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// fontVariant returns the variant of the Liberation fonts that a style asks for.
func fontVariant(s Style) font.Variant { return font.Variant(s.variant()) }

// hand writes texts with several fonts: a character that the wanted font lacks is taken from another one. What no font
// has becomes a box.
type hand struct{ text.Plain }

func plainHand() text.Handler { return newHand() }

func newHand() hand { return hand{text.Plain{Fonts: font.NewCache(liberation.Collection())}} }

// lacking is drawn in place of characters that no font has.
const lacking = '□'

// run is a part of a text in one font, or a combining mark over the character before it.
type run struct {
	face font.Face
	text string
	mark bool
}

// width returns how far a run moves the next one; a mark does not.
func (r run) width() vg.Length {
	if r.mark {
		return 0
	}
	return r.face.Width(r.text)
}

// runs divides a line of text by the fonts that have its characters.
func (h hand) runs(line string, wanted font.Font) (runs []run) {
	faces := h.faces(wanted)
	for _, r := range line {
		face, found := faceOf(faces, r)
		if !found {
			r = lacking
		}
		mark := unicode.Is(unicode.Mn, r)
		if n := len(runs); n > 0 && runs[n-1].face.Font == face.Font && !mark && !runs[n-1].mark {
			runs[n-1].text += string(r)
			continue
		}
		runs = append(runs, run{face, string(r), mark})
	}
	return runs
}

// faces returns the wanted font and those that replace it, in this order.
func (h hand) faces(wanted font.Font) []font.Face {
	faces := []font.Face{h.Fonts.Lookup(wanted, wanted.Size)}
	for _, variant := range []font.Variant{"Serif", "Sans", "Mono"} {
		other := wanted
		other.Variant = variant
		faces = append(faces, h.Fonts.Lookup(other, wanted.Size))
	}
	return faces
}

// faceOf returns the first font that has a character, or the first one if none has.
func faceOf(faces []font.Face, r rune) (face font.Face, found bool) {
	var buf sfnt.Buffer
	for _, f := range faces {
		if i, err := f.Face.GlyphIndex(&buf, r); err == nil && i != 0 {
			return f, true
		}
	}
	return faces[0], false
}

// Lacking returns the characters of the figure's texts that no font has, each once, in their order; "" if there are
// none. They are drawn as boxes, except in PGF, which leaves them to LaTeX.
func (f Figure) Lacking() string {
	texts := []string{f.Title, f.X.Name, f.Y.Name}
	for _, l := range f.Lines {
		texts = append(texts, l.Name)
	}
	faces := newHand().faces(font.Font{Typeface: "Liberation", Variant: fontVariant(f.Style), Size: f.Style.fontSize()})
	lacks := ""
	for _, r := range strings.Join(texts, "") {
		if _, found := faceOf(faces, r); !found && unicode.IsGraphic(r) && !strings.ContainsRune(lacks, r) {
			lacks += string(r)
		}
	}
	return lacks
}

// over returns how far left of the end of a run a combining mark is drawn: its middle is above the middle of the last
// character.
func (r run) over(mark run) vg.Length {
	last, _ := utf8.DecodeLastRuneInString(r.text)
	var buf sfnt.Buffer
	em := fixed.I(int(mark.face.Face.UnitsPerEm()))
	glyph, err := mark.face.Face.GlyphIndex(&buf, []rune(mark.text)[0])
	if err != nil {
		return 0
	}
	bounds, _, err := mark.face.Face.GlyphBounds(&buf, glyph, em, xfont.HintingNone)
	if err != nil {
		return 0
	}
	middle := mark.face.Font.Size * vg.Length(bounds.Min.X+bounds.Max.X) / 2 / vg.Length(em)
	return r.face.Width(string(last))/2 + middle
}

// Box returns the width, height and depth of a line of text.
func (h hand) Box(line string, wanted font.Font) (width, height, depth vg.Length) {
	_, height, depth = h.Plain.Box("", wanted)
	for _, r := range h.runs(line, wanted) {
		width += r.width()
	}
	return width, height, depth
}

// Draw writes a text of one or more lines.
func (h hand) Draw(c vg.Canvas, txt string, sty text.Style, at vg.Point) {
	h.each(c, txt, sty, at, func(line string, at vg.Point) {
		width, _, _ := h.Box(line, sty.Font)
		at.X += vg.Length(sty.XAlign) * width
		var before run
		for _, r := range h.runs(line, sty.Font) {
			place := at
			if r.mark && before.text != "" {
				place.X -= before.over(r)
			}
			c.FillString(r.face, place, r.text)
			at.X += r.width()
			if !r.mark {
				before = r
			}
		}
	})
}

// each turns the canvas for a text and visits its lines with their places: at the text's anchor horizontally, on the
// baseline vertically.
func (h hand) each(c vg.Canvas, txt string, sty text.Style, at vg.Point, write func(line string, at vg.Point)) {
	txt = strings.TrimRight(txt, "\n")
	if txt == "" {
		return
	}
	c.SetColor(sty.Color)
	if sty.Rotation != 0 {
		c.Push()
		defer c.Pop()
		c.Rotate(sty.Rotation)
	}
	sin64, cos64 := math.Sincos(sty.Rotation)
	sin, cos := vg.Length(sin64), vg.Length(cos64)
	at.X, at.Y = at.Y*sin+at.X*cos, at.Y*cos-at.X*sin
	at.Y += sty.Height(txt)*vg.Length(sty.YAlign) - h.Extents(sty.Font).Ascent
	lines := h.Lines(txt)
	for i, line := range lines {
		write(line, at.Add(vg.Point{Y: vg.Length(len(lines)-i) * sty.Font.Size}))
	}
}

// commands writes texts that LaTeX sets: in the font of the document, whose widths are not known here, so each text is
// anchored at its left end, its middle or its right end.
type commands struct{ hand }

func texHand() text.Handler { return commands{newHand()} }

// Draw writes a text of one or more lines.
func (h commands) Draw(c vg.Canvas, txt string, sty text.Style, at vg.Point) {
	side := "[l]"
	switch {
	case sty.XAlign <= -0.75:
		side = "[r]"
	case sty.XAlign < -0.25:
		side = "" // the middle
	}
	face := h.Fonts.Lookup(sty.Font, sty.Font.Size)
	h.each(c, txt, sty, at, func(line string, at vg.Point) {
		c.FillString(face, at, `\makebox[0pt]`+side+`{`+latex.Escape(line)+`}`)
	})
}
