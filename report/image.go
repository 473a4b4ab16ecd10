package report

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"smoothlab/internal/humanize"
)

// Image is an image with 8-bit values.
type Image struct {
	Height   int    `json:"height"`
	Width    int    `json:"width"`
	Channels int    `json:"channels"` // 1 (gray) or 3 (RGB)
	Pixels   []byte `json:"pixels"`   // Height·Width·Channels, row by row, channels of a pixel together
}

// maxSide is the maximum height and width of an image. Reports may come from other programs.
const maxSide = 1 << 14

// Check returns an error if the image is malformed.
func (i Image) Check() error {
	switch {
	case i.Channels != 1 && i.Channels != 3:
		return fmt.Errorf("an image has 1 channel (gray) or 3 (RGB), got %d", i.Channels)
	case i.Height < 1 || i.Width < 1 || i.Height > maxSide || i.Width > maxSide:
		return fmt.Errorf("an image has 1 to %s pixels per side, got %d×%d", humanize.Grouped(maxSide), i.Height, i.Width)
	case len(i.Pixels) != i.Height*i.Width*i.Channels:
		return fmt.Errorf("an image of %d×%d×%d holds %s values, got %s", i.Height, i.Width, i.Channels,
			humanize.Grouped(i.Height*i.Width*i.Channels), humanize.Grouped(len(i.Pixels)))
	}
	return nil
}

// PNG encodes the image as a PNG file of the same size.
func (i Image) PNG() ([]byte, error) {
	if err := i.Check(); err != nil {
		return nil, err
	}
	var picture image.Image
	if i.Channels == 1 {
		picture = &image.Gray{Pix: i.Pixels, Stride: i.Width, Rect: image.Rect(0, 0, i.Width, i.Height)}
	} else {
		rgba := image.NewNRGBA(image.Rect(0, 0, i.Width, i.Height))
		for y := range i.Height {
			for x := range i.Width {
				rgba.Set(x, y, i.at(x, y))
			}
		}
		picture = rgba
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil, errors.Join(errors.New("the image cannot be encoded as PNG"), err)
	}
	return b.Bytes(), nil
}

// at returns the colour of a pixel. The image must have passed Check.
func (i Image) at(x, y int) color.RGBA {
	p := i.Pixels[(y*i.Width+x)*i.Channels:]
	if i.Channels == 1 {
		return color.RGBA{p[0], p[0], p[0], 255}
	}
	return color.RGBA{p[0], p[1], p[2], 255}
}

// reduced replaces each block of across×down pixels by its mean.
func (i Image) reduced(across, down int) Image {
	if across <= 1 && down <= 1 {
		return i
	}
	r := Image{Height: (i.Height + down - 1) / down, Width: (i.Width + across - 1) / across, Channels: i.Channels}
	for y := 0; y < i.Height; y += down {
		for x := 0; x < i.Width; x += across {
			for c := range i.Channels {
				sum, n := 0, 0
				for v := y; v < min(y+down, i.Height); v++ {
					for u := x; u < min(x+across, i.Width); u++ {
						sum += int(i.Pixels[(v*i.Width+u)*i.Channels+c])
						n++
					}
				}
				r.Pixels = append(r.Pixels, byte((sum+n/2)/n))
			}
		}
	}
	return r
}
