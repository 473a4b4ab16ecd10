package dataset

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothlab/internal/fetch"
)

// notes returns the notes of a data set in one string.
func notes(d *Dataset) string { return strings.Join(d.Notes(), "; ") }

// write stores data at dir/name, making the directories.
func write(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// own makes IDX files of n images of 28×28; image i is filled with the byte i
// and has the label i mod 10.
func own(n int) (images, labels []byte) {
	images = idxBytes([]uint32{0x803, uint32(n), 28, 28})
	labels = idxBytes([]uint32{0x801, uint32(n)})
	for i := range n {
		images = append(images, slices.Repeat([]byte{byte(i)}, 28*28)...)
		labels = append(labels, byte(i%10))
	}
	return images, labels
}

// home gives the test an empty user's data directory, and unsets SMOOTHLAB_DATA.
func home(t *testing.T) string {
	t.Helper()
	base := t.TempDir()
	t.Setenv("XDG_DATA_HOME", base)
	t.Setenv(dirVariable, "")
	return filepath.Join(base, "smoothlab", "data")
}

// offline is an entry whose addresses answer 404 at once.
func offline(t *testing.T, e Entry) Entry {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	for i := range e.Splits {
		s := &e.Splits[i]
		s.ImageFile.URLs = []string{server.URL + "/images"}
		s.LabelFile.URLs = []string{server.URL + "/labels"}
	}
	return e
}

func TestOpenFindsEachLayout(t *testing.T) {
	images, labels := own(12)
	tests := []struct {
		layout         string // given as SMOOTHLAB_DATA, inside the test's directory
		images, labels string
		entry          Entry
	}{
		{"", "mnist/t10k-images-idx3-ubyte", "mnist/t10k-labels-idx1-ubyte", mnist()},
		{"", "mnist/t10k-images-idx3-ubyte.gz", "mnist/t10k-labels-idx1-ubyte.gz", mnist()},
		{"", "mnist/t10k-images.idx3-ubyte", "mnist/t10k-labels.idx1-ubyte", mnist()},
		{"", "MNIST/raw/t10k-images-idx3-ubyte", "MNIST/raw/t10k-labels-idx1-ubyte.gz", mnist()},
		{"", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", mnist()},
		{"MNIST/raw", "MNIST/raw/t10k-images-idx3-ubyte", "MNIST/raw/t10k-labels-idx1-ubyte", mnist()},
		{"", "FashionMNIST/raw/t10k-images-idx3-ubyte", "FashionMNIST/raw/t10k-labels-idx1-ubyte", fashionMNIST()},
		{
			"fashion-mnist",
			"fashion-mnist/t10k-images-idx3-ubyte",
			"fashion-mnist/t10k-labels-idx1-ubyte",
			fashionMNIST(),
		},
	}
	for _, test := range tests {
		t.Run(test.entry.Name+" "+test.images, func(t *testing.T) {
			home(t)
			dir := t.TempDir()
			t.Setenv(dirVariable, filepath.Join(dir, test.layout))
			write(t, dir, test.images, images)
			write(t, dir, test.labels, gzipped(t, labels)) // whatever the name says
			d, err := open(t.Context(), offline(t, test.entry), "test", Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d.Len() != 12 || d.Total != 12 || d.Image(11)[783] != 11 || d.Labels[11] != 1 || d.Indices[11] != 11 {
				t.Errorf("%v: the last image is not as it was written", d)
			}
			if wantNote := test.entry.Name == "mnist"; (notes(d) != "") != wantNote {
				t.Errorf("note %q", notes(d))
			}
		})
	}
}

// Both data sets use the same file names, so the directory's name decides.
func TestOpenPassesOverTheOtherDataSet(t *testing.T) {
	images, labels := own(3)
	for layout, e := range map[string]Entry{"mnist": fashionMNIST(), "MNIST/raw": fashionMNIST(), "FashionMNIST/raw": mnist()} {
		home(t)
		dir := filepath.Join(t.TempDir(), layout)
		write(t, dir, "t10k-images-idx3-ubyte", images)
		write(t, dir, "t10k-labels-idx1-ubyte", labels)
		d, err := open(t.Context(), offline(t, e), "test", Options{Dir: dir})
		if err == nil {
			t.Errorf("%s was read as %v", layout, d)
		}
	}
}

func TestOpenOrder(t *testing.T) {
	user, option, environment := home(t), t.TempDir(), t.TempDir()
	t.Setenv(dirVariable, environment)
	for n, dir := range map[int]string{1: option, 2: environment, 3: user} {
		images, labels := own(n)
		write(t, dir, "mnist/t10k-images-idx3-ubyte", images)
		write(t, dir, "mnist/t10k-labels-idx1-ubyte", labels)
	}
	e := offline(t, mnist())
	count := func(opts Options) int {
		t.Helper()
		d, err := open(t.Context(), e, "test", opts)
		if err != nil {
			t.Fatal(err)
		}
		return d.Len()
	}
	if n := count(Options{Dir: option}); n != 1 {
		t.Errorf("the option's directory should come first, got that with %d images", n)
	}
	if n := count(Options{}); n != 2 {
		t.Errorf("%s should come before the user's directory, got that with %d images", dirVariable, n)
	}
	t.Setenv(dirVariable, t.TempDir())
	if n := count(Options{}); n != 3 {
		t.Errorf("the user's directory should come last, got that with %d images", n)
	}
}

func TestOpenRefuses(t *testing.T) {
	images, labels := own(12)
	badLabel := slices.Clone(labels)
	badLabel[8+5] = 10
	_, fewer := own(11)
	tests := map[string]struct {
		images, labels []byte
		want           string
	}{
		"label out of range": {
			images,
			badLabel,
			"t10k-labels-idx1-ubyte: byte 13: expected a label from 0 to 9, found 10",
		},
		"counts differ": {
			images,
			fewer,
			"t10k-images-idx3-ubyte: byte 4: expected 11 images, one per label, found 12",
		},
		"swapped": {
			labels,
			images,
			"expected 0x00000801, the mark of an IDX file of labels, found 0x00000803, a file of images",
		},
		"no labels": {
			images,
			nil,
			"has t10k-images-idx3-ubyte but not t10k-labels-idx1-ubyte.gz: put the missing file next to it",
		},
		"no images": {
			nil,
			labels,
			"has t10k-labels-idx1-ubyte but not t10k-images-idx3-ubyte.gz: put the missing file next to it",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			home(t)
			dir := t.TempDir()
			if test.images != nil {
				write(t, dir, "mnist/t10k-images-idx3-ubyte", test.images)
			}
			if test.labels != nil {
				write(t, dir, "mnist/t10k-labels-idx1-ubyte", test.labels)
			}
			_, err := Open(t.Context(), "mnist", "test", Options{Dir: dir})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestOpenUnknownNames(t *testing.T) {
	for _, test := range []struct{ name, split, want string }{
		{"mnits", "test", "mnist"},
		{"fashion", "test", "fashion-mnist"},
		{"mnist", "tests", "test"},
		{"mnist-mini", "trian", "train"},
		{"mnist", "", "train"},
	} {
		_, err := Open(t.Context(), test.name, test.split, Options{})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q %q: error %v, want one that names %s", test.name, test.split, err, test.want)
		}
	}
}

func TestOpenUnusableDirs(t *testing.T) {
	home(t)
	missing := filepath.Join(t.TempDir(), "missing")
	file := write(t, t.TempDir(), "file", nil)
	for _, path := range []string{missing, file} {
		t.Setenv(dirVariable, path)
		_, err := open(t.Context(), offline(t, mnist()), "test", Options{})
		if err == nil || !strings.Contains(err.Error(), path+" ("+dirVariable+") cannot be used") {
			t.Errorf("error %v, want one that names %s and %s", err, path, dirVariable)
		}
	}
	t.Setenv(dirVariable, "")
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("HOME", "")
	_, err := open(t.Context(), offline(t, mnist()), "test", Options{})
	if err == nil || !strings.Contains(err.Error(), "set HOME or XDG_DATA_HOME") {
		t.Errorf("error %v, want one that says what to set", err)
	}
}

// serve returns an entry whose test split is downloaded from a local server.
func serve(t *testing.T, files map[string][]byte) (e Entry, requests *[]string) {
	t.Helper()
	requests = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*requests = append(*requests, r.URL.Path)
		data, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Write(data)
	}))
	t.Cleanup(server.Close)
	e = mnist()
	s := &e.Splits[1]
	for _, f := range []*File{&s.ImageFile, &s.LabelFile} {
		path := "/" + f.Name
		f.URLs = []string{server.URL + "/gone" + path, server.URL + path}
		f.SHA256, f.unpacked = fmt.Sprintf("%x", sha256.Sum256(files[path])), ""
	}
	return e, requests
}

func TestOpenDownloads(t *testing.T) {
	images, labels := own(12)
	user := home(t)
	e, requests := serve(t, map[string][]byte{
		"/t10k-images-idx3-ubyte.gz": gzipped(t, images), "/t10k-labels-idx1-ubyte.gz": gzipped(t, labels)})
	last := map[string]int64{}
	opts := Options{Progress: func(file string, done, total int64) { last[file] = done }}
	for range 2 { // the second time nothing is requested
		d, err := open(t.Context(), e, "test", opts)
		if err != nil {
			t.Fatal(err)
		}
		if d.Len() != 12 || notes(d) != "" {
			t.Errorf("got %v, note %q; want 12 images and no note", d, notes(d))
		}
	}
	if want := []string{"/gone/t10k-images-idx3-ubyte.gz", "/t10k-images-idx3-ubyte.gz",
		"/gone/t10k-labels-idx1-ubyte.gz", "/t10k-labels-idx1-ubyte.gz"}; !slices.Equal(*requests, want) {
		t.Errorf("requests %v, want %v", *requests, want)
	}
	for _, name := range []string{"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"} {
		info, err := os.Stat(filepath.Join(user, "mnist", name))
		if err != nil {
			t.Fatal(err)
		}
		if last[name] != info.Size() {
			t.Errorf("progress of %s ended at %d of %d bytes", name, last[name], info.Size())
		}
	}
}

func TestOpenDownloadsOnlyWhatIsMissing(t *testing.T) {
	images, labels := own(12)
	write(t, home(t), "mnist/t10k-images-idx3-ubyte", images)
	e, requests := serve(t, map[string][]byte{"/t10k-labels-idx1-ubyte.gz": gzipped(t, labels)})
	if _, err := open(t.Context(), e, "test", Options{}); err != nil {
		t.Fatal(err)
	}
	if want := []string{
		"/gone/t10k-labels-idx1-ubyte.gz",
		"/t10k-labels-idx1-ubyte.gz",
	}; !slices.Equal(
		*requests,
		want,
	) {
		t.Errorf("requests %v, want %v", *requests, want)
	}
}

func TestOpenWrongDownload(t *testing.T) {
	images, labels := own(12)
	user := home(t)
	e, _ := serve(t, map[string][]byte{
		"/t10k-images-idx3-ubyte.gz": gzipped(t, images), "/t10k-labels-idx1-ubyte.gz": gzipped(t, labels)})
	e.Splits[1].ImageFile.SHA256 = mnist().Splits[1].ImageFile.SHA256
	_, err := open(t.Context(), e, "test", Options{})
	if !errors.Is(err, fetch.ErrHash) || !strings.Contains(err.Error(), "mnist test is in no data directory") {
		t.Errorf("error %v, want one that says that the checksum is wrong", err)
	}
	if path := locate(filepath.Join(user, "mnist"), e.Splits[1].ImageFile); path != "" {
		t.Errorf("%s was kept", path)
	}
}

func TestOpenInterrupted(t *testing.T) {
	user := home(t)
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		w.Write(make([]byte, 1000))
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done() // silence, until the client hangs up
	}))
	defer server.Close()
	e := offline(t, mnist())
	e.Splits[1].ImageFile.URLs = []string{server.URL}
	if _, err := open(ctx, e, "test", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("downloading: error %v, want context.Canceled", err)
	}
	if path := locate(filepath.Join(user, "mnist"), e.Splits[1].ImageFile); path != "" {
		t.Errorf("%s was kept", path)
	}
	if _, err := Open(ctx, "mnist-mini", "train", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("reading: error %v, want context.Canceled", err)
	}
}

