package dataset

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothlab/internal/npz"
)

const foreign = "testdata/foreign"

// What NumPy wrote (testdata/foreign/make.py); the same numbers stand in both parts of parts.npz, in two layouts.
func TestOpenNPZ(t *testing.T) {
	grey, err := Open(t.Context(), filepath.Join(foreign, "grey.npz"), "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := grey.String(); !strings.HasSuffix(got, "grey.npz all: 3 images, 4×5×1 in [0,1], 3 classes") || !slices.Equal(grey.Labels, []uint16{2, 0, 1}) {
		t.Errorf("%s, labels %v", got, grey.Labels)
	}
	train, err := OpenNPZ(t.Context(), filepath.Join(foreign, "parts.npz"), "train")
	if err != nil {
		t.Fatal(err)
	}
	test, err := OpenNPZ(t.Context(), filepath.Join(foreign, "parts.npz"), "test")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(train.Pixels, test.Pixels) || notes(train) != "" || train.Split != "train" || len(train.Classes) != 7 {
		t.Errorf("%v and %v differ; note %q", train, test, notes(train))
	}
	if first := grey.Pixels[:6]; !bytes.Equal(first, []byte{255, 228, 34, 121, 243, 189}) { // as NumPy prints them
		t.Errorf("pixels begin with %v", first)
	}
	f, err := os.Open(filepath.Join(foreign, "grey.npz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := npz.Read(t.Context(), f, 100, 1<<30); err == nil {
		t.Error("a file cut short was read")
	}
}

// Shapes, types and labels that no data set can be made of.
func TestOpenNPZRefuses(t *testing.T) {
	array := func(shape []int, values any) npz.Array { return npz.Array{Shape: shape, Values: values} }
	images := array([]int{2, 1, 1}, []uint8{1, 2})
	for name, test := range map[string]struct {
		x, y, classes npz.Array
		want          string
	}{
		"one image":     {array([]int{2, 2}, make([]uint8, 4)), array([]int{2}, []int64{0, 1}), npz.Array{}, "expected images"},
		"two channels":  {array([]int{1, 2, 2, 2}, make([]uint8, 8)), array([]int{1}, []int64{0}), npz.Array{}, "1 or 3 channels"},
		"none":          {array([]int{0, 2, 2}, []uint8{}), array([]int{0}, []int64{}), npz.Array{}, "expected images"},
		"0 to 255":      {array([]int{1, 1, 1}, []float32{17}), array([]int{1}, []int64{0}), npz.Array{}, "pixels in [0,1]"},
		"words":         {array([]int{1, 1, 1}, []int64{17}), array([]int{1}, []int64{0}), npz.Array{}, "expected bytes"},
		"few labels":    {images, array([]int{1}, []int64{0}), npz.Array{}, "one label for each"},
		"negative":      {images, array([]int{2}, []int64{0, -1}), npz.Array{}, "y[1] is -1"},
		"float labels":  {images, array([]int{2}, []float64{0, 1}), npz.Array{}, "expected whole numbers"},
		"large":         {images, array([]int{2}, []uint64{0, 1 << 63}), npz.Array{}, "label from 0"},
		"fewer classes": {images, array([]int{2}, []int64{0, 4}), array(nil, []int64{4}), "largest label of y is 4"},
	} {
		if err := (&Dataset{}).fill(test.x, test.y, test.classes); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	d := &Dataset{Name: "f.npz"}
	if err := d.fill(array([]int{1, 1, 1}, []float32{0.5}), array([]int{1}, []int64{0}), npz.Array{}); err != nil || d.Pixels[0] != 128 || notes(d) == "" {
		t.Errorf("½ became %v, note %q, error %v", d.Pixels, notes(d), err)
	}
}

// The authors' ImageNet preprocessing, against PIL's: both filters add up 8-bit pixels with weights that are rounded, and round
// the result, twice. Every 8th pixel of each side is compared.
func TestFolderAsImageNet(t *testing.T) {
	d, err := Open(t.Context(), filepath.Join(foreign, "pictures"), "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Classes, []string{"tall", "wide"}) || d.Height != 224 || d.Width != 224 || d.Channels != 3 || d.Split != All {
		t.Fatalf("%v of %v", d, d.Classes)
	}
	want, err := OpenNPZ(t.Context(), filepath.Join(foreign, "imagenet.npz"), All)
	if err != nil {
		t.Fatal(err)
	}
	worst := 0
	for i := range 2 {
		for y := range 28 {
			for x := range 28 {
				for c := range 3 {
					got := int(d.Image(i)[(8*y*224+8*x)*3+c])
					worst = max(worst, max(got-int(want.Image(i)[(y*28+x)*3+c]), int(want.Image(i)[(y*28+x)*3+c])-got))
				}
			}
		}
	}
	if worst > 1 {
		t.Errorf("pixels differ by up to %d of 255", worst)
	}
}

// picture writes a PNG of one colour.
func picture(t *testing.T, dir, name string, m paint, w, h int) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m.of(w, h)); err != nil {
		t.Fatal(err)
	}
	write(t, dir, name, b.Bytes())
}

