package zoo

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

var update = flag.Bool("update", false, "write the small zoo that tests of the session read")

// The small zoo of the session's tests is written by makeRow.
func TestSmallZoo(t *testing.T) {
	const dir = "../session/testdata/zoo"
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		makeRow(t, dir, "gaussian", 0.5)
		makeRow(t, dir, "smoothmix", 0.5)
	}
	if err := readAll(dir); err != nil {
		t.Error(err)
	}
}

// voter gives all votes to class 1.
type voter struct {
	sigma      float64
	checkpoint string
}

func (voter) Vote(_ context.Context, _ int, _ noise.Purpose, _, n int, counts []int) error {
	counts[1] += n
	return nil
}

func (v voter) Source() certify.Source {
	return certify.Source{
		Smoothing:  smoothing.Gaussian{Sigma: v.sigma},
		Classes:    10,
		Dataset:    "mnist",
		Split:      "test",
		Checkpoint: v.checkpoint,
	}
}

func (voter) Slack() float64 { return 0 }

func (voter) Digests(context.Context, []certify.Image) ([]certify.Digest, error) { return nil, nil }

// makeRow writes a finished row of a linear classifier into a directory.
func makeRow(t *testing.T, dir, row string, sigma float64) *Card {
	t.Helper()
	a, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	c := classifier.New(a, 3)
	card := &Card{
		Row:         row,
		Label:       row,
		Dataset:     "mnist",
		Arch:        "linear",
		Sigma:       sigma,
		Seed:        1,
		Fingerprint: c.Fingerprint(),
		Weights: File{
			Name: row + "-seed1.safetensors",
		},
		Log:       File{Name: row + "-seed1.tsv.gz"},
		Plan:      certify.Fixed(10, 100, 0.001),
		Method:    row + "(sigma=0.5)",
		Training:  "no epochs",
		Certified: &Certified{Images: 2, ACR: 0.25, Error: 0.25, Low: -2.9, High: 3.4},
	}
	base := filepath.Join(dir, filepath.FromSlash(card.Path()))
	if err := os.MkdirAll(filepath.Dir(base), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := (&classifier.Checkpoint{Classifier: c}).Save(base + ".safetensors"); err != nil {
		t.Fatal(err)
	}
	images := []certify.Image{{Pos: 0, Index: 0, Label: 1}, {Pos: 1, Index: 20, Label: 2}}
	log := filepath.Join(t.TempDir(), "log.tsv")
	if _, err := certify.Run(
		t.Context(),
		voter{sigma, c.Fingerprint()},
		images,
		certify.Fixed(10, 100, 0.001),
		log,
		nil,
	); err != nil {
		t.Fatal(err)
	}
	text, side := read(t, log), read(t, log+".json")
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(text)
	w.Close()
	write(t, base+".tsv.gz", packed.Bytes())
	write(t, base+".tsv.gz.json", side)
	card.Weights.SHA256, card.Log.SHA256 = Sum(read(t, base+".safetensors")), Sum(text)
	data, err := card.Encode()
	if err != nil {
		t.Fatal(err)
	}
	write(t, base+".json", data)
	return card
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// A row has its classifier and its certificates.
func TestRow(t *testing.T) {
	dir := t.TempDir()
	card := makeRow(t, dir, "gaussian", 0.5)
	makeRow(t, dir, "smoothmix", 0.25)
	z, err := Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := z.Find("mnist", "gaussian", 0.5)
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Classifier()
	if err != nil {
		t.Fatal(err)
	}
	k, err := r.Certificates()
	if err != nil {
		t.Fatal(err)
	}
	if c.Fingerprint() != card.Fingerprint || k.Checkpoint != card.Fingerprint || len(k.Rows) != 2 ||
		k.Accuracy(0) != 0.5 ||
		!r.Stored() {
		t.Errorf("%s, %s, %d rows, clean accuracy %g", c.Fingerprint(), k.Checkpoint, len(k.Rows), k.Accuracy(0))
	}
}

// The error for a missing row lists the existing ones.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	makeRow(t, dir, "gaussian", 0.5)
	makeRow(t, dir, "gaussian", 0.25)
	z, err := Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for want, row := range map[string]struct {
		dataset, row string
		sigma        float64
	}{
		`did you mean "mnist"`:                {"mnits", "gaussian", 0.5},
		`did you mean "gaussian"`:             {"mnist", "gausian", 0.5},
		"at sigma 0.25 or 0.5, not at 1":      {"mnist", "gaussian", 1},
		"unknown row of " + dir + " on mnist": {"mnist", "smoothmix", 0.5},
	} {
		if _, err := z.Find(row.dataset, row.row, row.sigma); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want a sentence with %q, got %v", want, err)
		}
	}
	if _, err := Dir(filepath.Join(dir, "missing")); err == nil ||
		!strings.Contains(err.Error(), "there is no directory") {
		t.Errorf("missing directory: %v", err)
	}
	empty, err := Dir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := empty.Find("mnist", "gaussian", 0.5); err == nil ||
		!strings.Contains(err.Error(), "no finished rows yet") {
		t.Errorf("empty: %v", err)
	}
}

