package dataset

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const foreign = "testdata/foreign"

// Files that NumPy wrote (testdata/foreign/make.py). Both parts of parts.npz have the same numbers, in two layouts.
func TestOpenNPZ(t *testing.T) {
	grey, err := Open(t.Context(), filepath.Join(foreign, "grey.npz"), "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := grey.String(); !strings.HasSuffix(got, "grey.npz all: 3 images, 4×5×1 in [0,1], 3 classes") ||
		!slices.Equal(grey.Labels, []uint16{2, 0, 1}) {
		t.Errorf("%s, labels %v", got, grey.Labels)
	}
	train, err := OpenNPZ(t.Context(), filepath.Join(foreign, "parts.npz"), "train", Options{})
	if err != nil {
		t.Fatal(err)
	}
	test, err := OpenNPZ(t.Context(), filepath.Join(foreign, "parts.npz"), "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(train.Pixels, test.Pixels) || notes(train) != "" || train.Split != "train" ||
		len(train.Classes) != 7 {
		t.Errorf("%v and %v differ; note %q", train, test, notes(train))
	}
	if first := grey.Pixels[:6]; !bytes.Equal(first, []byte{255, 228, 34, 121, 243, 189}) { // as NumPy prints them
		t.Errorf("pixels begin with %v", first)
	}
}

// The authors' ImageNet preprocessing, against PIL's: both filters add up 8-bit pixels with weights that are rounded,
// and round the result, twice. Every 8th pixel of each side is compared.
func TestPictureDirAsImageNet(t *testing.T) {
	d, err := Open(t.Context(), filepath.Join(foreign, "pictures"), "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Classes, []string{"tall", "wide"}) || d.Height != 224 || d.Width != 224 || d.Channels != 3 ||
		d.Split != All {
		t.Fatalf("%v of %v", d, d.Classes)
	}
	want, err := OpenNPZ(t.Context(), filepath.Join(foreign, "imagenet.npz"), "test", Options{})
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

// Each format gives what PIL gives, to the rounding of its decoder: libjpeg's and libwebp's work in whole numbers.
func TestFormats(t *testing.T) {
	d, err := Open(t.Context(), filepath.Join(foreign, "formats"), "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := OpenNPZ(t.Context(), filepath.Join(foreign, "formats.npz"), "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	const lossy = 3 // of 255
	for i, class := range d.Classes {
		tolerance := 0
		if strings.HasPrefix(class, "jpg") || class == "webp" || class == "webp-alpha" || class == "webp-exif" {
			tolerance = lossy
		}
		worst := 0
		for at, p := range d.Image(i) {
			q := want.Image(i)[at]
			worst = max(worst, int(max(p, q)-min(p, q)))
		}
		if worst > tolerance {
			t.Errorf("%s: pixels differ by up to %d of 255", class, worst)
		}
	}
	for _, note := range []string{"3 of 16 images (the first is image 6) are rotated by an EXIF orientation", "2 of 16 images (the first is image 7) are partly transparent"} {
		if !strings.Contains(notes(d), note) {
			t.Errorf("notes %q, want %q", d.Notes(), note)
		}
	}
}

// Files with several pages or frames, as PIL writes them, are noted; their first images are read.
func TestFrames(t *testing.T) {
	d, err := Open(t.Context(), filepath.Join(foreign, "frames"), "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "2 of 4 images (the first is image 0) are the first of several in a file, whose other pages or frames are left out"
	if !strings.Contains(notes(d), want) {
		t.Errorf("notes %q, want %q", d.Notes(), want)
	}
	for i, class := range d.Classes { // the first page or frame is 40 everywhere, the others 200
		if p := d.Image(i); p[0] != 40 || p[len(p)-1] != 40 {
			t.Errorf("%s begins with %d", class, p[0])
		}
	}
}

// For any input, the orientation is one of EXIF's.
func FuzzOrientation(f *testing.F) {
	for _, name := range []string{"jpg-exif/a.jpg", "png-exif/a.png", "webp-exif/a.webp"} {
		file, err := os.ReadFile(filepath.Join(foreign, "formats", name))
		if err != nil {
			f.Fatal(err)
		}
		if o := orientation(file); o != 6 {
			f.Errorf("%s: orientation %d, want 6", name, o)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if o := orientation(file); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}

// For any input a decoder does not panic, and a decoded image has the size that its header declares.
func FuzzPicture(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(foreign, "formats", "*", "a.*"))
	if err != nil || len(files) < 16 {
		f.Fatalf("%d files: %v", len(files), err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		c, _, err := decodeHead(bytes.NewReader(file))
		if err != nil || c.Width > 500 || c.Height > 500 {
			return
		}
		picture, err := decodeBytes(t.Context(), file)
		if err != nil {
			return
		}
		b := picture.Bounds()
		form := form{size{b.Dy(), b.Dx()}, 3, false}
		if pixels, _ := form.append(nil, picture); len(pixels) != 3*b.Dx()*b.Dy() {
			t.Errorf("%d bytes of %v", len(pixels), b)
		}
	})
}
