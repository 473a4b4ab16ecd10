package figure

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// texts returns the texts of an SVG, in their order.
func texts(t *testing.T, svg []byte) []string {
	t.Helper()
	var all []string
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("the SVG is not XML: %v", err)
		}
		if chars, ok := token.(xml.CharData); ok && strings.TrimSpace(string(chars)) != "" {
			all = append(all, string(chars))
		}
	}
}

func TestDraw(t *testing.T) {
	f := Figure{
		Title: "loss <1>",
		X:     Axis{Name: "epoch"},
		Y:     Axis{Name: "mean"},
		Lines: []Line{
			{Name: "KL & co", X: []float64{0, 1, 2}, Y: []float64{0.9, math.NaN(), 0.4}},
			{Name: "b", X: []float64{0, 1}, Y: []float64{1, 0}, Steps: true},
		},
	}
	svg, err := f.Draw("svg")
	if err != nil {
		t.Fatal(err)
	}
	got := texts(t, svg)
	for _, want := range []string{"loss <1>", "epoch", "mean", "KL & co", "b", "0", "1", "2", "0.4", "0.8"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not among %q", want, got)
		}
	}
	if slices.Contains(got, "0.5") || slices.Contains(got, "1.5") {
		t.Errorf("there are ticks between epochs: %q", got)
	}
	if again, err := f.Draw("svg"); err != nil || !bytes.Equal(svg, again) {
		t.Errorf("the second drawing differs, %v", err)
	}
	data, err := f.Draw("png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(data)); err != nil {
		t.Error(err)
	}
	if _, err := f.Draw("doc"); err == nil {
		t.Error("a doc was drawn")
	}
}

// Extreme numbers are drawn at finite places, or not at all.
func TestDrawExtremes(t *testing.T) {
	for _, l := range []Line{
		{}, {X: []float64{1}, Y: []float64{math.NaN()}}, {X: []float64{3}, Y: []float64{3}},
		{X: []float64{-1e308, 1e308}, Y: []float64{1e308, -1e308}}, {X: []float64{0, 5e-324}, Y: []float64{1e-320, 1e300}},
		{X: []float64{1e300, 1.0000000000000002e300}, Y: []float64{math.MaxFloat64, -math.MaxFloat64}},
	} {
		svg, err := Figure{Lines: []Line{l}}.Draw("svg")
		if err != nil {
			continue
		}
		if bytes.Contains(svg, []byte("NaN")) || bytes.Contains(svg, []byte("Inf")) {
			t.Errorf("%v is drawn at places that are no numbers", l)
		}
	}
}

func TestParts(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		line Line
		want [][][2]float64
	}{
		{Line{X: []float64{0, 1, 2}, Y: []float64{5, 6, 7}}, [][][2]float64{{{0, 5}, {1, 6}, {2, 7}}}},
		{Line{X: []float64{0, 1, 2}, Y: []float64{5, 6, 7}, Steps: true}, [][][2]float64{{{0, 5}, {1, 5}, {1, 6}, {2, 6}, {2, 7}}}},
		{Line{X: []float64{0, 1, 2, 3}, Y: []float64{nan, 6, nan, 7}, Steps: true}, [][][2]float64{{{1, 6}}, {{3, 7}}}},
		{Line{X: []float64{0, math.Inf(1)}, Y: []float64{5}}, [][][2]float64{{{0, 5}}}},
		{Line{}, nil},
	} {
		got := c.line.Parts()
		same := len(got) == len(c.want)
		for i := 0; same && i < len(got); i++ {
			same = len(got[i]) == len(c.want[i])
			for k := 0; same && k < len(got[i]); k++ {
				same = got[i][k].X == c.want[i][k][0] && got[i][k].Y == c.want[i][k][1]
			}
		}
		if !same {
			t.Errorf("%v has the parts %v, expected %v", c.line, got, c.want)
		}
	}
}