// Files that differ from the card are refused in a sentence that names them.
func TestChangedFiles(t *testing.T) {
	for want, change := range map[string]func(t *testing.T, base string){
		"gaussian-seed1.safetensors is not the file that was certified: its SHA-256": func(t *testing.T, base string) {
			data := read(t, base+".safetensors")
			data[len(data)-1]++
			write(t, base+".safetensors", data)
		},
		"are not stored in": func(t *testing.T, base string) {
			if err := os.Remove(base + ".safetensors"); err != nil {
				t.Fatal(err)
			}
		},
		"has different weights from those that were certified": func(t *testing.T, base string) {
			text := string(read(t, base+".json"))
			at := strings.Index(text, `"fingerprint": "`) + len(`"fingerprint": "`)
			write(t, base+".json", []byte(text[:at]+"0000"+text[at+4:]))
		},
		"is not the log that the card names": func(t *testing.T, base string) {
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			w.Write([]byte("another"))
			w.Close()
			write(t, base+".tsv.gz", b.Bytes())
		},
		"cannot be unpacked":                          func(t *testing.T, base string) { write(t, base+".tsv.gz", []byte("no gzip")) },
		"is not the card of a classifier: its format": func(t *testing.T, base string) { write(t, base+".json", []byte(`{"format":"x"}`)) },
		"is not the card of a classifier: inv":        func(t *testing.T, base string) { write(t, base+".json", []byte("no JSON")) },
	} {
		dir := t.TempDir()
		card := makeRow(t, dir, "gaussian", 0.5)
		change(t, filepath.Join(dir, filepath.FromSlash(card.Path())))
		if err := readAll(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want a sentence with %q, got %v", want, err)
		}
	}
}

// readAll reads the classifier and the certificates of a row.
func readAll(dir string) error {
	z, err := Dir(dir)
	if err != nil {
		return err
	}
	r, err := z.Find("mnist", "gaussian", 0.5)
	if err != nil {
		return err
	}
	if _, err := r.Classifier(); err != nil {
		return err
	}
	_, err = r.Certificates()
	return err
}

// A card that is not finished is in no list.
func TestUnfinished(t *testing.T) {
	dir := t.TempDir()
	card := makeRow(t, dir, "gaussian", 0.5)
	card.Certified = nil
	data, err := card.Encode()
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, filepath.FromSlash(card.Path()))+".json", data)
	if z, err := Dir(dir); err != nil || len(z.Rows()) != 0 {
		t.Errorf("%d rows, %v", len(z.Rows()), err)
	}
}

// Every embedded row is complete: its log, and its weights if they are stored, agree with the card, and the card's ACR
// with the log. The size of all files together is limited.
func TestEmbeddedRows(t *testing.T) {
	z, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	stored := 0
	for _, r := range z.Rows() {
		k, err := r.Certificates()
		if err != nil {
			t.Fatal(err)
		}
		if k.Unfinished() || k.ACR() != r.Certified.ACR || k.Checkpoint != r.Fingerprint || k.Sigma() != r.Sigma {
			t.Errorf("%s: ACR %g of the log, %g of the card", r.Path(), k.ACR(), r.Certified.ACR)
		}
		if !r.Stored() {
			continue
		}
		stored += r.Weights.Bytes
		if _, err := r.Classifier(); err != nil {
			t.Error(err)
		}
	}
	if stored > 25e6 {
		t.Errorf("the weights take %d bytes, more than 25 MB", stored)
	}
}
