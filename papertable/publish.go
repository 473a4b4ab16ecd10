package papertable

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"smoothlab/internal/atomicfile"
	"smoothlab/zoo"
)

// Publish copies finished rows from one directory to another, such as zoo/rows in the repository: cards, logs in gzip,
// the settings next to them, and the weights of rows that are to be stored. It returns the names of the cards that are
// new. A row that is there already and differs is refused: nothing is overwritten.
func Publish(from, to string) (copied []string, err error) {
	z, err := zoo.Dir(from)
	if err != nil {
		return nil, err
	}
	for _, r := range z.Rows() {
		changed, err := publish(r, from, to)
		if err != nil {
			return copied, err
		}
		if changed {
			copied = append(copied, r.Path())
		}
	}
	return copied, nil
}

// publish copies one row. Its card is written last.
func publish(r zoo.Row, from, to string) (changed bool, err error) {
	if _, err := r.Classifier(); err != nil { // this also checks that it was certified
		return false, err
	}
	if _, err := r.Certificates(); err != nil {
		return false, err
	}
	source, target := filepath.Join(from, filepath.FromSlash(r.Path())), filepath.Join(to, filepath.FromSlash(r.Path()))
	log, err := os.ReadFile(source + ".tsv")
	if err != nil {
		return false, err
	}
	settings, err := os.ReadFile(source + ".tsv.json")
	if err != nil {
		return false, err
	}
	card := r.Card
	card.Log.Name = filepath.Base(source) + ".tsv.gz"
	text, err := card.Encode()
	if err != nil {
		return false, err
	}
	switch old, err := os.ReadFile(target + ".json"); {
	case err == nil && bytes.Equal(old, text):
		return false, nil
	case err == nil:
		return false, fmt.Errorf(
			"%s.json is the card of another run of this row: to replace it, remove it and its files first",
			target,
		)
	case !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	files := map[string][]byte{".tsv.gz": packed(log), ".tsv.gz.json": settings}
	if stored(r.Card) {
		if files[".safetensors"], err = os.ReadFile(source + ".safetensors"); err != nil {
			return false, err
		}
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return false, err
	}
	for ending, data := range files {
		if err := atomicfile.Write(target+ending, data); err != nil {
			return false, err
		}
	}
	return true, atomicfile.Write(target+".json", text)
}

// stored reports whether the repository keeps the weights of a row.
func stored(c zoo.Card) bool {
	rows, err := Rows(c.Dataset)
	if err != nil {
		return false
	}
	row, err := FindRow(rows, c.Row)
	return err == nil && row.Stored
}

// packed compresses data with gzip, reproducibly.
func packed(data []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	_, _ = w.Write(data)                                  // to memory
	w.Close()
	return b.Bytes()
}
