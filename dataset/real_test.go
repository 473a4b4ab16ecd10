package dataset

import (
	"bytes"
	"context"
	"math"
	"slices"
	"smoothlab/internal/testreference"
	"strings"
	"testing"
)

// realMNIST names a directory that holds all of MNIST, or skips the test.
func realMNIST(t testing.TB) Options {
	t.Helper()
	dir := testreference.Data(t)
	f := Dir{Path: dir, named: true, Err: checkDir(dir)}
	if e := mnist(); !f.search(e, e.Splits[0]).Complete() || !f.search(e, e.Splits[1]).Complete() {
		t.Skipf("%s does not hold all of MNIST", dir)
	}
	return Options{Dir: dir}
}

// Counts and first labels: http://yann.lecun.com/exdb/mnist/. Mean and standard
// deviation of the training pixels: the constants 0.1307 and 0.3081 of PyTorch's
// MNIST example, given to four digits.
func TestMNIST(t *testing.T) {
	opts := realMNIST(t)
	first := map[string][]uint16{"train": {5, 0, 4, 1, 9}, "test": {7, 2, 1, 0, 4}}
	for _, split := range mnist().Splits {
		d, err := Open(t.Context(), "mnist", split.Name, opts)
		if err != nil {
			t.Fatal(err)
		}
		if d.Len() != split.Images || d.Total != split.Total || len(d.Pixels) != split.Images*784 {
			t.Errorf("%v: want %d images of 784 pixels", d, split.Images)
		}
		if notes(d) != "" {
			t.Errorf("note %q for the published files", notes(d))
		}
		if got := d.Labels[:5]; !slices.Equal(got, first[split.Name]) {
			t.Errorf("%s begins with labels %v, want %v", split.Name, got, first[split.Name])
		}
		if split.Name == "train" {
			mean, deviation := moments(d.Pixels)
			if math.Abs(mean-.1307) > .00005 || math.Abs(deviation-.3081) > .00005 {
				t.Errorf("mean %.5f, standard deviation %.5f; want .1307, .3081", mean, deviation)
			}
		}
	}
}

// occurrences counts a label.
func occurrences(labels []uint16, class int) (n int) {
	for _, y := range labels {
		if int(y) == class {
			n++
		}
	}
	return n
}

// moments takes pixels in [0,1].
func moments(pixels []byte) (mean, deviation float64) {
	var sum, squares uint64
	for _, p := range pixels {
		sum += uint64(p)
		squares += uint64(p) * uint64(p)
	}
	n := float64(len(pixels))
	mean = float64(sum) / n / 255
	return mean, math.Sqrt(float64(squares)/n/255/255 - mean*mean)
}

func TestMiniIsPartOfMNIST(t *testing.T) {
	opts := realMNIST(t)
	for _, split := range mnistMini().Splits {
		whole, err := Open(t.Context(), "mnist", split.Name, opts)
		if err != nil {
			t.Fatal(err)
		}
		mini, err := Open(t.Context(), "mnist-mini", split.Name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		part, err := whole.Select(mini.Indices)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(mini.Pixels, part.Pixels) || !slices.Equal(mini.Labels, part.Labels) {
			t.Errorf("%v differs from the images of mnist at its indices", mini)
		}
		if split.Name == "train" {
			checkFirstOfEachClass(t, whole, mini)
		}
	}
}

// checkFirstOfEachClass counts: of a class, as many images of whole lie at or
// before the last one taken as were taken.
func checkFirstOfEachClass(t *testing.T, whole, mini *Dataset) {
	t.Helper()
	for class := range mini.Classes {
		last := 0
		for p, label := range mini.Labels {
			if int(label) == class {
				last = mini.Indices[p]
			}
		}
		if n := occurrences(whole.Labels[:last+1], class); n != 400 {
			t.Errorf("class %d: the last image taken is number %d of its class, want 400", class, n)
		}
	}
}

// This needs no files. Labels of the test images 0, 20 … 180: column “label” of the published certification log
// cohen/mnist/noise_0.50.
func TestMini(t *testing.T) {
	train, err := Open(t.Context(), "mnist-mini", "train", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for class := range train.Classes {
		if n := occurrences(train.Labels, class); n != 400 {
			t.Errorf("%d training images of class %d, want 400", n, class)
		}
	}
	test, err := Open(t.Context(), "mnist-mini", "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []uint16{7, 9, 1, 7, 7, 6, 5, 6, 4, 1}; !slices.Equal(test.Labels[:10], want) {
		t.Errorf("test labels %v, want %v", test.Labels[:10], want)
	}
	if !slices.Equal(test.Indices, span(0, 10000, 20)) {
		t.Error("the test images are not 0, 20 … 9980")
	}
	if d, err := Open(
		t.Context(),
		"mnist-mini",
		"test",
		Options{Dir: "ignored, as nothing is searched"},
	); err != nil ||
		d.Len() != 500 {
		t.Errorf("got %v, error %v; want the embedded images", d, err)
	}
}

func TestMislabelledPublishedFiles(t *testing.T) {
	opts := realMNIST(t)
	at := func(split int) Found {
		f := Dir{Path: opts.Dir, named: true}
		return f.search(mnist(), mnist().Splits[split])
	}
	tests := map[string]struct {
		entry Entry
		split int
		files Found
		want  string
	}{
		"test as train": {mnist(), 0, at(1), "has the checksum of the published mnist test, not of mnist train"},
		"mnist as fashion": {
			fashionMNIST(),
			1,
			at(1),
			"has the checksum of the published mnist test, not of fashion-mnist test",
		},
	}
	for name, test := range tests {
		d, err := read(t.Context(), test.entry, test.entry.Splits[test.split], test.files)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s was read as %v, error %v; want %s", name, d, err, test.want)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	b.Run("mnist train", func(b *testing.B) {
		benchmarkOpen(b, "mnist", "train", realMNIST(b))
	})
	b.Run("mnist test", func(b *testing.B) {
		benchmarkOpen(b, "mnist", "test", realMNIST(b))
	})
	b.Run("mnist-mini train", func(b *testing.B) {
		benchmarkOpen(b, "mnist-mini", "train", Options{})
	})
}

// benchmarkOpen counts unpacked bytes.
func benchmarkOpen(b *testing.B, name, split string, opts Options) {
	b.ReportAllocs()
	for b.Loop() {
		d, err := Open(context.Background(), name, split, opts)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(d.Pixels) + len(d.Labels)))
	}
}
