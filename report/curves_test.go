package report

import (
	"bytes"
	"image/png"
	"math"
	"strings"
	"testing"

	"smoothlab/figure"
)

// dots returns the places of a drawing's Braille dots, counted from its upper left.
func dots(t *testing.T, text string) (places [][2]int, width, height int) {
	t.Helper()
	for _, row := range screen(t, text) {
		axis := -1
		for x, c := range row {
			switch {
			case c.text == "│" || c.text == "┤":
				axis = x
			case axis >= 0 && c.text >= "⠀" && c.text <= "⣿":
				bits := []rune(c.text)[0] - 0x2800
				for u, column := range [2][4]rune{{1, 2, 4, 64}, {8, 16, 32, 128}} { // Unicode 15, Braille Patterns
					for v, bit := range column {
						if bits&bit != 0 {
							places = append(places, [2]int{2*(x-axis-1) + u, 4*height + v})
						}
					}
				}
			}
		}
		if axis >= 0 {
			height++
			width = max(width, len(row)-axis-1)
		}
	}
	return places, 2 * width, 4 * height
}

// Every dot of a parabola is on it, within a dot, and there is one in every column.
func TestCurveIsItsFunction(t *testing.T) {
	var s Series
	for i := range 201 {
		x := float64(i)/100 - 1
		s.X, s.Y = append(s.X, x), append(s.Y, x*x)
	}
	places, width, height := dots(t, Text(Figure{Curves: Curves{Series: []Series{s}}}, Style{Width: 60}))
	columns := map[int]bool{}
	for _, p := range places {
		x := 2*float64(p[0])/float64(width-1) - 1
		step := 2 / float64(width-1)
		y := 1 - float64(p[1])/float64(height-1)
		low, high := math.Inf(1), math.Inf(-1)
		for _, near := range []float64{x - step, x, x + step} {
			low, high = min(low, near*near), max(high, near*near)
		}
		if one := 1 / float64(height-1); y < low-one || y > high+one {
			t.Errorf("a dot at %.3f, %.3f; the function is %.3f there", x, y, x*x)
		}
		columns[p[0]] = true
	}
	if len(columns) != width {
		t.Errorf("%d of %d columns have a dot", len(columns), width)
	}
}

// A step curve keeps its value up to the next place, and drops vertically.
func TestStepCurve(t *testing.T) {
	c := Curves{Series: []Series{{X: []float64{0, 1, 2}, Y: []float64{1, 0.5, 0}, Steps: true}}}
	places, width, height := dots(t, Text(Figure{Curves: c}, Style{Width: 60}))
	for _, p := range places {
		x, y := p[0], p[1]
		onLevel := y == 0 && x <= width/2 || math.Abs(float64(y)-float64(height-1)/2) <= 1 && x >= width/2-1
		upright := x >= width/2-1 && x <= width/2 || x == width-1
		if !onLevel && !upright {
			t.Errorf("a dot at %d, %d of %d×%d", x, y, width, height)
		}
	}
}

