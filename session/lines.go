package session

import (
	"fmt"
	"math"

	"smoothlab/figure"
	"smoothlab/language"
	"smoothlab/language/bounded"

	"go.starlark.net/starlark"
)

// linesArgs are the arguments of lines().
type linesArgs struct {
	X []float64      `arg:"x,required" max:"100000" help:"places on the horizontal axis, in increasing order"`
	Y starlark.Value `arg:"y,required" want:"a list, or a dict of lists by name" help:"a dict by name, or one list: for each place a number, certificates (their ACR), a list of either, one per run, or None"`
	linesLook
}

func linesDefaults() linesArgs {
	return linesArgs{linesLook: linesLook{Band: true, lookArgs: lookDefaults()}}
}

// lines implements lines().
func (s *Session) lines(c *language.Call, a *linesArgs) (starlark.Value, error) {
	for i, x := range a.X {
		if math.IsNaN(x) || math.IsInf(x, 0) || i > 0 && x <= a.X[i-1] {
			return nil, fmt.Errorf("lines: x must be numbers in increasing order, got %v", list(a.X))
		}
	}
	d := lineFigure{places: a.X}
	switch y := a.Y.(type) {
	case *starlark.Dict:
		if y.Len() > maxEntries {
			return nil, fmt.Errorf("lines: at most %d lines can be drawn, got %d", maxEntries, y.Len())
		}
		for _, item := range y.Items() {
			if err := c.Ctx.Err(); err != nil {
				return nil, err
			}
			if err := d.add(key(item[0]), item[1]); err != nil {
				return nil, err
			}
		}
	default:
		if err := d.add("", a.Y); err != nil {
			return nil, err
		}
	}
	if len(d.Lines) == 0 {
		return nil, fmt.Errorf("lines: there is nothing to draw: y is empty")
	}
	return d.draw(a.Band, &a.lookArgs)
}

// lineFigure collects the lines of a figure.
type lineFigure struct {
	figure.Figure
	places           []float64 // on the horizontal axis
	acr              bool      // some values are ACRs
	runs, overImages bool      // some bands are between runs; some are over the images of a single run
}

// draw returns the figure with its look.
func (d *lineFigure) draw(band bool, look *lookArgs) (starlark.Value, error) {
	caption := d.caption()
	if !band {
		caption = ""
		for i := range d.Lines {
			d.Lines[i].Low, d.Lines[i].High = nil, nil
		}
	}
	if d.acr {
		d.Y.Name = "ACR"
	}
	return look.draw("lines", d.Figure, caption)
}

// caption describes the bands.
func (d *lineFigure) caption() string {
	switch {
	case d.runs && d.overImages:
		return "bands: one standard deviation between runs; for a single run, one standard error of ACR over images"
	case d.runs:
		return "bands: one standard deviation between runs"
	case d.overImages:
		return "bands: one standard error of ACR over images"
	}
	return ""
}

// add adds a line of values.
func (d *lineFigure) add(name string, v starlark.Value) error {
	quoted := "lines: y"
	if name != "" {
		quoted = fmt.Sprintf("lines: %q", name)
	}
	values, ok := v.(starlark.Iterable)
	if _, isDict := v.(*starlark.Dict); !ok || isDict || isCertificates(v) {
		return fmt.Errorf("%s must be a list of values, one for each x, got %s", quoted, bounded.InError(v))
	}
	if n := starlark.Len(v); n >= 0 && n != len(d.places) {
		return fmt.Errorf("%s has %d values for %d places on the axis", quoted, n, len(d.places))
	}
	l := figure.Line{Name: name, X: d.places}
	band := false
	for item := range starlark.Elements(values) {
		y, spread, err := d.value(item)
		if err != nil {
			return fmt.Errorf("%s: %w", quoted, err)
		}
		band = band || spread > 0
		l.Y, l.Low, l.High = append(l.Y, y), append(l.Low, y-spread), append(l.High, y+spread)
	}
	if len(l.Y) != len(d.places) {
		return fmt.Errorf("%s has %d values for %d places on the axis", quoted, len(l.Y), len(d.places))
	}
	if !band {
		l.Low, l.High = nil, nil
	}
	d.Lines = append(d.Lines, l)
	return nil
}

func isCertificates(v starlark.Value) bool {
	_, ok := v.(*certificatesValue)
	return ok
}

// value returns the value at one place, with half the height of its band, which is NaN if unknown.
func (d *lineFigure) value(v starlark.Value) (y, spread float64, err error) {
	if items, ok := v.(starlark.Iterable); ok && !isCertificates(v) {
		var runs []float64
		for item := range starlark.Elements(items) {
			y, _, err := d.single(item)
			if err != nil {
				return 0, 0, err
			}
			runs = append(runs, y)
		}
		if len(runs) == 0 {
			return math.NaN(), math.NaN(), nil
		}
		if len(runs) == 1 {
			return d.value(onlyElement(items))
		}
		d.runs = true
		y, spread = meanAndDeviation(runs)
		return y, spread, nil
	}
	y, spread, err = d.single(v)
	d.overImages = d.overImages || spread > 0
	return y, spread, err
}

// onlyElement returns the element of a list of one.
func onlyElement(items starlark.Iterable) (v starlark.Value) {
	for v = range starlark.Elements(items) {
		break
	}
	return v
}

// single returns a number or the ACR of certificates with its standard error, 0 for a number.
func (d *lineFigure) single(v starlark.Value) (y, spread float64, err error) {
	if v == starlark.None {
		return math.NaN(), math.NaN(), nil
	}
	if k, ok := v.(*certificatesValue); ok {
		d.acr = true
		return k.ACR(), k.ACRError(), k.checkACR()
	}
	y, ok := starlark.AsFloat(v)
	if _, isBool := v.(starlark.Bool); !ok || isBool {
		return 0, 0, fmt.Errorf("a value must be a number or certificates, got %s", bounded.InError(v))
	}
	return y, 0, nil
}

// meanAndDeviation returns the mean and the standard deviation (n-1), which is NaN for a single value.
func meanAndDeviation(values []float64) (mean, deviation float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(deviation / (n - 1))
}
