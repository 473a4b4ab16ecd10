package dataset

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// image writes a PNG of one colour.
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

// tree makes a directory of images: each name gets a grey 5×4 image whose pixels are its position in the list; names
// with other endings get text.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range names {
		if strings.HasSuffix(name, ".png") {
			picture(t, dir, name, paint{true, byte(100 + i)}, 5, 4)
		} else {
			write(t, dir, name, []byte(contents(filepath.Base(name))))
		}
	}
	return dir
}

// contents is the text of a file that is not an image.
func contents(name string) string {
	switch name {
	case "empty.jpg":
		return ""
	case "pointer.jpg":
		return "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n"
	}
	return "text"
}

// found lists the class of each image, and its first pixel minus 100.
func found(d *Dataset) string {
	var list []string
	for i, y := range d.Labels {
		list = append(list, fmt.Sprintf("%s%d", d.Classes[y], int(d.Image(i)[0])-100))
	}
	return strings.Join(list, " ")
}

// Directories as people, programs and operating systems leave them.
func TestPictureDirForms(t *testing.T) {
	for name, test := range map[string]struct {
		names []string
		split string // the split asked for; after "→", the split found
		want  string
		note  string
	}{
		"plain":      {[]string{"b/1.png", "a/2.png", "a/1.png"}, "test → all", "a2 a1 b0", ""},
		"upper case": {[]string{"b/1.PNG.png", "a/2.png"}, "test → all", "a1 b0", ""},
		"numbers":    {[]string{"10/1.png", "9/1.png", "1/1.png"}, "test → all", "12 91 100", "in the order of their numbers, 1, 9, 10 …, not sorted as strings, 1, 10, 9 …"},
		"a late number": {[]string{"0/1.png", "1/1.png", "2/1.png", "3/1.png", "4/1.png", "40/1.png", "5/1.png"}, "test → all", "00 11 22 33 44 56 405",
			"numbers, … 3, 4, 5 …, not sorted as strings, … 3, 4, 40 …"},
		"padded numbers": {[]string{"10/1.png", "09/1.png", "01/1.png"}, "test → all", "012 091 100", ""},
		"words":          {[]string{"two/1.png", "one/1.png", "10/1.png"}, "test → all", "102 one1 two0", ""},
		"deep":           {[]string{"a/z.png", "a/b/c/1.png", "a/b-/1.png", "b/1.png"}, "test → all", "a0 a2 a1 b3", ""}, // as sorted(os.walk()) has them
		"hidden": {[]string{"a/1.png", "b/1.png", "a/._1.png", "a/.ipynb_checkpoints/1.png", ".git/x.png", "__MACOSX/a/1.png", "a/__MACOSX/2.png", "a/Thumbs.db",
			".DS_Store", "b/desktop.ini", "@eaDir/1.png", "a/@eaDir/1.png/x.png", "$RECYCLE.BIN/1.png", "lost+found/1.png"}, "test → all", "a0 b1", ""},
		"left out": {[]string{"a/1.png", "b/1.png", "3.png", "b/x.txt", "a/x.txt", "a/y.gif", "a/README"}, "test → all", "a0 b1",
			"left out: 1 image outside of a class directory, 1 file (.gif), 2 files (.txt), 1 file (no ending)"},
		"folds":        {[]string{"fold1/a/1.png", "fold1/b/1.png", "fold2/a/1.png", "fold2/b/1.png"}, "test → all", "fold10 fold11 fold22 fold23", "each of the classes fold1, fold2 holds the directories a, b"},
		"one below":    {[]string{"n01/images/1.png", "n02/images/1.png"}, "test → all", "n010 n021", ""},
		"sets":         {[]string{"training_set/a/1.png", "training_set/b/1.png", "Test-Images/a/1.png", "Test-Images/b/1.png"}, "test", "a2 b3", ""},
		"parts":        {[]string{"train/a/1.png", "train/b/1.png", "test/a/1.png", "test/b/1.png"}, "test", "a2 b3", ""},
		"other words":  {[]string{"Training/a/1.png", "Training/b/1.png", "Testing/a/1.png", "Testing/b/1.png"}, "train", "a0 b1", ""},
		"validation":   {[]string{"train/a/1.png", "train/b/1.png", "valid/a/1.png", "valid/b/1.png"}, "test", "a2 b3", "read from the validation images"},
		"all three":    {[]string{"train/a/1.png", "train/b/1.png", "val/a/1.png", "test/b/1.png"}, "validation", "a2", ""},
		"val asked":    {[]string{"train/a/1.png", "train/b/1.png", "validation/a/1.png"}, "val → validation", "a2", ""},
		"lacks one":    {[]string{"train/a/1.png", "train/b/1.png", "train/c/1.png", "test/c/1.png", "test/a/1.png"}, "test", "a4 c3", ""},
		"empty one":    {[]string{"train/a/1.png", "train/b/1.png", "test/a/notes.txt", "test/b/1.png"}, "test", "b3", "left out: 1 file (.txt)"},
		"beside":       {[]string{"train/a/1.png", "train/b/1.png", "test/a/1.png", "unlabelled/x.png"}, "test", "a2", "directories that are not read: unlabelled"},
		"train, a car": {[]string{"train/1.png", "car/1.png"}, "test → all", "car1 train0", ""},
		"Kaggle":       {[]string{"train/a/1.png", "train/b/1.png", "test/1.png"}, "train", "a0 b1", "directories that are not read: test"},
	} {
		asked, split, _ := strings.Cut(test.split, " → ")
		split = cmp.Or(split, asked)
		d, err := Open(t.Context(), tree(t, test.names...), asked, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := found(d); got != test.want || d.Split != split {
			t.Errorf("%s: %s of split %s, want %s of %s", name, got, d.Split, test.want, split)
		}
		var said []string
		for _, note := range d.Notes() {
			if !strings.Contains(note, "nearly of one value") {
				said = append(said, note)
			}
		}
		if test.note == "" && said != nil || !strings.Contains(strings.Join(said, "; "), test.note) {
			t.Errorf("%s: notes %q, want %q", name, said, test.note)
		}
	}
}

func TestPictureDirRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		names []string
		want  string
	}{
		"empty": {nil, "has no directories of images: expected one per class, at least two"},
		"idx": {[]string{"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"},
			"; it has files of mnist or fashion-mnist: open that name, and give this directory to search"},
		"cifar": {[]string{"test_batch.bin"},
			"; it has files of cifar10: open that name, and give this directory to search"},
		"flat":          {[]string{"1.png", "2.png"}, "2 images outside of class directories"},
		"one class":     {[]string{"a/1.png"}, "has one directory of images, a: expected one per class, at least two"},
		"outer":         {[]string{"digits/train/a/1.png", "digits/test/a/1.png"}, "digits, which holds test, train"},
		"parts inside":  {[]string{"a/train/1.png", "a/test/1.png", "b/train/1.png", "b/test/1.png"}, "holds test, train: expected the parts outside, as in "},
		"no bytes":      {[]string{"a/1.png", "b/1.png", "b/empty.jpg"}, "empty.jpg is an empty file"},
		"not fetched":   {[]string{"a/1.png", "b/1.png", "b/pointer.jpg"}, "pointer.jpg: it is a pointer of Git LFS"},
		"empty class":   {[]string{"a/1.png", "b/1.txt"}, "/b has no readable image: expected PNG, JPEG"},
		"no test":       {[]string{"train/a/1.png", "train/b/1.png"}, "no images for the split test: it has train"},
		"new class":     {[]string{"train/a/1.png", "train/b/1.png", "test/c/1.png"}, "has the class c, which"},
		"two trainings": {[]string{"train/a/1.png", "training/a/1.png"}, "has train and training: keep one of them"},
		"broken":        {[]string{"a/1.png", "b/1.png", "b/2.jpg"}, "2.jpg is not a PNG, JPEG, BMP, WebP or TIFF image"},
	} {
		d, err := Open(t.Context(), tree(t, test.names...), "test", Options{})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, %v; want %q", name, d, err, test.want)
		}
	}
}

