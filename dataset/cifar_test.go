package dataset

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"smoothlab/internal/testreference"
	"strings"
	"testing"
)

// record is a CIFAR-10 record whose planes are filled with one value each.
func record(label, red, green, blue byte) []byte {
	r := []byte{label}
	for _, v := range []byte{red, green, blue} {
		r = append(r, slices.Repeat([]byte{v}, cifarPlane)...)
	}
	return r
}

// tarball packs files as the published archive does.
func tarball(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, data := range files {
		if err := w.WriteHeader(
			&tar.Header{Name: cifarDir + "/" + name, Mode: 0o644, Size: int64(len(data)), Typeflag: tar.TypeReg},
		); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Batches are found in each layout, in a directory or in the archive. Missing and short batches are noted, and indices
// follow the official order.
func TestOpenCIFAR(t *testing.T) {
	batch1 := slices.Concat(record(3, 1, 2, 3), record(9, 4, 5, 6))
	batch3 := record(0, 7, 8, 9)
	packed := tarball(
		t,
		map[string][]byte{"data_batch_3.bin": batch3, "data_batch_1.bin": batch1, "readme.html": []byte("<html>")},
	)
	for name, layout := range map[string]map[string][]byte{
		"official": {"cifar-10-batches-bin/data_batch_1.bin": batch1, "cifar-10-batches-bin/data_batch_3.bin": batch3},
		"plain":    {"data_batch_1.bin": batch1, "data_batch_3.bin": batch3},
		"named":    {"cifar10/data_batch_1.bin": batch1, "cifar10/data_batch_3.bin": batch3},
		"archive":  {"cifar-10-binary.tar.gz": packed},
	} {
		t.Run(name, func(t *testing.T) {
			home(t)
			dir := t.TempDir()
			for file, data := range layout {
				write(t, dir, file, data)
			}
			d, err := Open(t.Context(), "cifar10", "train", Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(d.Labels, []uint16{3, 9, 0}) || !slices.Equal(d.Indices, []int{0, 1, 20000}) ||
				d.Total != 50000 {
				t.Errorf("labels %v, indices %v of %d", d.Labels, d.Indices, d.Total)
			}
			if !bytes.Equal(d.Image(1)[:6], []byte{4, 5, 6, 4, 5, 6}) || len(d.Pixels) != 3*3072 {
				t.Errorf("the second image begins with %v", d.Image(1)[:6])
			}
			for _, want := range []string{"data_batch_1.bin holds 2 of 10,000 images", "data_batch_2.bin is missing", "data_batch_3.bin holds 1 of"} {
				if !strings.Contains(notes(d), want) {
					t.Errorf("note %q, want %q in it", notes(d), want)
				}
			}
		})
	}
}

// Full batches are compared with the published checksums.
func TestCIFARBatchOfOnesOwn(t *testing.T) {
	home(t)
	dir := t.TempDir()
	write(t, dir, "test_batch.bin", bytes.Repeat(record(1, 2, 3, 4), cifarBatch))
	d, err := Open(t.Context(), "cifar10", "test", Options{Dir: dir})
	if err != nil || d.Len() != 10000 || !strings.Contains(notes(d), "test_batch.bin is not the published file") {
		t.Errorf("%v, %v, note %q", d, err, notes(d))
	}
}

// Damaged files are named, with the byte; an interrupt ends the reading.
func TestCIFARRefuses(t *testing.T) {
	good := record(1, 2, 3, 4)
	for name, test := range map[string]struct {
		file string
		data []byte
		want string
	}{
		"cut":      {"test_batch.bin", slices.Concat(good, good[:100]), "byte 3173: expected records"},
		"label":    {"test_batch.bin", slices.Concat(good, record(10, 0, 0, 0)), "byte 3073: expected a label from 0 to 9, found 10"},
		"too many": {"test_batch.bin", bytes.Repeat(good, cifarBatch+1), "expected at most 10,000 images"},
		"empty":    {"test_batch.bin", nil, "holds no image of cifar10 test"},
		"gzip":     {"cifar-10-binary.tar.gz", []byte("<html>404</html>"), "an intact tar.gz archive"},
		"cut tar":  {"cifar-10-binary.tar.gz", tarball(t, map[string][]byte{"test_batch.bin": good})[:60], "an intact tar.gz archive"},
		"no batch": {"cifar-10-binary.tar.gz", tarball(t, map[string][]byte{"data_batch_1.bin": good}), "holds no image of cifar10 test"},
	} {
		home(t)
		dir := t.TempDir()
		write(t, dir, test.file, test.data)
		if _, err := Open(
			t.Context(),
			"cifar10",
			"test",
			Options{Dir: dir},
		); err == nil ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readCIFAR(ctx, "x", bytes.NewReader(good)); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted reading: %v", err)
	}
}

// realCIFAR names a directory that holds CIFAR-10 or a part of it, or skips the test.
func realCIFAR(t testing.TB) Options {
	t.Helper()
	data := testreference.Data(t)
	for _, dir := range []string{data, filepath.Join(data, "cifar10-subset")} {
		f := Dir{Path: dir, named: true, Err: checkDir(dir)}
		if e := cifar10(); f.search(e, e.Splits[0]).Complete() {
			return Options{Dir: dir}
		}
	}
	t.Skipf("%s does not hold CIFAR-10", data)
	return Options{}
}

// The first labels are those that every reader of CIFAR-10 prints, frog, truck, truck, deer … and cat, ship, ship,
// airplane …; the channels' means are the authors' (code/datasets.py:63), within six times what 5,000 images scatter:
// the means of single images have a standard deviation of 0.12.
func TestCIFAR(t *testing.T) {
	opts := realCIFAR(t)
	for split, first := range map[string][]uint16{"train": {6, 9, 9, 4, 1, 1, 2, 7, 8, 3}, "test": {3, 8, 8, 0, 6, 6, 1, 6, 3, 1}} {
		d, err := Open(t.Context(), "cifar10", split, opts)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(d.Labels[:10], first) || d.Height != 32 || d.Width != 32 || d.Channels != 3 {
			t.Errorf("%v begins with labels %v, want %v", d, d.Labels[:10], first)
		}
		if (d.Len() < d.Total) != (notes(d) != "") {
			t.Errorf("%v: note %q", d, notes(d))
		}
		if split == "test" {
			continue
		}
		for c, want := range []float64{.4914, .4822, .4465} {
			var sum float64
			for i := c; i < len(d.Pixels); i += 3 {
				sum += float64(d.Pixels[i]) / 255
			}
			if mean := sum / float64(len(d.Pixels)/3); math.Abs(mean-want) > .01 {
				t.Errorf("channel %d has the mean %.4f, want %.4f", c, mean, want)
			}
		}
	}
}

// For any input the reader neither panics nor takes more memory than the input holds.
func FuzzCIFAR(f *testing.F) {
	f.Add([]byte{})
	f.Add(record(1, 2, 3, 4))
	f.Add(append(record(9, 2, 3, 4), 10))
	f.Fuzz(func(t *testing.T, data []byte) {
		part, err := readCIFAR(context.Background(), "fuzz", bytes.NewReader(data))
		if err != nil {
			return
		}
		if len(part.labels)*cifarRecord != len(data) || len(part.pixels) != len(part.labels)*3*cifarPlane {
			t.Errorf("%d labels and %d pixels of %d bytes", len(part.labels), len(part.pixels), len(data))
		}
		for _, y := range part.labels {
			if y >= cifarClasses {
				t.Errorf("label %d", y)
			}
		}
	})
}

// The Python version, as torchvision keeps it, is read by an interpreter that knows only arrays of NumPy. The pickle
// holds two images, as Python 3 writes it in protocol 2; Python 2's has byte strings.
func TestOpenCIFARForPython(t *testing.T) {
	planes := func(v ...byte) string {
		var b strings.Builder
		for _, p := range v {
			b.WriteString(strings.Repeat(string([]byte{p}), cifarPlane))
		}
		return b.String()
	}
	length := func(n int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }
	batch := func(data string) string {
		return "\x80\x02}(U\x06labels](K\x03K\x09eU\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K\x02M\x00\x0c\x86" +
			"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89" + data + "tbu."
	}
	pixels := planes(1, 2, 3, 4, 5, 6)
	good := batch("T" + length(len(pixels)) + pixels)
	dir := t.TempDir()
	home(t)
	write(t, dir, cifarPythonDir+"/data_batch_1", []byte(good))
	write(t, dir, cifarPythonDir+"/batches.meta", []byte("not looked at"))
	d, err := Open(t.Context(), "cifar10", "train", Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if d.Len() != 2 || !slices.Equal(d.Labels, []uint16{3, 9}) || !bytes.Equal(d.Image(1)[:3], []byte{4, 5, 6}) ||
		!bytes.Equal(d.Image(0)[3069:], []byte{1, 2, 3}) {
		t.Errorf("%v, labels %v, pixels %v and %v", d, d.Labels, d.Image(0)[3069:], d.Image(1)[:3])
	}
	for _, want := range []string{"data_batch_1 holds 2 of 10,000 images", "data_batch_5 is missing"} {
		if !strings.Contains(notes(d), want) {
			t.Errorf("notes %q, want %q", d.Notes(), want)
		}
	}
	for name, test := range map[string]struct{ file, want string }{
		"code":        {"cos\nsystem\n(S'touch x'\ntR.", "it refers to os.system, which is not part of a batch of images; nothing in it was executed"},
		"cut short":   {good[:5000], "cut short"},
		"other dict":  {"}.", "no list labels"},
		"no dict":     {"K\x01.", "holds no dict"},
		"few pixels":  {batch("T" + length(len(pixels)-1) + pixels[1:]), "expected [2 3072]"},
		"a label":     {strings.Replace(good, "K\x09e", "K\x0ae", 1), "label 1 is 10"},
		"both layout": {good, "keep one of them"},
	} {
		write(t, dir, cifarPythonDir+"/data_batch_1", []byte(test.file))
		if name == "both layout" {
			write(t, dir, cifarPythonDir+"/data_batch_1.bin", record(3, 1, 2, 3))
		}
		if _, err := Open(
			t.Context(),
			"cifar10",
			"train",
			Options{Dir: dir},
		); err == nil ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
		os.Remove(filepath.Join(dir, cifarPythonDir, "data_batch_1.bin"))
	}
}

// No bytes make the reader of pickles panic.
func FuzzUnpickleCIFAR(f *testing.F) {
	f.Add(
		[]byte(
			"\x80\x02}(U\x06labels](K\x03eU\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87Ru.",
		),
	)
	f.Add(
		[]byte(
			"\x80\x02}c_codecs\nencode\nX\x04\x00\x00\x00dataX\x06\x00\x00\x00latin1\x86Rcnumpy\ndtype\nU\x02u1\x85Rs.",
		),
	)
	f.Fuzz(func(t *testing.T, data []byte) {
		records, err := unpickleCIFAR(data)
		if err == nil && len(records)%cifarRecord != 0 {
			t.Errorf("%d bytes of records", len(records))
		}
	})
}
