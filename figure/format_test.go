package figure

import (
	"bytes"
	"compress/zlib"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"gonum.org/v1/plot"
)

// sample has all parts of figures: gaps, steps, bands, points, characters that fonts may lack.
func sample() Figure {
	return Figure{
		Title: "ε ≤ ½, σ → 50% & more_ℓ∞",
		X:     Axis{Name: "radius ‖δ‖ in ∇"},
		Y:     Axis{Name: "p̄ − α"},
		Lines: []Line{
			{Name: "σ=0.25", X: []float64{0, 1, 2}, Y: []float64{0.9, 0.7, 0.1}, Steps: true},
			{
				Name: "band", X: []float64{0, 1, 2}, Y: []float64{0.8, 0.5, 0.4},
				Low: []float64{0.7, 0.4, 0.3}, High: []float64{0.9, 0.6, 0.5},
			},
			{Name: "points", X: []float64{0.5, 1.5}, Y: []float64{0.2, 0.3}, Points: true},
		},
	}
}

// Every format draws every style, and drawing twice gives equal bytes.
func TestFormats(t *testing.T) {
	for name, style := range styles() {
		for _, format := range Formats() {
			f := sample()
			f.Style = style
			data, err := f.Draw(format)
			if err != nil {
				t.Errorf("%s as %s: %v", name, format, err)
				continue
			}
			if again, err := f.Draw(strings.ToUpper(format)); err != nil || !bytes.Equal(data, again) {
				t.Errorf("%s as %s: the second drawing differs, %v", name, format, err)
			}
			keep(t, name+"."+format, data)
		}
	}
}

// keep writes a drawing to the directory that SMOOTHLAB_DRAWINGS names, for viewing.
func keep(t *testing.T, name string, data []byte) {
	t.Helper()
	dir := os.Getenv("SMOOTHLAB_DRAWINGS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestPixels(t *testing.T) {
	f := sample()
	f.Style = Style{Width: 3, Height: 2, DPI: 200, Theme: "dark"}
	data, err := f.Draw("png")
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X != 600 || size.Y != 400 {
		t.Errorf("3 × 2 inches at 200 dpi are %v", size)
	}
	if got := color.RGBAModel.Convert(picture.At(2, 2)); got != (color.RGBA{17, 17, 17, 255}) {
		t.Errorf("a dark figure has the corner %v", got)
	}
}

// inflated returns the decompressed streams of a PDF.
func inflated(t *testing.T, data []byte) (all []byte) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(data, -1) {
		r, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue // not compressed
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	return all
}

// Texts of a PDF are stored as Unicode, and its fonts are in the file.
func TestPDF(t *testing.T) {
	f := sample()
	f.Style = Style{Width: 3.25, Height: 2.5}
	data, err := f.Draw("pdf")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(data, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(data), []byte("%%EOF")) {
		t.Error("it does not begin and end as a PDF")
	}
	for _, want := range []string{"/MediaBox [0 0 234.00 180.00]", "/FontFile2", "/ToUnicode", "/Count 1"} {
		if !bytes.Contains(data, []byte(want)) {
			t.Errorf("it has no %s", want)
		}
	}
	content := inflated(t, data)
	for _, text := range []string{"ε", "σ=0.25", " − α", "points", string(lacking)} {
		var wide []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			wide = append(wide, byte(unit>>8), byte(unit))
		}
		escaped := bytes.ReplaceAll(wide, []byte(`(`), []byte(`\(`))
		if !bytes.Contains(content, escaped) {
			t.Errorf("%q is not among its texts", text)
		}
	}
}

// In files for TeX, lengths have no exponents, and groups are balanced.
func TestPGF(t *testing.T) {
	f := sample()
	f.Style.Markers = true
	data, err := f.Draw("pgf")
	if err != nil {
		t.Fatal(err)
	}
	tex := string(data)
	if m := regexp.MustCompile(`[0-9]e[-+]?[0-9]+pt`).FindString(tex); m != "" {
		t.Errorf("it has the length %s", m)
	}
	if n := strings.Count(tex, `\begin{pgfpicture}`); n != 1 || strings.Count(tex, `\end{pgfpicture}`) != 1 {
		t.Errorf("it has %d pictures", n)
	}
	if a, b := strings.Count(tex, `\begin{pgfscope}`), strings.Count(tex, `\end{pgfscope}`); a != b || a == 0 {
		t.Errorf("%d scopes begin and %d end", a, b)
	}
	bare := regexp.MustCompile(`\\[{}]`).ReplaceAllString(tex, "")
	if a, b := strings.Count(bare, "{"), strings.Count(bare, "}"); a != b {
		t.Errorf("%d groups begin and %d end", a, b)
	}
	for _, want := range []string{
		`\makebox[0pt]{$\varepsilon$ $\leq$ $\frac{1}{2}$, $\sigma$ $\rightarrow$ 50\% \& more\_$\ell$$\infty$}`,
		`\makebox[0pt][r]{0.8}`, `\makebox[0pt]{$\bar{p}$ $-$ $\alpha$}`,
	} {
		if !strings.Contains(tex, want) {
			t.Errorf("%s is not in\n%s", want, tex)
		}
	}
}

