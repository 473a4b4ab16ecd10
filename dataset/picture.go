package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // the formats of OpenDir
	_ "image/png"
	"io"
	"os"
	"slices"
	"strings"

	_ "golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/humanize"
	"smoothlab/internal/lfs"
)

// endings lists the file name endings of images; the contents of a file decide its format.
func endings() []string {
	return []string{".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"}
}

func formatList() string { return "PNG, JPEG, BMP, WebP or TIFF" }

// maxSide and maxAspect bound the sides of an image; scaling keeps the aspect.
const maxSide, maxAspect = 20_000, 20

// pictureShare sets the part of a data set's limit that one decoded image, or its file, may take: a sixteenth.
const pictureShare = 16

// minPicture is what an image may take on any machine: 4,000 × 4,000 pixels of 4 bytes.
const minPicture = 64 << 20

// size is the height and width of an image.
type size struct{ height, width int }

func (s size) String() string { return fmt.Sprintf("%d×%d", s.height, s.width) }

// isPointer reports whether a file is a pointer of Git LFS.
func isPointer(f io.ReaderAt) bool {
	head := make([]byte, 100)
	n, _ := f.ReadAt(head, 0)
	return lfs.Is(head[:n])
}

// config reads the header of an image, and refuses one that would take too much memory.
func config(name string, limit int64) (image.Config, error) {
	f, err := atomicfile.Open(name)
	if err != nil {
		return image.Config{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return image.Config{}, err
	}
	c, format, err := decodeHead(f)
	most := max(limit/pictureShare, minPicture)
	need := int64(c.Width) * int64(c.Height) * bytesPerPixel(c.ColorModel)
	switch {
	case err != nil && info.Size() == 0:
		return c, fmt.Errorf("%s is an empty file: remove it, or copy it again", name)
	case err != nil && isPointer(f):
		return c, fmt.Errorf("%s: %w", name, lfs.ErrPointer)
	case err != nil:
		return c, fmt.Errorf("%s is not a %s image: %w", name, formatList(), err)
	case c.Width < 1 || c.Height < 1 || c.Width > maxSide || c.Height > maxSide:
		return c, fmt.Errorf(
			"%s is a %s image of %d×%d, expected sides from 1 to %s",
			name,
			format,
			c.Height,
			c.Width,
			humanize.Grouped(maxSide),
		)
	case max(c.Width, c.Height) > maxAspect*min(c.Width, c.Height):
		return c, fmt.Errorf(
			"%s is a %s image of %d×%d, expected sides that differ by a factor of at most %d",
			name,
			format,
			c.Height,
			c.Width,
			maxAspect,
		)
	case need > most || info.Size() > most:
		return c, fmt.Errorf(
			"%s is a %s image of %d×%d that takes %s of memory, more than the limit of %s: make it smaller",
			name,
			format,
			c.Height,
			c.Width,
			humanize.Bytes(max(need, info.Size())),
			humanize.Bytes(most),
		)
	}
	return c, nil
}

func decodeHead(r io.ReadSeeker) (c image.Config, format string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	start := make([]byte, 4)
	if _, err := io.ReadFull(r, start); err != nil {
		return c, "", err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return c, "", err
	}
	if isTIFF(start) {
		c, err = tiff.DecodeConfig(r)
		return c, "tiff", err
	}
	return image.DecodeConfig(r)
}

// bytesPerPixel returns the memory of a decoded pixel.
func bytesPerPixel(m color.Model) int64 {
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.YCbCrModel:
		return 3
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	return 4
}

func isGrey(m color.Model) bool { return m == color.GrayModel || m == color.Gray16Model }

// decode reads an image whose header was checked. It returns soon after ctx is done.
func decode(ctx context.Context, name string) (picture image.Image, file []byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	file, err = io.ReadAll(&interruptible{ctx, f})
	if err == nil {
		picture, err = decodeBytes(ctx, file)
	}
	switch {
	case ctx.Err() != nil:
		return nil, nil, fmt.Errorf("reading %s: %w", name, context.Cause(ctx))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, nil, fmt.Errorf("%s is damaged: it is cut short", name)
	case err != nil:
		return nil, nil, fmt.Errorf("%s is damaged: %w", name, err)
	}
	return picture, file, nil
}

// decodeBytes decodes an image. It recovers panics of the libraries, which trust some of their input.
func decodeBytes(ctx context.Context, file []byte) (picture image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			picture, err = nil, fmt.Errorf("%v", p)
		}
	}()
	held := &heldFile{ctx, bytes.NewReader(file)}
	if isTIFF(file) {
		if err := boundTIFF(file); err != nil {
			return nil, err
		}
		picture, err = tiff.Decode(held)
	} else {
		picture, _, err = image.Decode(held)
	}
	if err != nil {
		return nil, err
	}
	if p, ok := picture.(*image.Paletted); ok && len(p.Pix) > 0 && int(slices.Max(p.Pix)) >= len(p.Palette) {
		return nil, fmt.Errorf("it uses colour %d of a palette of %d", slices.Max(p.Pix), len(p.Palette))
	}
	return faithful(picture, file), nil
}

// faithful returns an image with the colours that the libraries of its format compute.
func faithful(picture image.Image, file []byte) image.Image {
	switch p := picture.(type) {
	case *image.YCbCr:
		rgb, narrowest := fullRange, 3 // columns: libjpeg repeats fewer
		if isWebP(file) {
			rgb, narrowest = studioRange, 1
		}
		if c := newChroma(p, narrowest, rgb); c != nil {
			return c
		}
	case *image.NYCbCrA: // WebP
		opaque := faithful(&p.YCbCr, file)
		to := image.NewNRGBA(p.Rect)
		for y := p.Rect.Min.Y; y < p.Rect.Max.Y; y++ {
			for x := p.Rect.Min.X; x < p.Rect.Max.X; x++ {
				c := opaque.At(x, y).(color.NRGBA)
				c.A = p.A[p.AOffset(x, y)]
				to.SetNRGBA(x, y, c)
			}
		}
		return to
	}
	return picture
}

// isWebP and isPNG recognise formats by the first bytes.
func isWebP(file []byte) bool {
	return len(file) > 12 && string(file[:4])+string(file[8:12]) == "RIFFWEBP"
}

func isPNG(file []byte) bool {
	return strings.HasPrefix(string(file[:min(8, len(file))]), "\x89PNG\r\n\x1a\n")
}