type paint struct {
	grey  bool
	value uint8
}

func (d paint) of(w, h int) image.Image {
	r := image.Rect(0, 0, w, h)
	if d.grey {
		m := image.NewGray(r)
		for i := range m.Pix {
			m.Pix[i] = d.value
		}
		return m
	}
	m := image.NewNRGBA(r)
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, color.NRGBA{d.value, 0, 255 - d.value, 255})
		}
	}
	return m
}

// Small pictures of one size are taken as they are; parts are found; what is not as it should be is said.
func TestFolderOfSmallPictures(t *testing.T) {
	dir := t.TempDir()
	picture(t, dir, "train/0/b.png", paint{true, 9}, 5, 4)
	picture(t, dir, "train/0/a.png", paint{true, 8}, 5, 4)
	picture(t, dir, "train/1/deep/c.png", paint{true, 7}, 5, 4)
	picture(t, dir, "val/0/a.png", paint{false, 6}, 5, 4)
	picture(t, dir, "val/1/a.png", paint{true, 5}, 5, 4)
	write(t, dir, "train/0/notes.txt", []byte("no picture"))
	train, err := Open(t.Context(), dir, "train", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if train.Channels != 1 || train.Height != 4 || train.Width != 5 || !slices.Equal(train.Labels, []uint16{0, 0, 1}) || train.Image(0)[0] != 8 || train.Image(2)[19] != 7 {
		t.Errorf("%v, labels %v, pixels %v", train, train.Labels, train.Pixels)
	}
	test, err := Open(t.Context(), dir, "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if test.Channels != 3 || !bytes.Equal(test.Image(0)[:3], []byte{6, 0, 249}) || !bytes.Equal(test.Image(1)[:3], []byte{5, 5, 5}) {
		t.Errorf("%v begins with %v", test, test.Image(0)[:3])
	}
	if _, err := Open(t.Context(), dir, "tset", Options{}); err == nil || !strings.Contains(err.Error(), "none for the split tset") {
		t.Errorf("an unknown split: %v", err)
	}
	write(t, dir, "val/1/broken.png", []byte("\x89PNG and no more"))
	if _, err := Open(t.Context(), dir, "test", Options{}); err == nil || !strings.Contains(err.Error(), "broken.png") {
		t.Errorf("a broken picture: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "train", "2"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{dir: "holds no picture", filepath.Join(dir, "nowhere"): "no data set and no folder", filepath.Join(dir, "train", "0"): "one for each class",
		filepath.Join(dir, "val", "0", "a.png"): "is no folder"} {
		if _, err := Open(t.Context(), path, "train", Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, filepath.Join(foreign, "pictures"), "test", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted folder: %v", err)
	}
}
