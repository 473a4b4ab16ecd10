package dataset

import (
	"encoding/hex"
	"net/url"
	"path"
	"slices"
	"testing"
)

// Every entry has the properties that Open relies on.
func TestList(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range List() {
		if e.Name == "" || e.Help == "" || seen[e.Name] {
			t.Errorf("entry %q: its name must be its own and it needs help", e.Name)
		}
		seen[e.Name] = true
		if e.Height < 1 || e.Width < 1 || e.Channels < 1 || len(e.Classes) < 2 {
			t.Errorf("%s: shape %d×%d×%d, classes %v", e.Name, e.Height, e.Width, e.Channels, e.Classes)
		}
		var names []string
		for _, s := range e.Splits {
			names = append(names, s.Name)
			if s.Images < 1 || s.Images > s.Total || s.Images > maxItems {
				t.Errorf("%s %s: %d of %d images", e.Name, s.Name, s.Images, s.Total)
			}
			files := []File{s.ImageFile, s.LabelFile}
			if s.Batches != nil {
				files = nil
				checkBatches(t, e, s)
			}
			if e.Embedded {
				files = append(files, s.IndexFile)
			}
			for _, f := range files {
				checkFile(t, e, f)
			}
		}
		if !slices.Equal(names, []string{"train", "test"}) {
			t.Errorf("%s: splits %v", e.Name, names)
		}
	}
}

// checkBatches checks files that come in an archive.
func checkBatches(t *testing.T, e Entry, s Split) {
	t.Helper()
	checkFile(t, e, e.Archive)
	for _, f := range s.Batches {
		if sum, err := hex.DecodeString(
			f.SHA256,
		); err != nil || len(sum) != 32 ||
			f.Size*int64(len(s.Batches)) != int64(s.Images*cifarRecord) {
			t.Errorf("%s %s: %d bytes, SHA-256 %q", e.Name, f.Name, f.Size, f.SHA256)
		}
	}
}

func checkFile(t *testing.T, e Entry, f File) {
	t.Helper()
	if sum, err := hex.DecodeString(f.SHA256); err != nil || len(sum) != 32 {
		t.Errorf("%s %s: SHA-256 %q", e.Name, f.Name, f.SHA256)
	}
	if f.Size < 1 || e.Embedded == (len(f.URLs) > 0) {
		t.Errorf("%s %s: %d bytes, addresses %v", e.Name, f.Name, f.Size, f.URLs)
	}
	for _, address := range f.URLs {
		if u, err := url.Parse(address); err != nil || u.Host == "" || path.Base(u.Path) != f.Name {
			t.Errorf("%s %s: address %q", e.Name, f.Name, address)
		}
	}
	if !e.Embedded {
		return
	}
	data, err := miniFiles.ReadFile("mini/" + f.Name)
	if err != nil || int64(len(data)) != f.Size { // the checksum is checked by Open
		t.Errorf("%s %s: %d bytes, error %v; the list says %d", e.Name, f.Name, len(data), err, f.Size)
	}
}

// The embedded files must stay small: the program carries them everywhere.
func TestMiniIsSmall(t *testing.T) {
	var total int64
	for _, s := range mnistMini().Splits {
		total += s.ImageFile.Size + s.LabelFile.Size + s.IndexFile.Size
	}
	if total > 1_500_000 {
		t.Errorf("%d bytes are embedded, want at most 1.5 million", total)
	}
}
