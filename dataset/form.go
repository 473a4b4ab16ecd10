package dataset

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"
)

// The sizes of the authors' ImageNet preprocessing (code/datasets.py:92-99).
const (
	scaled  = 256 // short side
	cropped = 224
)

// form is what the pictures of a directory are brought into.
type form struct {
	size
	channels int
	crop     bool // scaled and cut out, else taken as they are
}

// append adds the pixels of a picture, and reports whether some of them were transparent. Transparency is dropped, as
// PIL's convert("RGB") does.
func (f form) append(pixels []byte, picture image.Image) (_ []byte, transparent bool) {
	if f.crop {
		picture = centre(shortSide(picture, scaled), cropped)
	}
	b := picture.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if f.channels == 1 {
				pixels = append(pixels, color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y)
				continue
			}
			c := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
			pixels = append(pixels, c.R, c.G, c.B)
			transparent = transparent || c.A != 255
		}
	}
	return pixels, transparent
}

// shortSide scales a picture so that its short side is size, the long one rounded
// down, by a triangle filter that widens where the picture shrinks: torchvision's
// Resize on PIL images.
func shortSide(picture image.Image, size int) image.Image {
	b := picture.Bounds()
	w, h := b.Dx(), b.Dy()
	if w <= h {
		w, h = size, size*h/w
	} else {
		w, h = size*w/h, size
	}
	if w == b.Dx() && h == b.Dy() {
		return picture
	}
	to := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.BiLinear.Scale(to, to.Bounds(), picture, b, draw.Src, nil)
	return to
}

// centre cuts out the middle: torchvision's CenterCrop, which rounds halves to even.
func centre(picture image.Image, size int) image.Image {
	b := picture.Bounds()
	left := b.Min.X + int(math.RoundToEven(float64(b.Dx()-size)/2))
	top := b.Min.Y + int(math.RoundToEven(float64(b.Dy()-size)/2))
	to := image.NewNRGBA(image.Rect(0, 0, size, size))
	draw.Copy(to, image.Point{}, picture, image.Rect(left, top, left+size, top+size), draw.Src, nil)
	return to
}