func TestDirs(t *testing.T) {
	user, dir := home(t), t.TempDir()
	images, labels := own(1)
	t.Setenv(dirVariable, dir)
	write(t, dir, "mnist/train-images-idx3-ubyte", images)
	write(t, dir, "mnist/train-labels-idx1-ubyte", labels)
	write(t, dir, "fashion-mnist/t10k-images-idx3-ubyte.gz", images)
	dirs := Dirs(Options{})
	if len(dirs) != 2 || dirs[0].Path != dir || dirs[0].From != dirVariable || dirs[1].Path != user {
		t.Fatalf("directories %+v, want %s, then %s", dirs, dir, user)
	}
	if !errors.Is(dirs[1].Err, os.ErrNotExist) {
		t.Errorf("the user's directory: error %v, want that it does not exist", dirs[1].Err)
	}
	want := []Found{
		{
			Name:   "mnist",
			Split:  "train",
			Images: filepath.Join(dir, "mnist/train-images-idx3-ubyte"),
			Labels: filepath.Join(dir, "mnist/train-labels-idx1-ubyte"),
		},
		{Name: "fashion-mnist", Split: "test", Images: filepath.Join(dir, "fashion-mnist/t10k-images-idx3-ubyte.gz")},
	}
	if !slices.Equal(dirs[0].Found, want) {
		t.Errorf("found %+v\nwant %+v", dirs[0].Found, want)
	}
	if !want[0].Complete() || want[1].Complete() {
		t.Error("only the pair is complete")
	}
}
