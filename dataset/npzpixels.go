package dataset

import (
	"context"
	"fmt"
	"math"

	"smoothlab/internal/npz"
)

// readPixels reads the images' pixels as bytes, channels of a pixel together.
func (d *Dataset) readPixels(ctx context.Context, x *npz.Array, planes bool, limit int64) error {
	need := int64(x.Len())
	if x.Fortran {
		need *= 2 // transposing needs a copy
	}
	if err := checkSize(need, limit); err != nil {
		return fmt.Errorf("%s %v: %w", x.Name, x.Shape, err)
	}
	c, err := d.chooseScale(ctx, x)
	if err != nil {
		return err
	}
	pixels, err := c.read(ctx, x)
	if err != nil {
		return err
	}
	if c.rounded {
		d.notef("pixels were rounded to multiples of 1/255")
	}
	if x.Fortran {
		pixels = npz.RowMajor(pixels, x.Shape)
	}
	d.Pixels = pixels
	if !planes || d.Channels == 1 {
		return nil
	}
	size := d.imageSize()
	buf := make([]byte, size)
	for i := range x.Shape[0] {
		image := d.Image(i)
		copy(buf, image)
		for at := range size / d.Channels {
			for c := range d.Channels {
				image[at*d.Channels+c] = buf[c*(size/d.Channels)+at]
			}
		}
	}
	return nil
}

// conversion converts numbers to bytes.
type conversion struct {
	factor    float64 // 1 for numbers from 0 to 255, 255 for numbers in [0,1]
	tolerance float64 // rounding error of the type, in [0,1]
	rounded   bool    // whether some numbers were not multiples of 1/255
}

// overshoot is how far beyond [0,1] numbers may be that are not of another range.
const overshoot = 0.2

// over is how far beyond [0,1] numbers may be, because of rounding.
const over = 1e-6

// chooseScale determines the scale of the numbers, by reading all of them if they are floating-point.
func (d *Dataset) chooseScale(ctx context.Context, x *npz.Array) (*conversion, error) {
	switch {
	case x.Bool():
		d.notef("truth values are read as black and white: False is 0, True is 255")
		return &conversion{factor: 255}, nil
	case !x.Floating():
		return &conversion{factor: 1}, nil
	}
	c := &conversion{factor: 255, tolerance: 1e-6} // float32 holds k/255 to 3e-8
	if x.Type[1:] == "f2" {
		c.tolerance = 5e-4 // half a unit in the last place of float16, which is 2⁻¹¹
	}
	whole, at, odd := true, 0, -1 // odd is the position of the first number outside of [0,1]
	low, high, value := math.Inf(1), math.Inf(-1), 0.0
	err := x.Each(ctx, func(numbers []float64) error {
		for i, v := range numbers {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("the value at position %d is %g, expected pixels in [0,1], or bytes", at+i, v)
			}
			if odd < 0 && (v < -over || v > 1+over) {
				odd, value = at+i, v
			}
			whole = whole && v == math.Trunc(v)
			low, high = min(low, v), max(high, v)
		}
		at += len(numbers)
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case odd < 0:
		return c, nil
	case whole && low >= 0 && high <= 255:
		d.notef("the numbers are whole, up to %g, so they are read as bytes, not as numbers in [0,1]", high)
		return &conversion{factor: 1}, nil
	}
	remedy := "divide them by the largest possible value"
	switch {
	case low >= -overshoot && high <= 1+overshoot: // as bicubic interpolation makes them
		remedy = "clip them, as numpy.clip(x, 0, 1) does"
	case low < 0:
		remedy = "undo their normalization"
	}
	return nil, fmt.Errorf(
		"array %s: the value at position %d is %.7g, in a range from %.7g to %.7g, expected pixels in [0,1], or bytes: %s",
		x.Name,
		odd,
		value,
		low,
		high,
		remedy,
	)
}

// read reads all numbers as bytes.
func (c *conversion) read(ctx context.Context, x *npz.Array) ([]byte, error) {
	pixels := make([]byte, 0, x.Len())
	if x.Unsigned8() {
		err := x.Bytes(ctx, func(b []byte) error {
			pixels = append(pixels, b...)
			return nil
		})
		return pixels, err
	}
	err := x.Each(ctx, func(numbers []float64) error {
		for _, v := range numbers {
			scaled := v * c.factor
			p := min(max(math.Round(scaled), 0), 255)
			if c.tolerance == 0 && p != scaled {
				remedy := "divide 16 bits by 257, 12 bits by 16.06"
				if v < 0 {
					remedy = "add what was subtracted, or save bytes as uint8"
				}
				return fmt.Errorf(
					"the value at position %d is %g, expected whole numbers from 0 to 255: %s",
					len(pixels),
					v,
					remedy,
				)
			}
			c.rounded = c.rounded || math.Abs(p-scaled) > 255*c.tolerance
			pixels = append(pixels, byte(p))
		}
		return nil
	})
	return pixels, err
}