// Endings of names are read in capitals, too; an archive is to be unpacked.
func TestOpenByEnding(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{
		"a.NPZ":    "a.NPZ: not an .npz file",
		"a.Npy":    "a.Npy is one array",
		"a.zip":    "or an .npz file: unpack it, and name the directory",
		"a.tar.GZ": "or an .npz file: unpack it, and name the directory",
		"a.txt":    "or an .npz file",
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("a"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), path, "test", Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", name, err, want)
		}
	}
}

// Names that are not UTF-8 become text that JSON keeps, in directories and in arrays, with a note.
func TestClassNamesNotUTF8(t *testing.T) {
	dir := tree(t, "caf\xe9/1.png", "caf\xe8/1.png", "caf\xe8/2.png", "tea/1.png")
	d, err := Open(t.Context(), dir, "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`caf\xe8`, `caf\xe9`, "tea"}
	if !slices.Equal(d.Classes, want) || !slices.Equal(d.Labels, []uint16{0, 0, 1, 2}) {
		t.Errorf("classes %q, labels %v", d.Classes, d.Labels)
	}
	if !strings.Contains(notes(d), `written with escapes, such as caf\xe8`) {
		t.Errorf("notes %q", d.Notes())
	}
	file := npzFile(t, array{"x", "|u1", "2, 1, 2", []byte{1, 2, 3, 4}}, array{"y", "|S2", "2,", []byte("b\xe9b\xe8")})
	if d, err = Open(t.Context(), file, "test", Options{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Classes, []string{`b\xe8`, `b\xe9`}) || !slices.Equal(d.Labels, []uint16{1, 0}) {
		t.Errorf("an array: classes %q, labels %v", d.Classes, d.Labels)
	}
	if _, err := d.WithClasses([]string{"a\xff", "b"}); err == nil || !strings.Contains(err.Error(), "is not UTF-8") {
		t.Errorf("names given: %v", err)
	}
}

// Links are followed, but not in circles.
func TestPictureDirLinks(t *testing.T) {
	dir := tree(t, "store/x/1.png", "store/y/2.png", "set/b/1.png")
	for name, to := range map[string]string{"a": "../store/x", "b/2.png": "../../store/y/2.png", "b/round": "..", "b/deep": "../../store/y", "b/gone.png": "nowhere.png", "c": "../set"} {
		if err := os.Symlink(to, filepath.Join(dir, "set", name)); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(t.Context(), filepath.Join(dir, "set"), "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := found(d), "a0 b2 b1 b1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if want := "left out: 1 broken link, 2 circular links"; !strings.Contains(notes(d), want) {
		t.Errorf("notes %q, want %q", d.Notes(), want)
	}
}

// One image of another size is named; large images of many sizes are cut to one.
func TestPictureDirSizes(t *testing.T) {
	dir := tree(t, "a/1.png", "a/2.png", "b/1.png")
	picture(t, dir, "b/odd.png", paint{true, 9}, 6, 4)
	if _, err := Open(
		t.Context(),
		dir,
		"test",
		Options{},
	); err == nil ||
		!strings.Contains(
			err.Error(),
			"b/odd.png is 4×6, but 3 of 4 images are 4×5: convert the images to one size, or remove it",
		) {
		t.Errorf("an odd one: %v", err)
	}
	dir = tree(t, "a/1.png")
	picture(t, dir, "a/large.png", paint{false, 9}, 300, 260)
	picture(t, dir, "b/larger.png", paint{false, 9}, 260, 240)
	d, err := Open(t.Context(), dir, "test", Options{})
	if want := "the images have 3 sizes: each is scaled to a short side of 256 and cropped to 224×224; 1 is smaller and enlarged"; err != nil ||
		d.Height != 224 ||
		!strings.Contains(notes(d), want) {
		t.Errorf("%v, %v, notes %q", d, err, d.Notes())
	}
}

// Test images that happen to be grey have as many channels as the training images.
func TestPictureDirChannels(t *testing.T) {
	dir := t.TempDir()
	picture(t, dir, "train/a/1.png", paint{false, 9}, 5, 4)
	picture(t, dir, "train/b/1.png", paint{true, 9}, 5, 4)
	picture(t, dir, "test/a/1.png", paint{true, 9}, 5, 4)
	picture(t, dir, "test/b/1.png", paint{true, 99}, 5, 4)
	for split, want := range map[string]int{"train": 3, "test": 3} {
		if d, err := Open(t.Context(), dir, split, Options{}); err != nil || d.Channels != want {
			t.Errorf("%s: %v, %v, want %d channels", split, d, err, want)
		}
	}
	if _, err := Open(
		t.Context(),
		dir,
		"train",
		Options{Channels: 1},
	); err == nil ||
		!strings.Contains(err.Error(), "image 0 has colours") {
		t.Errorf("one channel of colours: %v", err)
	}
}

// An image that would take too much memory is refused after reading its header, and so is a set of them.
func TestPictureDirBounds(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	head := b.Bytes()
	binary.BigEndian.PutUint32(head[16:], 20000)
	binary.BigEndian.PutUint32(head[20:], 20000)
	binary.BigEndian.PutUint32(head[29:], crc32.ChecksumIEEE(head[12:29]))
	dir := tree(t, "a/1.png", "a/2.png", "b/1.png")
	if _, err := Open(
		t.Context(),
		dir,
		"test",
		Options{MaxBytes: 59},
	); err == nil ||
		!strings.Contains(err.Error(), "3 images of 4×5×1: its images take 6e-05 MB") {
		t.Errorf("60 bytes where 59 may be: %v", err)
	}
	write(t, dir, "b/2.png", head)
	if _, err := Open(
		t.Context(),
		dir,
		"test",
		Options{MaxBytes: 1 << 30},
	); err == nil ||
		!strings.Contains(
			err.Error(),
			"20000×20000 that takes 0.4 GB of memory, more than the limit of 67.1 MB",
		) {
		t.Errorf("20,000 by 20,000: %v", err)
	}
}

// Small images of one size are taken as they are, parts are found, and faults are reported.
func TestPictureDirOfSmallPictures(t *testing.T) {
	dir := t.TempDir()
	picture(t, dir, "train/0/b.png", paint{true, 9}, 5, 4)
	picture(t, dir, "train/0/a.png", paint{true, 8}, 5, 4)
	picture(t, dir, "train/1/deep/c.png", paint{true, 7}, 5, 4)
	picture(t, dir, "val/0/a.png", paint{false, 6}, 5, 4)
	picture(t, dir, "val/1/a.png", paint{true, 5}, 5, 4)
	write(t, dir, "train/0/notes.txt", []byte("no image"))
	train, err := Open(t.Context(), dir, "train", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if train.Channels != 1 || train.Height != 4 || train.Width != 5 || !slices.Equal(train.Labels, []uint16{0, 0, 1}) ||
		train.Image(0)[0] != 8 ||
		train.Image(2)[19] != 7 {
		t.Errorf("%v, labels %v, pixels %v", train, train.Labels, train.Pixels)
	}
	test, err := Open(t.Context(), dir, "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if test.Channels != 3 || !bytes.Equal(test.Image(0)[:3], []byte{6, 0, 249}) ||
		!bytes.Equal(test.Image(1)[:3], []byte{5, 5, 5}) {
		t.Errorf("%v begins with %v", test, test.Image(0)[:3])
	}
	if _, err := Open(
		t.Context(),
		dir,
		"tset",
		Options{},
	); err == nil ||
		!strings.Contains(err.Error(), `unknown split "tset"`) {
		t.Errorf("an unknown split: %v", err)
	}
	write(t, dir, "val/1/broken.png", []byte("\x89PNG and no more"))
	if _, err := Open(t.Context(), dir, "test", Options{}); err == nil || !strings.Contains(err.Error(), "broken.png") {
		t.Errorf("a broken image: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "train", "2"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{dir: "has no readable image", filepath.Join(dir, "nowhere"): "no data set and no directory", filepath.Join(dir, "train", "0"): "2 images outside of class directories",
		filepath.Join(dir, "val", "0", "a.png"): "is not a directory"} {
		if _, err := Open(t.Context(), path, "train", Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, filepath.Join(foreign, "pictures"), "test", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted directory: %v", err)
	}
}

// The upper 8 bits of 16-bit images are read, and images that use few of the 16 bits are noted.
func TestPictureDirOf16Bits(t *testing.T) {
	for name, test := range map[string]struct {
		values [2]uint16 // of the left and the right pixel
		pixels []byte
		want   string
	}{
		"12 bits": {[2]uint16{0, 4095}, []byte{0, 15}, "with values up to 4095 of 65,535, as from 12-bit cameras"},
		"16 bits": {[2]uint16{256, 65535}, []byte{1, 255}, "read by their upper 8 bits; PIL"},
	} {
		var b bytes.Buffer
		m := image.NewGray16(image.Rect(0, 0, 2, 1))
		for x, v := range test.values {
			m.SetGray16(x, 0, color.Gray16{Y: v})
		}
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		write(t, dir, "a/1.png", b.Bytes())
		write(t, dir, "b/1.png", b.Bytes())
		d, err := Open(t.Context(), dir, "test", Options{})
		if err != nil || !bytes.Equal(d.Image(1), test.pixels) || !strings.Contains(notes(d), test.want) {
			t.Errorf("%s: %v, pixels %v, notes %q", name, err, d.Image(1), d.Notes())
		}
	}
}