// The figure of an HTML page has no colors of its own for texts and background; a theme has.
func TestInline(t *testing.T) {
	svg, err := sample().Inline()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(svg, []byte("<svg")) {
		t.Errorf("it begins with %.20s", svg)
	}
	for _, want := range []string{"fill:var(--jp-layout-color0", "fill:var(--jp-content-font-color1", "stroke:var(--jp-border", "Times New Roman,Tinos,serif"} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("it has no %s", want)
		}
	}
	for _, not := range []string{"#010203", "#FEFDFC", "#838485"} {
		if bytes.Contains(svg, []byte(not)) {
			t.Errorf("%s is left", not)
		}
	}
	f := sample()
	f.Style.Theme = "dark"
	if svg, err := f.Inline(); err != nil || bytes.Contains(svg, []byte("var(")) || !bytes.Contains(svg, []byte("#111111")) {
		t.Errorf("a dark figure: %v\n%.300s", err, svg)
	}
}

func TestBadStyles(t *testing.T) {
	for want, s := range map[string]Style{
		`must be from 0.5 to 100 inches wide and high, got -1 × 0`: {Width: -1},
		`got 0.2 × 0 inches`: {Width: 0.2},
		`got NaN × 0`:        {Width: math.NaN()},
		`dots per inch of a PNG, must be from 1 to 2400`:  {DPI: -1},
		`100 × 75 inches at 600 dpi are too many pixels`:  {Width: 100, DPI: 600},
		`the font size, in points, must be from 2 to 100`: {FontSize: 1},
		`unknown font "sens": did you mean "sans"?`:       {Font: "sens"},
		`unknown legend "top"; known: top right`:          {Legend: "top"},
		`unknown theme "black"; known: light, dark`:       {Theme: "black"},
	} {
		f := sample()
		f.Style = s
		if _, err := f.Draw("svg"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, expected %q", s, err, want)
		}
	}
	for path, want := range map[string]string{
		"a":     "end its name in .svg, .png, .pdf or .pgf",
		"a.pgn": "did you mean .pgf?",
	} {
		if err := sample().Save(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", path, err, want)
		}
	}
}

// Characters come from the first font that has them.
func TestRuns(t *testing.T) {
	h := newHand()
	wanted := plot.DefaultFont
	wanted.Variant, wanted.Size = "Mono", 10
	runs := h.runs("a‖∇b", wanted)
	var got []string
	for _, r := range runs {
		got = append(got, string(r.face.Font.Variant)+":"+r.text)
	}
	if s := strings.Join(got, " "); s != "Mono:a Serif:‖ Mono:□b" {
		t.Errorf("the parts are %s", s)
	}
	width, _, _ := h.Box("a‖∇b", wanted)
	sum := 0.0
	for _, r := range runs {
		sum += float64(r.face.Width(r.text))
	}
	if math.Abs(float64(width)-sum) > 1e-9 {
		t.Errorf("the width is %v, of the parts %v", width, sum)
	}
}

func TestScales(t *testing.T) {
	for _, c := range []struct {
		scale     Scale
		low, high float64
		want      string
	}{
		{Log, 0.01, 100, "0.01 0.1 1 10 100"},
		{Log, 0.25, 1, "0.5 1"},
		{Log, 1, 8, "1 2 5"},
		{Log, 1e-12, 1e12, "1e-10 1e-05 1 100000 1e+10"},
		{Tail, 0.5, 0.9999, "0.5 0.9 0.99 0.999 0.9999"},
		{Tail, 0.5, 0.99, "0.5 0.9 0.95 0.99"},
		{Linear, 0, 1, "0 0.2 0.4 0.6 0.8 1"},
	} {
		var labels []string
		for _, m := range c.scale.Marks(c.scale.Place(c.low), c.scale.Place(c.high), 6) {
			labels = append(labels, m.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%q from %v to %v has the ticks %s, expected %s", c.scale, c.low, c.high, got, c.want)
		}
	}
	for _, none := range []float64{Log.Place(0), Log.Place(-1), Tail.Place(1), Tail.Place(2)} {
		if !math.IsNaN(none) {
			t.Errorf("it is at %v", none)
		}
	}
	if got := Tail.Place(0.999); math.Abs(got-3) > 1e-12 {
		t.Errorf("0.999 is at %v", got)
	}
}

// Characters that no font has are named once, from any text; what one font lacks and another has is not.
func TestLacking(t *testing.T) {
	f := Figure{Title: "精度 ε ‖x‖", X: Axis{Name: "radius"}, Y: Axis{Name: "度 ∇"}, Lines: []Line{{Name: "σ=½\t😀"}}}
	if got, want := f.Lacking(), "精度∇😀"; got != want {
		t.Errorf("no font has %q, want %q", got, want)
	}
	f.Style.Font = "mono"
	if got, want := f.Lacking(), "精度∇😀"; got != want {
		t.Errorf("beside mono no font has %q, want %q", got, want)
	}
	if got := (Figure{Title: "β̂ ≤ √2 — “é”"}).Lacking(); got != "" {
		t.Errorf("no font has %q, want all characters", got)
	}
}
