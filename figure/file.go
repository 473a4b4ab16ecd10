package figure

import (
	"bytes"
	"fmt"
	"html"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/suggest"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// format is a file format: how a canvas is made, what writes texts on it, and what is done to its bytes.
type format struct {
	name   string
	canvas func(Figure) vg.CanvasWriterTo
	hand   func() text.Handler
	finish func([]byte) []byte // may be nil
}

var formats = [...]format{
	{
		name: "svg",
		canvas: func(f Figure) vg.CanvasWriterTo {
			width, height := f.Style.size()
			return vgsvg.New(width, height)
		},
		hand:   plainHand,
		finish: fitted,
	},
	{
		name: "png",
		canvas: func(f Figure) vg.CanvasWriterTo {
			width, height := f.Style.size()
			return vgimg.PngCanvas{
				Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(f.Style.dpi())),
			}
		},
		hand: plainHand,
	},
	{name: "pdf", canvas: newPDF, hand: plainHand},
	{name: "pgf", canvas: newPGF, hand: texHand},
}

// Formats lists the formats, which are also the endings of files.
func Formats() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// Draw returns the figure in a format, such as "svg". The same figure gives the same bytes.
func (f Figure) Draw(name string) ([]byte, error) {
	at := slices.IndexFunc(formats[:], func(f format) bool { return f.name == trimmed(name) })
	if at < 0 {
		return nil, fmt.Errorf("%s", suggest.Sentence("format of a figure", name, Formats()))
	}
	if err := f.Style.Check(); err != nil {
		return nil, err
	}
	format := formats[at]
	p, err := f.placed().plot(format.hand())
	if err != nil {
		return nil, err
	}
	canvas := format.canvas(f)
	f.drawOn(p, canvas)
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return nil, err
	}
	if format.finish == nil {
		return b.Bytes(), nil
	}
	return format.finish(b.Bytes()), nil
}

// FileFormat returns the format of a file by the ending of its name.
func FileFormat(path string) (string, error) {
	ending := trimmed(filepath.Ext(path))
	names := Formats()
	if slices.Contains(names, ending) {
		return ending, nil
	}
	last := len(names) - 1
	guess := ""
	if near := suggest.Of(ending, names); ending != "" && near != "" {
		guess = fmt.Sprintf(" (did you mean .%s?)", near)
	}
	return "", fmt.Errorf("cannot tell the image format from %s; end its name in .%s or .%s%s",
		path, strings.Join(names[:last], ", ."), names[last], guess)
}

// Save writes the figure to a file in the format of its name's ending. The file is written atomically.
func (f Figure) Save(path string) error {
	format, err := FileFormat(path)
	if err != nil {
		return err
	}
	picture, err := f.Draw(format)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, picture); err != nil {
		return fmt.Errorf("cannot write the plot: %w", err)
	}
	return nil
}

// svgText is a text of an SVG: its start, the family, the size and what is written.
var svgText = regexp.MustCompile(
	`(<text x="[^"]*" y="[^"]*" )([^>]*font-family:)Liberation (Serif|Sans|Mono)` +
		`(;[^>]*font-size:([0-9.]+)px[^">]*">)([^<]*)</text>`,
)

// fitted names fonts of the same widths for readers that lack the Liberation fonts, and a general one for those that
// lack these too. Each text states its width, so that the letters of any font fill the place that is kept for it.
func fitted(svg []byte) []byte {
	others := map[string]string{
		"Serif": "Times New Roman,Tinos,serif",
		"Sans":  "Arial,Arimo,Helvetica,sans-serif",
		"Mono":  "Courier New,Cousine,monospace",
	}
	fonts := newHand().Fonts
	return svgText.ReplaceAllFunc(svg, func(found []byte) []byte {
		m := svgText.FindSubmatch(found)
		start, style, variant, end, written := string(m[1]), string(m[2]), string(m[3]), string(m[4]), string(m[6])
		length := ""
		if size, err := strconv.ParseFloat(string(m[5]), 64); err == nil && utf8.RuneCountInString(written) > 1 {
			face := fonts.Lookup(font.Font{Typeface: "Liberation", Variant: font.Variant(variant)}, vg.Length(size))
			width := face.Width(html.UnescapeString(written))
			length = fmt.Sprintf(`textLength="%.5g" lengthAdjust="spacingAndGlyphs" `, width.Points())
		}
		families := "Liberation " + variant + "," + others[variant]
		return []byte(start + length + style + families + end + written + "</text>")
	})
}
