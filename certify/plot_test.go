package certify

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The curve is certified accuracy: at every corner's radius its upper end is Accuracy there, and it ends at 0.
func TestCurveIsAccuracy(t *testing.T) {
	c := radii(1, 0.5, 1, -1, 0, 1.75)
	x, y := c.Curve()
	wantX, wantY := []float64{
		0,
		0,
		0,
		0.5,
		0.5,
		1,
		1,
		1.75,
		1.75,
	}, []float64{
		5. / 6,
		5. / 6,
		4. / 6,
		4. / 6,
		3. / 6,
		3. / 6,
		1. / 6,
		1. / 6,
		0,
	}
	if !slices.Equal(x, wantX) || !slices.Equal(y, wantY) {
		t.Fatalf("the corners are at %v, %v; expected %v, %v", x, y, wantX, wantY)
	}
	for i := 1; i < len(x); i += 2 {
		if c.Accuracy(x[i]) != y[i] {
			t.Errorf("the curve at %v is %v, and the certified accuracy is %v", x[i], y[i], c.Accuracy(x[i]))
		}
	}
	if x, y := radii().Curve(); x != nil || y != nil {
		t.Errorf("without rows the curve is %v, %v", x, y)
	}
}

// The same holds for re-expressed certificates, whose accuracies are expectations.
func TestCurveOfReexpressed(t *testing.T) {
	c, err := counted(Plan{N0: 10, N: 1000, Alpha: 0.001}, 990, 1000, 700, 620, 100).AtVotes(100)
	if err != nil {
		t.Fatal(err)
	}
	x, y := c.Curve()
	if len(x) < 20 || y[len(y)-1] != 0 {
		t.Fatalf("the corners are at %v, %v", x, y)
	}
	for i := 1; i < len(x); i += 2 {
		// Accuracy takes its radius to 12 digits: a little less is the same step.
		if want := c.Accuracy(x[i] - 1e-9); math.Abs(y[i]-want) > 1e-12 {
			t.Errorf("the curve at %v is %v, and the certified accuracy is %v", x[i], y[i], want)
		}
	}
}

func TestPlot(t *testing.T) {
	dir := t.TempDir()
	var entries []Entry
	entries = append(entries, NewEntry("runs", radii(1, 0.5), radii(0.5, 0.75)))
	for _, name := range []string{"Gaussian", "SmoothMix <m=4>", "c", "d", "e", "f", "g", "h"} { // more than there are colours
		entries = append(entries, NewEntry(name, radii(1, 0.5, 1.5, -1)))
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
	for _, want := range []string{"radius", "certified accuracy", "MNIST, sigma 0.5", "Gaussian", "SmoothMix <m=4>", "runs, run 1", "runs, run 2"} {
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
	one := []Entry{NewEntry("a", radii(1))}
	for _, c := range []struct {
		path    string
		entries []Entry
		want    string
	}{
		{"curves.doc", one, "end its name in .svg, .png, .pdf or .pgf"},
		{"curves", one, "end its name in .svg, .png, .pdf or .pgf"},
		{"curves.svg", nil, "at least one certification"},
		{"curves.svg", []Entry{NewEntry("a", radii())}, "a has no rows"},
		{"missing/curves.svg", one, "cannot write the plot"},
	} {
		if err := Plot(
			filepath.Join(dir, c.path),
			"",
			c.entries,
		); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %q", c.path, err, c.want)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("refused plots left %v", left)
	}
}
