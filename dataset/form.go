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

// form is the shape that the images of a directory are converted to.
type form struct {
	size
	channels int
	crop     bool // whether images are scaled and cropped
}

// append adds the pixels of an image, and reports whether some of them were transparent. Transparency is dropped, as
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

// shortSide scales an image so that its short side is size, the long one rounded down, by a triangle filter that widens
// when the image shrinks, as torchvision's Resize does on PIL images.
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

// centre crops to the middle, as torchvision's CenterCrop does, which rounds halves to even.
func centre(picture image.Image, size int) image.Image {
	b := picture.Bounds()
	left := b.Min.X + int(math.RoundToEven(float64(b.Dx()-size)/2))
	top := b.Min.Y + int(math.RoundToEven(float64(b.Dy()-size)/2))
	to := image.NewNRGBA(image.Rect(0, 0, size, size))
	draw.Copy(to, image.Point{}, picture, image.Rect(left, top, left+size, top+size), draw.Src, nil)
	return to
}
