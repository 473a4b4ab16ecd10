package certify

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"
)

// The curve is certified accuracy: at every corner's radius its upper end is Accuracy there, and it ends at 0.
func TestCurveIsAccuracy(t *testing.T) {
	c := radii(1, 0.5, 1, -1, 0, 1.75)
	got := c.steps()
	want := plotter.XYs{{X: 0, Y: 5. / 6}, {X: 0, Y: 5. / 6}, {X: 0, Y: 4. / 6}, {X: 0.5, Y: 4. / 6}, {X: 0.5, Y: 3. / 6}, {X: 1, Y: 3. / 6}, {X: 1, Y: 1. / 6}, {X: 1.75, Y: 1. / 6}, {X: 1.75, Y: 0}}
	if len(got) != len(want) {
		t.Fatalf("%v, expected %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("corner %d is %v, expected %v", i, got[i], want[i])
		}
		if i%2 == 1 && c.Accuracy(got[i].X) != got[i].Y {
			t.Errorf("the curve at %v is %v, and the certified accuracy is %v", got[i].X, got[i].Y, c.Accuracy(got[i].X))
		}
	}
}

func TestPlot(t *testing.T) {
	dir := t.TempDir()
	var entries []Entry
	for _, name := range []string{"Gaussian", "SmoothMix <m=4>", "c", "d", "e", "f", "g", "h"} { // more than there are colours
		entries = append(entries, Entry{name, radii(1, 0.5, 1.5, -1)})
	}
	svg := filepath.Join(dir, "curves.svg")
	if err := Plot(svg, "MNIST, sigma 0.5", entries); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	dec := xml.NewDecoder(bytes.NewReader(data))
	var texts []string
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the SVG is not XML: %v", err)
		}
		if chars, ok := token.(xml.CharData); ok {
			texts = append(texts, strings.TrimSpace(string(chars)))
		}
	}
	all := strings.Join(texts, "\n")
	for _, want := range []string{"radius", "certified accuracy", "MNIST, sigma 0.5", "Gaussian", "SmoothMix <m=4>"} {
		if !strings.Contains(all, want) {
			t.Errorf("the SVG does not show %q", want)
		}
	}
	picture := filepath.Join(dir, "curves.PNG")
	if err := Plot(picture, "", entries); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := png.Decode(file); err != nil {
		t.Errorf("the PNG does not decode: %v", err)
	}
}

func TestPlotRefuses(t *testing.T) {
	dir := t.TempDir()
	one := []Entry{{"a", radii(1)}}
	for _, c := range []struct {
		path    string
		entries []Entry
		want    string
	}{
		{"curves.pdf", one, "end its name in .svg or .png"},
		{"curves", one, "end its name in .svg or .png"},
		{"curves.svg", nil, "at least one certification"},
		{"curves.svg", []Entry{{"a", radii()}}, "a holds no rows"},
		{"missing/curves.svg", one, "cannot write the plot"},
	} {
		if err := Plot(filepath.Join(dir, c.path), "", c.entries); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %q", c.path, err, c.want)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("refused plots left %v", left)
	}
}