func TestGapsAndOddCurves(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]Curves{
		"gap":       {Series: []Series{{X: []float64{0, 1, 2, 3, 4}, Y: []float64{1, 1, nan, 1, 1}}}},
		"one point": {Series: []Series{{X: []float64{3}, Y: []float64{7}}}},
		"constant":  {Series: []Series{{X: []float64{0, 1}, Y: []float64{0, 0}}}},
		"too huge":  {Series: []Series{{X: []float64{-1e308, 1}, Y: []float64{1e308, 1}}}},
		"infinite":  {Series: []Series{{X: []float64{0, 1}, Y: []float64{math.Inf(1), 2}}}},
		"uneven":    {Series: []Series{{X: []float64{0, 1, 2}, Y: []float64{1}}}},
		"huge":      {Series: []Series{{X: []float64{-1e149, 1e149}, Y: []float64{-1e149, 1e149}}}},
	} {
		places, width, _ := dots(t, Text(Figure{Curves: c}, Style{Width: 60}))
		if len(places) == 0 {
			t.Errorf("%s: nothing is drawn", name)
		}
		if name == "gap" {
			for _, p := range places {
				if p[0] > width/4+1 && p[0] < 3*width/4-2 {
					t.Errorf("a dot in the gap, at %d of %d", p[0], width)
				}
			}
		}
	}
	for name, c := range map[string]Curves{"none": {}, "empty": {Series: []Series{{}}},
		"all NaN": {Series: []Series{{X: []float64{1}, Y: []float64{nan}}}}} {
		if got := Text(Figure{Curves: c}, Style{}); got != "(nothing to draw)\n" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Ticks are at the places of their numbers.
func TestTicksArePlaced(t *testing.T) {
	c := Curves{Series: []Series{{X: []float64{0, 2}, Y: []float64{0, 1}}}}
	lines := strings.Split(Text(Figure{Curves: c}, Style{Width: 60}), "\n")
	ends := map[string]int{" 1 ┤": 0, "0.6 ┤": 5, " 0 ┤": curveHeight - 1}
	for label, row := range ends {
		if !strings.HasPrefix(strings.TrimLeft(lines[row], " "), strings.TrimLeft(label, " ")) {
			t.Errorf("%q stands not in line %d: %q", label, row, lines[row])
		}
	}
	axis, labels := []rune(lines[curveHeight]), []rune(lines[curveHeight+1])
	if axis[5] != '┬' || axis[len(axis)-1] != '┬' || labels[5] != '0' || labels[len(labels)-1] != '2' {
		t.Errorf("the axis is\n%s\n%s", string(axis), string(labels))
	}
}

// Long labels leave room for the curve.
func TestLongLabels(t *testing.T) {
	c := Curves{Series: []Series{{X: []float64{0, 2}, Y: []float64{-123456789012345.25, -123456789012345.5}}}}
	for _, width := range []int{20, 30} {
		if places, _, _ := dots(t, Text(Figure{Curves: c}, Style{Width: width})); len(places) < 6 {
			t.Errorf("%d dots in %d columns", len(places), width)
		}
	}
}

// Colours agree with those of figures, so that one legend serves for both.
func TestCurveColors(t *testing.T) {
	c := Curves{
		Series: []Series{
			{Name: "a", X: []float64{0, 1}, Y: []float64{0, 0}},
			{Name: "b", X: []float64{0, 1}, Y: []float64{1, 1}},
		},
	}
	rows := screen(t, Text(Figure{Curves: c}, Style{Width: 60, Color: TrueColor}))
	last := len(rows[0]) - 1
	if rows[0][last].ink != figure.Color(1) || rows[curveHeight-1][last].ink != figure.Color(0) {
		t.Errorf("the upper curve is %v, the lower one %v", rows[0][last].ink, rows[curveHeight-1][last].ink)
	}
	legend := rows[len(rows)-1]
	if legend[0].ink != figure.Color(0) || legend[7].ink != figure.Color(1) {
		t.Errorf("the legend's colours are %v and %v", legend[0].ink, legend[7].ink)
	}
	plain := Text(Figure{Curves: c}, Style{Width: 60})
	if !strings.Contains(plain, "* a   + b\n") || !strings.Contains(plain, "++++++++") {
		t.Errorf("without colours:\n%s", plain)
	}
}

func TestFigureFiles(t *testing.T) {
	c := Curves{
		Title:  "a <b> & c\x1b",
		X:      "radius",
		Y:      "accuracy",
		Series: []Series{{Name: "m=4 < 8", X: []float64{0, 1}, Y: []float64{0, 1}}},
	}
	svg, err := SVG(c)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(svg, []byte("m=4 &lt; 8")) || bytes.Contains(svg, []byte("\x1b")) {
		t.Errorf("%s", svg)
	}
	data, err := PNG(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(data)); err != nil {
		t.Error(err)
	}
}
