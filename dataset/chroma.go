package dataset

import (
	"image"
	"image/color"
)

// chroma is a JPEG or WebP image whose colours have half the resolution of its brightness. Colours are interpolated by
// a triangle filter, as in libjpeg and libwebp, hence in PIL; image.YCbCr repeats each sample. Source: libjpeg,
// jdsample.c, “fancy upsampling”.
type chroma struct {
	*image.YCbCr
	blue, red []uint8 // one per pixel, row by row
	rgb       func(luma, blue, red uint8) color.NRGBA
}

// newChroma interpolates the colours of an image. It returns nil where those libraries do not interpolate: for fewer
// columns of colours than narrowest, and for other resolutions.
func newChroma(p *image.YCbCr, narrowest int, rgb func(luma, blue, red uint8) color.NRGBA) *chroma {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	if p.Rect.Min != (image.Point{}) {
		return nil
	}
	double := 1 // rows of pixels per row of colours
	switch p.SubsampleRatio {
	case image.YCbCrSubsampleRatio420:
		double = 2
	case image.YCbCrSubsampleRatio422:
	default:
		return nil
	}
	columns := (w + 1) / 2
	if columns < narrowest {
		return nil
	}
	up := func(plane []uint8) []uint8 {
		out := make([]uint8, 0, w*h)
		line := make([]int, columns)
		for y := range h {
			at := y / double
			row := plane[at*p.CStride:][:columns]
			if double == 1 {
				for i, v := range row {
					line[i] = int(v)
				}
				out = append(out, widen(line, w, 1, 2, 2)...)
				continue
			}
			near := max(0, at-1)
			if y%2 == 1 {
				near = min((h+1)/2-1, at+1)
			}
			other := plane[near*p.CStride:][:columns]
			for i, v := range row {
				line[i] = 3*int(v) + int(other[i])
			}
			out = append(out, widen(line, w, 8, 7, 4)...)
		}
		return out
	}
	return &chroma{p, up(p.Cb), up(p.Cr), rgb}
}

// widen doubles a line of sums: each value becomes two, each three quarters of the value plus a quarter of the
// neighbour on that side. left and right are added before the sums are divided by 2^shift.
func widen(line []int, width, left, right int, shift uint) []uint8 {
	out := make([]uint8, 0, width+1)
	for i, v := range line {
		before, after := line[max(0, i-1)], line[min(len(line)-1, i+1)]
		out = append(out, uint8((3*v+before+left)>>shift), uint8((3*v+after+right)>>shift))
	}
	return out[:width]
}

func (*chroma) ColorModel() color.Model { return color.NRGBAModel }

func (c *chroma) At(x, y int) color.Color {
	i := y*c.Rect.Dx() + x
	return c.rgb(c.Y[y*c.YStride+x], c.blue[i], c.red[i])
}

// RGBA64At replaces the method of image.YCbCr, which scaling would use.
func (c *chroma) RGBA64At(x, y int) color.RGBA64 { return rgba64(c.At(x, y)) }

func rgba64(c color.Color) color.RGBA64 {
	r, g, b, a := c.RGBA()
	return color.RGBA64{uint16(r), uint16(g), uint16(b), uint16(a)}
}

// fullRange does the conversion of JFIF.
func fullRange(luma, blue, red uint8) color.NRGBA {
	r, g, b := color.YCbCrToRGB(luma, blue, red)
	return color.NRGBA{r, g, b, 255}
}

// studioRange does the conversion of lossy WebP, whose luma goes from 16 to 235 and whose chroma from 16 to 240 (RFC
// 6386, section 9.2; ITU-R BT.601).
func studioRange(luma, blue, red uint8) color.NRGBA {
	y, cb, cr := 1.164383*(float64(luma)-16), float64(blue)-128, float64(red)-128
	clamp := func(v float64) uint8 { return uint8(min(max(v+.5, 0), 255)) }
	return color.NRGBA{clamp(y + 1.596027*cr), clamp(y - 0.391762*cb - 0.812968*cr), clamp(y + 2.017232*cb), 255}
}
