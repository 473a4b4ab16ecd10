// Makelogo draws the kernel's logo: a Gaussian and the radius within which its class is certain. Run it in kernel
// with go run ./internal/makelogo logo.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
)

var (
	ground = color.NRGBA{0x1f, 0x4e, 0x79, 255}
	curve  = color.NRGBA{255, 255, 255, 255}
	within = color.NRGBA{0xf2, 0xa9, 0x3b, 255}
)

const (
	size   = 64.0 // of the drawing
	base   = 50.0 // base line of the curve
	top    = 38.0 // of the curve above its base
	width  = 9.0  // sigma
	radius = 9.0
	line   = 1.9 // half the breadth of the curve
)

func height(x float64) float64 {
	return base - top*math.Exp(-(x-size/2)*(x-size/2)/(2*width*width))
}

// at is the colour of a point.
func at(x, y float64) color.NRGBA {
	distance := math.Inf(1)
	for u := max(6, x-5); u <= min(size-6, x+5); u += 0.25 {
		distance = min(distance, math.Hypot(u-x, height(u)-y))
	}
	switch {
	case outside(x, y):
		return color.NRGBA{}
	case distance <= line:
		return curve
	case math.Abs(x-size/2) <= radius && y > height(x) && y < base:
		return within
	}
	return ground
}

// outside reports whether a point is cut off by the rounded corners.
func outside(x, y float64) bool {
	const round = 12
	dx, dy := max(round-x, x-(size-round), 0), max(round-y, y-(size-round), 0)
	return dx*dx+dy*dy > round*round
}

// draw averages 8×8 points per pixel.
func draw(pixels int) image.Image {
	const fine = 8
	m := image.NewNRGBA(image.Rect(0, 0, pixels, pixels))
	for py := range pixels {
		for px := range pixels {
			var r, g, b, a int
			for i := range fine * fine {
				c := at(
					(float64(px)+(float64(i%fine)+0.5)/fine)*size/float64(pixels),
					(float64(py)+(float64(i/fine)+0.5)/fine)*size/float64(pixels),
				)
				r, g, b, a = r+int(c.R)*int(c.A), g+int(c.G)*int(c.A), b+int(c.B)*int(c.A), a+int(c.A)
			}
			if a > 0 {
				m.Set(px, py, color.NRGBA{uint8(r / a), uint8(g / a), uint8(b / a), uint8(a / (fine * fine))})
			}
		}
	}
	return m
}

func svg() string {
	hex := func(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
	path := func(from, to float64) string {
		var b strings.Builder
		for x := from; x <= to; x++ {
			fmt.Fprintf(&b, "%g,%.2f ", x, height(x))
		}
		return strings.TrimSpace(b.String())
	}
	left, right := size/2-radius, size/2+radius
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">
<rect width="64" height="64" rx="12" fill="%s"/>
<polygon points="%g,%g %s %g,%g" fill="%s"/>
<polyline points="%s" fill="none" stroke="%s" stroke-width="%g" stroke-linecap="round"/>
</svg>
`, hex(ground), left, base, path(left, right), right, base, hex(within), path(6, size-6), hex(curve), 2*line)
}

func main() {
	for _, pixels := range []int{32, 64} {
		var b bytes.Buffer
		if err := png.Encode(&b, draw(pixels)); err != nil {
			panic(err)
		}
		write(fmt.Sprintf("logo-%dx%d.png", pixels, pixels), b.Bytes())
	}
	write("logo-svg.svg", []byte(svg()))
}

func write(name string, data []byte) {
	if err := os.WriteFile(filepath.Join(os.Args[1], name), data, 0o644); err != nil {
		panic(err)
	}
}
