package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // the formats of OpenFolder
	_ "image/png"
	"io"
	"os"
	"strings"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/humanize"
)

// endings are those of the files that are read as pictures; what is in them decides their format.
func endings() []string {
	return []string{".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"}
}

func formatList() string { return "PNG, JPEG, BMP, WebP or TIFF" }

// maxSide and maxAspect bound the sides of a picture; scaling keeps the aspect.
const maxSide, maxAspect = 20_000, 20

// pictureShare is the part of a data set's bound that one decoded picture, or its file, may take.
const pictureShare = 16

// minPicture is what a picture may take on any machine: 4,000 × 4,000 pixels of 4 bytes.
const minPicture = 64 << 20

// size is the height and width of a picture.
type size struct{ height, width int }

func (s size) String() string { return fmt.Sprintf("%d×%d", s.height, s.width) }

// config reads the head of a picture, and refuses one that would take too much memory.
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
	c, format, err := image.DecodeConfig(f)
	most := max(limit/pictureShare, minPicture)
	need := int64(c.Width) * int64(c.Height) * bytesPerPixel(c.ColorModel)
	switch {
	case err != nil:
		return c, fmt.Errorf("%s is not a %s picture: %w", name, formatList(), err)
	case c.Width < 1 || c.Height < 1 || c.Width > maxSide || c.Height > maxSide:
		return c, fmt.Errorf("%s is a %s picture of %d×%d, expected sides from 1 to %s", name, format, c.Height, c.Width, humanize.Grouped(maxSide))
	case max(c.Width, c.Height) > maxAspect*min(c.Width, c.Height):
		return c, fmt.Errorf("%s is a %s picture of %d×%d, expected sides that differ by a factor of at most %d", name, format, c.Height, c.Width, maxAspect)
	case need > most || info.Size() > most:
		return c, fmt.Errorf("%s is a %s picture of %d×%d that takes %s of memory, more than the %s that one may take here: make it smaller",
			name, format, c.Height, c.Width, gigabytes(max(need, info.Size())), gigabytes(most))
	}
	return c, nil
}

// bytesPerPixel is what a decoded pixel takes.
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

// decode reads a picture, whose head was found good. It returns soon after ctx is done.
func decode(ctx context.Context, name string) (picture image.Image, file []byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	file, err = io.ReadAll(&interruptible{ctx, f})
	if err == nil {
		picture, _, err = image.Decode(&interruptible{ctx, bytes.NewReader(file)})
	}
	switch {
	case ctx.Err() != nil:
		return nil, nil, fmt.Errorf("reading %s: %w", name, context.Cause(ctx))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, nil, fmt.Errorf("%s is damaged: it is cut short", name)
	case err != nil:
		return nil, nil, fmt.Errorf("%s is damaged: %w", name, err)
	}
	if c, ok := picture.(*image.YCbCr); ok && bytes.HasPrefix(file, []byte("RIFF")) {
		return studio{c}, file, nil
	}
	return picture, file, nil
}

// studio is a lossy WebP picture: its luma goes from 16 to 235 and its chroma from 16 to 240 (RFC 6386, section 9.2;
// ITU-R BT.601), which image.YCbCr does not know.
type studio struct{ *image.YCbCr }

func (studio) ColorModel() color.Model { return color.NRGBAModel }

func (s studio) At(x, y int) color.Color {
	c := s.YCbCrAt(x, y)
	luma, blue, red := 1.164383*(float64(c.Y)-16), float64(c.Cb)-128, float64(c.Cr)-128
	clamp := func(v float64) uint8 { return uint8(min(max(v+.5, 0), 255)) }
	return color.NRGBA{clamp(luma + 1.596027*red), clamp(luma - 0.391762*blue - 0.812968*red), clamp(luma + 2.017232*blue), 255}
}

// isWebP and isPNG tell formats by the first bytes.
func isWebP(file []byte) bool {
	return len(file) > 12 && string(file[:4])+string(file[8:12]) == "RIFFWEBP"
}

func isPNG(file []byte) bool {
	return strings.HasPrefix(string(file[:min(8, len(file))]), "\x89PNG\r\n\x1a\n")
}