func TestLegendAvoidsLines(t *testing.T) {
	for _, c := range []struct {
		line Line
		want bool
	}{
		{Line{X: []float64{0, 1}, Y: []float64{0, 1}}, true},
		{Line{X: []float64{0, 1}, Y: []float64{1, 0}}, false},
		{Line{X: []float64{0, 1}, Y: []float64{1, 0.5}}, true}, // 0.7 at 0.6
		{Line{X: []float64{0, 0.5, 1}, Y: []float64{1, 0.9, 0}, Steps: true}, true},
		{Line{X: []float64{0, 0.5, 1}, Y: []float64{1, 0.5, 0}, Steps: true}, false},
	} {
		if got := c.line.passes(0.6, 0.6); got != c.want {
			t.Errorf("%v passes: %t", c.line, got)
		}
	}
}

// The legend is at the lower left if a line runs through the upper right corner, else at the upper right.
func TestLegendIsPlaced(t *testing.T) {
	place := regexp.MustCompile(`<text x="([^"]*)" y="-([^"]*)"[^>]*>name<`)
	for _, rising := range []bool{true, false} {
		y := []float64{1, 0}
		if rising {
			y = []float64{0, 1}
		}
		svg, err := Figure{Lines: []Line{{Name: "name", X: []float64{0, 1}, Y: y}}}.Draw("svg")
		if err != nil {
			t.Fatal(err)
		}
		m := place.FindSubmatch(bytes.ReplaceAll(svg, []byte("\n"), nil))
		if m == nil {
			t.Fatalf("no legend in\n%s", svg)
		}
		x, errX := strconv.ParseFloat(string(m[1]), 64)
		up, errY := strconv.ParseFloat(string(m[2]), 64)
		if errX != nil || errY != nil || (x < 180) != rising || (up < 135) != rising { // of 360 and 270 points
			t.Errorf("rising %t: the legend stands at %v, %v", rising, x, up)
		}
	}
}

func TestAxes(t *testing.T) {
	for _, c := range []struct{ low, high, tick float64 }{{0, 1, 0.2}, {0, 1.9, 0.5}, {0, 2.5, 0.5}, {0.73, 0.882, 0.05}, {0, 8442, 2000}, {-3, 3, 2}, {0, 6e-5, 2e-5}} {
		if got := Tick(c.low, c.high, 6); math.Abs(got-c.tick) > 1e-9*c.tick {
			t.Errorf("from %v to %v a tick every %v, expected %v", c.low, c.high, got, c.tick)
		}
	}
	for _, c := range []struct {
		low, high float64
		upright   bool
		from, to  float64
	}{
		{0.41, 0.9, true, 0, 1}, {0.73, 0.882, true, 0.7, 0.9}, {0.73, 0.882, false, 0.73, 0.882}, {2, 2, false, 1, 3}, {0, 0, true, -0.6, 0.6},
		{math.Inf(1), math.Inf(-1), true, 0, 1},
	} {
		if from, to := Range(c.low, c.high, c.upright); math.Abs(from-c.from) > 1e-9 || math.Abs(to-c.to) > 1e-9 {
			t.Errorf("%v to %v is shown from %v to %v, expected %v to %v", c.low, c.high, from, to, c.from, c.to)
		}
	}
	if got := Ticks(-0.2, 0.61, 0.2); !slices.Equal(got, []float64{-0.2, 0, 0.2, 0.4, 0.6}) || math.Signbit(got[1]) {
		t.Errorf("ticks %v", got)
	}
	if !Whole([]Line{{X: []float64{0, 3}}}) || Whole([]Line{{X: []float64{0, 3}}, {X: []float64{0.5}}}) {
		t.Error("whole places are not told from others")
	}
}

// A text of an SVG states its reserved width: "radius" is 6 letters of Times, whose widths in thousandths of the size,
// by Adobe's metrics of Times-Roman, are r 333, a 444, d 500, i 278, u 500, s 389.
func TestTextsFit(t *testing.T) {
	f := sample()
	f.X.Name = "radius"
	svg, err := f.Draw("svg")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`textLength="([0-9.]+)"[^>]*font-size:([0-9.]+)px">radius<`).FindSubmatch(svg)
	if m == nil {
		t.Fatalf("the name of the axis has no width:\n%s", svg)
	}
	width, err1 := strconv.ParseFloat(string(m[1]), 64)
	size, err2 := strconv.ParseFloat(string(m[2]), 64)
	if want := 2.444 * size; err1 != nil || err2 != nil || math.Abs(width-want) > 0.01*want {
		t.Errorf("radius at size %g is %g wide, want %g", size, width, want)
	}
}
