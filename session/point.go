package session

import (
	"math"

	"smoothlab/columns"
	"smoothlab/dataset"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// votable is a value that a classifier can judge: images, or points near images that a search has found.
type votable interface {
	starlark.Value
	// votable returns the images, and the points in place of them, one per image; nil for the images themselves.
	votable() (*dataset.Dataset, [][]float32)
}

func (d *datasetValue) votable() (*dataset.Dataset, [][]float32) { return d.Dataset, nil }
func (x *imageValue) votable() (*dataset.Dataset, [][]float32)   { return x.Dataset, nil }
func (p *pointValue) votable() (*dataset.Dataset, [][]float32)   { return p.of, [][]float32{p.x} }

// single reports whether a value is one image or one point, for which functions return one result and no list.
func single(v votable) bool {
	switch v.(type) {
	case *imageValue, *pointValue:
		return true
	}
	return false
}

// pointValue is a point near an image as a value of the language. It can be drawn, predicted and certified.
type pointValue struct {
	*reportValue
	of *dataset.Dataset // the image
	x  []float32        // values in [0,1] units
}

var (
	_ votable  = (*datasetValue)(nil)
	_ votable  = (*imageValue)(nil)
	_ votable  = (*pointValue)(nil)
	_ reporter = (*pointValue)(nil)
)

// newPoint returns a point near the image at a position of d. r holds what is known of it.
func newPoint(d *dataset.Dataset, pos int, x []float32, r report.Point) *pointValue {
	one, err := d.Select([]int{pos})
	if err != nil {
		panic(err) // the position comes from d
	}
	y := int(d.Labels[pos])
	r.Dataset, r.Split, r.Index, r.Label, r.Class = d.Name, d.Split, d.Indices[pos], y, d.Classes[y]
	r.Pixels = make([]float64, len(x))
	for i, v := range x {
		r.Pixels[i] = float64(v)
	}
	r.Enlarged = enlargement(difference(one, x))
	return &pointValue{newReportValue(r), one, x}
}

func (p *pointValue) String() string { return p.r.(report.Point).Line() }

// Report returns the point with pictures of the image, the point and their difference.
func (p *pointValue) Report() report.Report {
	r := p.r.(report.Point)
	image := picture(p.of, 0)
	shown := make([]float32, len(p.x))
	for i, d := range difference(p.of, p.x) {
		shown[i] = float32(0.5 + r.Enlarged*d)
	}
	r.Pictures = []report.Image{image, drawn(p.of, p.x), drawn(p.of, shown)}
	return r
}

// difference returns how far each value of a point is from the image.
func difference(image *dataset.Dataset, x []float32) []float64 {
	pixels := picture(image, 0).Pixels
	delta := make([]float64, len(x))
	for i, v := range x {
		delta[i] = float64(v) - float64(pixels[i])/255
	}
	return delta
}

// rounding is the largest difference that float32 makes between a point and the image when the point is the image.
const rounding = 1e-6

// enlargement returns the factor by which a difference is drawn, so that its largest value is black or white; 1 if the
// point is the image.
func enlargement(delta []float64) float64 {
	largest := 0.0
	for _, d := range delta {
		largest = max(largest, math.Abs(d))
	}
	if largest < rounding {
		return 1
	}
	return 0.5 / largest
}

// drawn converts values in [0,1] to 8-bit values, clipping what is outside.
func drawn(d *dataset.Dataset, x []float32) report.Image {
	p := make([]byte, len(x))
	for i, value := range x {
		p[i] = byte(math.Round(255 * math.Min(1, math.Max(0, float64(value)))))
	}
	return report.Image{Height: d.Height, Width: d.Width, Channels: d.Channels, Pixels: p}
}

// pixelColumn returns the values of points as a column, for NumPy.
func pixelColumn(d *dataset.Dataset, points [][]float32, shape ...int) columns.Column {
	flat := make([]float32, 0, len(points)*d.Height*d.Width*d.Channels)
	for _, x := range points {
		flat = append(flat, x...)
	}
	return columns.Column{
		Name:   "points",
		Values: flat,
		Shape:  append(shape, d.Height, d.Width, d.Channels),
		Wide:   true,
	}
}
