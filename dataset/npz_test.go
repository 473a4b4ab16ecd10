package dataset

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// array is an array of an .npz file, as NumPy writes it.
type array struct {
	name, descr, shape string
	data               []byte
}

func bytesOf(name, shape string, data ...byte) array { return array{name, "|u1", shape, data} }

// npzFile writes an .npz file. A type that begins with F is in Fortran order.
func npzFile(t testing.TB, arrays ...array) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, a := range arrays {
		descr, fortran := strings.CutPrefix(a.descr, "F")
		header := fmt.Sprintf(
			"{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }\n",
			descr,
			map[bool]string{true: "True", false: "False"}[fortran],
			a.shape,
		)
		w, err := z.Create(a.name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(w, "\x93NUMPY\x01\x00%c\x00%s%s", len(header), header, a.data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.npz")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// x and y are two images of 1×2 and their labels.
var (
	twoImages = bytesOf("x", "2, 1, 2", 10, 220, 30, 240)
	twoLabels = bytesOf("y", "2,", 1, 0)
)

// Files as NumPy, Keras, MedMNIST and people write them.
func TestNPZForms(t *testing.T) {
	pixels := []byte{10, 220, 30, 240}
	for name, test := range map[string]struct {
		arrays []array
		split  string
		want   string // the classes, the labels and the pixels
		note   string
	}{
		"plain":         {[]array{twoImages, twoLabels}, All, "[0 1] [1 0] [10 220 30 240]", ""},
		"order":         {[]array{twoLabels, twoImages}, All, "[0 1] [1 0] [10 220 30 240]", ""},
		"upper":         {[]array{bytesOf("X", "2, 1, 2", pixels...), bytesOf("Y", "2,", 1, 0)}, All, "[0 1] [1 0] [10 220 30 240]", ""},
		"words":         {[]array{bytesOf("images", "2, 1, 2", pixels...), bytesOf("labels", "2,", 1, 0)}, All, "[0 1] [1 0] [10 220 30 240]", ""},
		"column":        {[]array{twoImages, bytesOf("y", "2, 1", 1, 0)}, All, "[0 1] [1 0] [10 220 30 240]", ""},
		"one-hot":       {[]array{twoImages, bytesOf("y", "2, 3", 0, 1, 0, 1, 0, 0)}, All, "[0 1 2] [1 0] [10 220 30 240]", ""},
		"float labels":  {[]array{twoImages, {"y", "<f4", "2,", []byte{0, 0, 128, 63, 0, 0, 0, 0}}}, All, "[0 1] [1 0] [10 220 30 240]", ""},
		"bool labels":   {[]array{twoImages, {"y", "|b1", "2,", []byte{1, 0}}}, All, "[0 1] [1 0] [10 220 30 240]", ""},
		"names":         {[]array{twoImages, {"y", "|S3", "2,", []byte("dogcat")}}, All, "[cat dog] [1 0] [10 220 30 240]", ""},
		"number names":  {[]array{twoImages, {"y", "|S2", "2,", []byte("102\x00")}}, All, "[2 10] [1 0] [10 220 30 240]", ""},
		"ordered names": {[]array{twoImages, {"y", "|S3", "2,", []byte("dogcat")}, {"classes", "|S3", "3,", []byte("dogcatfox")}}, All, "[dog cat fox] [0 1] [10 220 30 240]", ""},
		"class names":   {[]array{twoImages, twoLabels, {"classes", "|S3", "3,", []byte("catdogfox")}}, All, "[cat dog fox] [1 0] [10 220 30 240]", ""},
		"class count":   {[]array{twoImages, twoLabels, bytesOf("classes", "", 4)}, All, "[0 1 2 3] [1 0] [10 220 30 240]", ""},
		"odd classes":   {[]array{twoImages, twoLabels, bytesOf("classes", "2,", 4, 5)}, All, "[0 1] [1 0] [10 220 30 240]", "the array classes is neither a number nor names"},
		"extra":         {[]array{twoImages, twoLabels, {"names", "|O", "1,", []byte("\x80\x04N.")}}, All, "[0 1] [1 0] [10 220 30 240]", "arrays that are not read: names"},
		"half a part":   {[]array{twoImages, twoLabels, bytesOf("x_test", "1, 1, 2", 1, 2)}, All, "[0 1] [1 0] [10 220 30 240]", "arrays that are not read: x_test"},
		"from 1":        {[]array{twoImages, bytesOf("y", "2,", 1, 2)}, All, "[0 1 2] [1 2] [10 220 30 240]", "no image has the label 0"},
		"far apart":     {[]array{twoImages, bytesOf("y", "2,", 7, 0)}, All, "[0 1 2 3 4 5 6 7] [7 0] [10 220 30 240]", "labels go up to 7, but there are 2 of them only: 6 of 8 classes have no image"},
		"and no name":   {[]array{twoImages, {"y", "|S3", "2,", []byte("dog\x00\x00\x00")}}, All, "[ dog] [1 0] [10 220 30 240]", `the class 0 has the name "": is a label missing?`},
		"two cases":     {[]array{twoImages, {"y", "|S3", "2,", []byte("dogDog")}}, All, "[Dog dog] [1 0] [10 220 30 240]", `the classes "Dog" and "dog" are two, though their names are almost the same`},
		"blanks":        {[]array{twoImages, {"y", "|S4", "2,", []byte("dog  dog")}}, All, "[ dog dog ] [1 0] [10 220 30 240]", `the classes " dog" and "dog " are two`},
		"copies":        {[]array{bytesOf("x", "2, 1, 2", 10, 220, 10, 220), twoLabels}, All, "[0 1] [1 0] [10 220 10 220]", "1 of 2 images are copies of others, such as image 1"},

		"Keras from 1": {[]array{bytesOf("x_train", "1, 1, 2", 5, 200), bytesOf("y_train", "1,", 1), bytesOf("x_test", "2, 1, 2", pixels...), bytesOf("y_test", "2,", 3, 2)}, "test", "[0 1 2 3] [3 2] [10 220 30 240]", "numbered from 1 to 3, save y-1"},
		"Keras":        {[]array{bytesOf("x_train", "1, 1, 2", 5, 200), bytesOf("y_train", "1,", 4), bytesOf("x_test", "2, 1, 2", pixels...), bytesOf("y_test", "2,", 1, 0)}, "test", "[0 1 2 3 4] [1 0] [10 220 30 240]", ""},
		"sklearn":      {[]array{bytesOf("Xtrain", "1, 1, 2", 5, 200), bytesOf("Ytrain", "1,", 0), bytesOf("Xtest", "2, 1, 2", pixels...), bytesOf("Ytest", "2,", 1, 0)}, "test", "[0 1] [1 0] [10 220 30 240]", ""},
		"MedMNIST":     {[]array{bytesOf("train_images", "1, 1, 2", 5, 200), bytesOf("val_images", "1, 1, 2", 6, 200), bytesOf("test_images", "2, 1, 2", pixels...), bytesOf("train_labels", "1, 1", 2), bytesOf("val_labels", "1, 1", 0), bytesOf("test_labels", "2, 1", 1, 0)}, "test", "[0 1 2] [1 0] [10 220 30 240]", ""},
		"validation":   {[]array{bytesOf("val_images", "2, 1, 2", pixels...), bytesOf("val_labels", "2,", 1, 0)}, "test", "[0 1] [1 0] [10 220 30 240]", "read from the validation images"},
		"part names":   {[]array{bytesOf("x_test", "2, 1, 2", pixels...), {"y_test", "|S3", "2,", []byte("dogcat")}, bytesOf("x_train", "1, 1, 2", 5, 200), {"y_train", "|S3", "1,", []byte("bat")}}, "test", "[bat cat dog] [2 1] [10 220 30 240]", ""},
		"both styles":  {[]array{bytesOf("x_test", "2, 1, 2", pixels...), bytesOf("y_test", "2,", 1, 0), bytesOf("images", "1, 1, 2", 1, 2)}, "test", "[0 1] [1 0] [10 220 30 240]", "arrays that are not read: images"},

		"Fortran":     {[]array{{"x", "F|u1", "2, 1, 2", []byte{10, 30, 220, 240}}, twoLabels}, All, "[0 1] [1 0] [10 220 30 240]", ""},
		"big endian":  {[]array{{"x", ">i2", "2, 1, 2", []byte{0, 10, 0, 220, 0, 30, 0, 240}}, twoLabels}, All, "[0 1] [1 0] [10 220 30 240]", ""},
		"int64":       {[]array{{"x", "<i8", "1, 1, 2", []byte{200, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}}, bytesOf("y", "1,", 1)}, All, "[0 1] [1] [200 1]", ""},
		"truth":       {[]array{{"x", "|b1", "2, 1, 2", []byte{1, 0, 0, 1}}, twoLabels}, All, "[0 1] [1 0] [255 0 0 255]", "False is 0, True is 255"},
		"half floats": {[]array{{"x", "<f2", "1, 1, 2", []byte{0, 0x3c, 0x04, 0x38}}, bytesOf("y", "1,", 1)}, All, "[0 1] [1] [255 128]", ""}, // 1 and 0.502, 128/255
		"rounded":     {[]array{{"x", "<f4", "1, 1, 2", []byte{0, 0, 0, 63, 0, 0, 128, 63}}, bytesOf("y", "1,", 1)}, All, "[0 1] [1] [128 255]", "rounded to multiples of 1/255"},
		"just over":   {[]array{{"x", "<f4", "1, 1, 2", []byte{2, 0, 128, 63, 0, 0, 0, 0}}, bytesOf("y", "1,", 1)}, All, "[0 1] [1] [255 0]", ""},
		"whole":       {[]array{{"x", "<f4", "1, 1, 2", []byte{0, 0, 0x7f, 0x43, 0, 0, 128, 63}}, bytesOf("y", "1,", 1)}, All, "[0 1] [1] [255 1]", "whole, up to 255"},
		"planes":      {[]array{bytesOf("x", "1, 3, 1, 2", 1, 200, 3, 4, 5, 6), bytesOf("y", "1,", 1)}, All, "[0 1] [1] [1 3 5 200 4 6]", ""},
		"equal":       {[]array{bytesOf("x", "1, 1, 2, 3", 7, 7, 7, 200, 200, 200), bytesOf("y", "1,", 1)}, All, "[0 1] [1] [7 200]", "one channel is kept"},
		"ambiguous":   {[]array{bytesOf("x", "1, 3, 1, 3", 1, 2, 3, 4, 5, 6, 7, 8, 200), bytesOf("y", "1,", 1)}, All, "[0 1] [1] [1 2 3 4 5 6 7 8 200]", "could be [N, H, W, C] or [N, C, H, W]"},
		"one image":   {[]array{bytesOf("x", "2, 1, 3", 1, 2, 200, 4, 5, 200), twoLabels}, All, "[0 1] [1 0] [1 2 200 4 5 200]", "one image would be [1, 2, 1, 3]"},

		"0 and 1":       {[]array{bytesOf("x", "2, 1, 2", 0, 1, 1, 0), twoLabels}, All, "[0 1] [1 0] [0 1 1 0]", "all 2 images are nearly black: every pixel is 0 or 1 of 255"},
		"divided twice": {[]array{{"x", "<f4", "1, 1, 2", []byte{0x81, 0x80, 0x80, 0x3b, 0, 0, 0, 0}}, bytesOf("y", "1,", 1)}, All, "[0 1] [1] [1 0]", "image 0 is nearly black"},
		"4 bits":        {[]array{bytesOf("x", "2, 1, 2", 0, 15, 3, 0), twoLabels}, All, "[0 1] [1 0] [0 15 3 0]", "no pixel is above 15 of 255"},
		"percent":       {[]array{bytesOf("x", "10, 1, 2", slices.Repeat([]byte{0, 100}, 10)...), bytesOf("y", "10,", 0, 1, 0, 1, 0, 1, 0, 1, 0, 1)}, All, fmt.Sprint("[0 1] [0 1 0 1 0 1 0 1 0 1] ", slices.Repeat([]byte{0, 100}, 10)), "no pixel of the 10 images is above 100 of 255: if they have another range, scale them first"},
		"upper half":    {[]array{bytesOf("x", "10, 1, 2", slices.Repeat([]byte{128, 255}, 10)...), bytesOf("y", "10,", 0, 1, 0, 1, 0, 1, 0, 1, 0, 1)}, All, fmt.Sprint("[0 1] [0 1 0 1 0 1 0 1 0 1] ", slices.Repeat([]byte{128, 255}, 10)), "no pixel of the 10 images is below 128 of 255"},
		"white":         {[]array{bytesOf("x", "2, 1, 2", 254, 255, 0, 255), twoLabels}, All, "[0 1] [1 0] [254 255 0 255]", "image 0 is nearly white"},
		"grey":          {[]array{bytesOf("x", "2, 1, 2", 128, 128, 100, 110), twoLabels}, All, "[0 1] [1 0] [128 128 100 110]", "all 2 images are nearly of one value"},
	} {
		d, err := Open(t.Context(), npzFile(t, test.arrays...), "test", Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := fmt.Sprint(d.Classes, d.Labels, d.Pixels); got != test.want || d.Split != test.split {
			t.Errorf("%s: %s of split %s, want %s of %s", name, got, d.Split, test.want, test.split)
		}
		if test.note == "" && len(d.Notes()) > 0 || !strings.Contains(notes(d), test.note) {
			t.Errorf("%s: notes %q, want %q", name, d.Notes(), test.note)
		}
	}
}

// A file that is not a data set is refused in one sentence.
func TestNPZRefuses(t *testing.T) {
	floats := func(data ...byte) array { return array{"x", "<f4", "1, 1, 1", data} }
	one := bytesOf("y", "1,", 1)
	for name, test := range map[string]struct {
		arrays []array
		want   string
	}{
		"positional":     {[]array{bytesOf("arr_0", "2, 1, 2", 1, 2, 3, 4), bytesOf("arr_1", "2,", 1, 0)}, "only arr_0 [2 1 2], arr_1 [2]: write them with numpy.savez(path, x=images, y=labels)"},
		"two of them":    {[]array{bytesOf("images", "2, 1, 2", 1, 2, 3, 4), bytesOf("data", "2, 1, 2", 1, 2, 3, 4), twoLabels}, "images and data, which is ambiguous"},
		"two parts":      {[]array{bytesOf("x_train", "1, 1, 2", 1, 2), bytesOf("y_train", "1,", 1), bytesOf("x_training", "1, 1, 2", 1, 2), bytesOf("y_training", "1,", 1)}, "keep one of them for the split train"},
		"other labels":   {[]array{bytesOf("x_test", "1, 1, 2", 1, 200), bytesOf("y_test", "1,", 1), bytesOf("x_train", "1, 1, 2", 1, 2), bytesOf("y_train", "5,", 9)}, "array y_train: damaged: 1 bytes cannot be [5] values"},
		"number damaged": {[]array{twoImages, twoLabels, bytesOf("classes", "5,", 9)}, "array classes: damaged: 1 bytes cannot be [5] values"},
		"no test":        {[]array{bytesOf("x_train", "1, 1, 2", 1, 2), bytesOf("y_train", "1,", 1)}, "no images for the split test: it has train"},
		"none": {
			[]array{bytesOf("x", "0, 1, 2"), bytesOf("y", "0,")},
			"there are no images: their shape is [0 1 2]",
		},
		"mixed labels":   {[]array{bytesOf("x_test", "2, 1, 2", 1, 2, 3, 4), bytesOf("y_test", "2,", 1, 0), bytesOf("x_train", "1, 1, 2", 5, 200), {"y_train", "|S3", "1,", []byte("bat")}}, "y_train holds strings and y_test numbers"},
		"twice":          {[]array{twoImages, twoLabels, twoImages}, "array x: the archive has it twice"},
		"rows":           {[]array{bytesOf("x", "2, 4", 1, 2, 3, 4, 5, 6, 7, 8), twoLabels}, "1 or 3 channels C: save x.reshape(-1, 2, 2, 1)"},
		"rows of RGB":    {[]array{bytesOf("x", "1, 12", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), one}, "save x.reshape(-1, 2, 2, 3)"},
		"overshoot":      {[]array{floats(0, 0, 0x84, 0x3f), one}, "bytes: clip them, as numpy.clip(x, 0, 1) does"}, // 1.03
		"an image":       {[]array{bytesOf("x", "1, 2", 1, 2), one}, "expected [N, H, W]"},
		"flat":           {[]array{bytesOf("x", "2, 2", 1, 2, 3, 4), twoLabels}, "expected [N, H, W]"},
		"4 channels":     {[]array{bytesOf("x", "1, 2, 1, 4", 1, 2, 3, 4, 5, 6, 7, 8), one}, "1 or 3 channels"},
		"objects":        {[]array{{"x", "|O", "2, 1, 2", []byte("\x80\x04N.")}, twoLabels}, "array x: it holds Python objects, not numbers"},
		"object labels":  {[]array{twoImages, {"y", "|O", "2,", []byte("\x80\x04N.")}}, "array y: it holds Python objects, not numbers"},
		"words":          {[]array{{"x", "|S1", "2, 1, 2", []byte("abcd")}, twoLabels}, "array x: it holds strings, not numbers"},
		"above 255":      {[]array{{"x", "<u2", "1, 1, 1", []byte{0, 1}}, one}, "the value at position 0 is 256, expected whole numbers from 0 to 255"},
		"below 0":        {[]array{{"x", "|i1", "1, 1, 1", []byte{255}}, one}, "the value at position 0 is -1, expected whole numbers from 0 to 255: add what was subtracted, or save bytes as uint8"},
		"NaN":            {[]array{floats(0, 0, 0xc0, 0x7f), one}, "the value at position 0 is NaN"},
		"infinite":       {[]array{floats(0, 0, 0x80, 0x7f), one}, "the value at position 0 is +Inf"},
		"normalized":     {[]array{floats(0, 0, 0x80, 0xbf), one}, "from -1 to -1, expected pixels in [0,1], or bytes: undo their normalization"},
		"1.5":            {[]array{floats(0, 0, 0xc0, 0x3f), one}, "is 1.5, in a range from 1.5 to 1.5"},
		"few labels":     {[]array{twoImages, one}, "y has the shape [1], expected one label for each of the 2 images"},
		"scalar label":   {[]array{bytesOf("x", "1, 1, 1", 1), bytesOf("y", "", 1)}, "y has the shape []"},
		"three axes":     {[]array{bytesOf("x", "1, 1, 1", 1), bytesOf("y", "1, 1, 1", 1)}, "expected labels [N]"},
		"negative label": {[]array{bytesOf("x", "1, 1, 1", 1), {"y", "|i1", "1,", []byte{255}}}, "label 0 is -1"},
		"half a label":   {[]array{bytesOf("x", "1, 1, 1", 1), {"y", "<f4", "1,", []byte{0, 0, 0, 63}}}, "label 0 is 0.5"},
		"two hot":        {[]array{twoImages, bytesOf("y", "2, 2", 1, 0, 1, 1)}, "row 1 of the shape [2 2] is not a single 1 among zeros"},
		"none hot":       {[]array{twoImages, bytesOf("y", "2, 2", 0, 0, 0, 1)}, "row 0 of the shape [2 2] is not a single 1"},
		"fewer classes":  {[]array{twoImages, bytesOf("y", "2,", 0, 4), bytesOf("classes", "", 4)}, "classes is 4, but the largest label is 4"},
		"fewer names":    {[]array{twoImages, bytesOf("y", "2,", 0, 2), {"classes", "|S1", "2,", []byte("ab")}}, "array classes has 2 names, but the largest label is 2"},
		"same names":     {[]array{twoImages, twoLabels, {"classes", "|S1", "2,", []byte("aa")}}, `the class name "a" is given twice`},
		"unknown name":   {[]array{twoImages, {"y", "|S1", "2,", []byte("ac")}, {"classes", "|S1", "2,", []byte("ab")}}, `label 1 is "c", which is not in the array classes`},
	} {
		d, err := Open(t.Context(), npzFile(t, test.arrays...), "test", Options{})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, %v; want %q", name, d, err, test.want)
		}
	}
	if _, err := Open(
		t.Context(),
		"a/b.npy",
		"test",
		Options{},
	); err == nil ||
		!strings.Contains(err.Error(), "is one array") {
		t.Errorf("an .npy file: %v", err)
	}
}

// Requested class names and channels, and bounds.
func TestNPZOptions(t *testing.T) {
	path := npzFile(t, bytesOf("x", "2, 1, 2", 10, 220, 30, 240), array{"y", "|S3", "2,", []byte("dogcat")})
	d, err := Open(t.Context(), path, "test", Options{Classes: []string{"fox", "dog", "cat"}, Channels: 3})
	if err != nil || !slices.Equal(d.Labels, []uint16{1, 2}) ||
		!slices.Equal(d.Pixels, []byte{10, 10, 10, 220, 220, 220, 30, 30, 30, 240, 240, 240}) {
		t.Errorf("%v, labels %v, pixels %v", err, d.Labels, d.Pixels)
	}
	if _, err := Open(
		t.Context(),
		path,
		"test",
		Options{Classes: []string{"dog", "fox"}},
	); err == nil ||
		!strings.Contains(err.Error(), "not among the 2 given (dog, fox): cat") {
		t.Errorf("classes that lack one: %v", err)
	}
	numbered := npzFile(t, twoImages, twoLabels)
	d, err = Open(t.Context(), numbered, "test", Options{Classes: []string{"no", "yes", "perhaps"}})
	if err != nil || !slices.Equal(d.Labels, labels2) || !slices.Equal(d.Classes, []string{"no", "yes", "perhaps"}) {
		t.Errorf("names for numbers: %v, %v", d, err)
	}
	colours := npzFile(t, bytesOf("x", "1, 1, 1, 3", 10, 20, 30), bytesOf("y", "1,", 1))
	if _, err := Open(
		t.Context(),
		colours,
		"test",
		Options{Channels: 1},
	); err == nil ||
		!strings.Contains(err.Error(), "image 0 has colours") {
		t.Errorf("one channel of colours: %v", err)
	}
	if _, err := Open(
		t.Context(),
		numbered,
		"test",
		Options{MaxBytes: 3},
	); err == nil ||
		!strings.Contains(err.Error(), "its images take 4e-06 MB of memory, more than the 3e-06 MB") {
		t.Errorf("four bytes where three may be: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, numbered, "test", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

var labels2 = []uint16{1, 0}
