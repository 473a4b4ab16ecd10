package zoo

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/internal/suggest"
	"smoothlab/smoothing"
)

//go:embed all:rows
var embedded embed.FS

// Zoo is a directory of finished rows.
type Zoo struct {
	files fs.FS
	name  string // for messages
	rows  []Row
}

// Row is a finished row of a zoo.
type Row struct {
	Card
	zoo *Zoo
}

// Embedded opens the rows that are part of the program.
func Embedded() (*Zoo, error) {
	rows, err := fs.Sub(embedded, "rows")
	if err != nil {
		return nil, err
	}
	return Open(rows, "the zoo")
}

// Dir opens the rows in a directory, such as the output of smoothlab table.
func Dir(dir string) (*Zoo, error) {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil, fmt.Errorf("there is no directory %s with rows of a table", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("the rows of a table cannot be read: %w", err)
	}
	return Open(os.DirFS(dir), dir)
}

// Open reads the cards of all finished rows below files; name is for messages.
func Open(files fs.FS, name string) (*Zoo, error) {
	z := &Zoo{files: files, name: name}
	err := fs.WalkDir(files, ".", func(at string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isCard(at) {
			return err
		}
		data, err := fs.ReadFile(files, at)
		if err != nil {
			return err
		}
		c, err := Decode(path.Join(name, at), data)
		if err != nil {
			return err
		}
		if c.Finished() {
			z.rows = append(z.rows, Row{*c, z})
		}
		return nil
	})
	slices.SortStableFunc(z.rows, func(a, b Row) int {
		return cmp.Or(
			-strings.Compare(a.Dataset, b.Dataset),
			cmp.Compare(a.Sigma, b.Sigma),
			strings.Compare(a.Row, b.Row),
			cmp.Compare(a.Seed, b.Seed),
		)
	})
	return z, err
}

// isCard reports whether a file of a table has the name of a card.
func isCard(name string) bool {
	return strings.HasSuffix(name, ".json") && !strings.HasSuffix(name, ".tsv.json") &&
		!strings.HasSuffix(name, ".tsv.gz.json")
}

// Rows returns the finished rows, in the order of data set, sigma, name and seed.
func (z *Zoo) Rows() []Row { return z.rows }

// Stored reports whether the zoo has the row's weights.
func (r Row) Stored() bool {
	_, err := fs.Stat(r.zoo.files, r.file(r.Weights))
	return err == nil
}

// Find returns the row of that name on a data set at a sigma; of several, the one with the lowest seed. Its errors list
// the existing rows.
func (z *Zoo) Find(dataset, row string, sigma float64) (Row, error) {
	rows := z.rows
	if len(rows) == 0 {
		return Row{}, fmt.Errorf("%s has no finished rows yet: make them with smoothlab table", z.name)
	}
	for _, by := range []struct {
		kind, want string
		of         func(Row) string
	}{
		{"data set of " + z.name, dataset, func(r Row) string { return r.Dataset }},
		{"row of " + z.name + " on " + dataset, row, func(r Row) string { return r.Row }},
	} {
		var names []string
		for _, r := range rows {
			if name := by.of(r); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if !slices.Contains(names, by.want) {
			return Row{}, errors.New(suggest.Sentence(by.kind, by.want, names))
		}
		rows = slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return by.of(r) != by.want })
	}
	for _, r := range rows {
		if r.Sigma == sigma {
			return r, nil
		}
	}
	var have []string
	for _, r := range rows {
		have = append(have, fmt.Sprint(r.Sigma))
	}
	return Row{}, fmt.Errorf(
		"%s has %s on %s at sigma %s, not at %g",
		z.name,
		row,
		dataset,
		strings.Join(slices.Compact(have), " or "),
		sigma,
	)
}

// Pretrained returns a trained classifier of the embedded rows, such as "mnist", "smoothmix", 0.5.
func Pretrained(dataset, row string, sigma float64) (*classifier.Classifier, Card, error) {
	z, err := Embedded()
	if err != nil {
		return nil, Card{}, err
	}
	r, err := z.Find(dataset, row, sigma)
	if err != nil {
		return nil, Card{}, err
	}
	c, err := r.Classifier()
	return c, r.Card, err
}

// file returns the path of a file of the row.
func (r Row) file(f File) string { return path.Join(path.Dir(r.Path()), f.Name) }

// Classifier reads the row's weights, which must match the card.
func (r Row) Classifier() (*classifier.Classifier, error) {
	at := r.file(r.Weights)
	data, err := fs.ReadFile(r.zoo.files, at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf(
			"the weights of %s at sigma %g are not stored in %s: make them again with smoothlab table %s --rows %s --sigmas %g",
			r.Card.Row,
			r.Sigma,
			r.zoo.name,
			r.Dataset,
			r.Card.Row,
			r.Sigma,
		)
	}
	if err != nil {
		return nil, err
	}
	if sum := Sum(data); sum != r.Weights.SHA256 {
		return nil, fmt.Errorf(
			"%s is not the file that was certified: its SHA-256 is %s, the card names %s",
			path.Join(r.zoo.name, at),
			sum,
			r.Weights.SHA256,
		)
	}
	ck, err := classifier.Read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	if found := ck.Fingerprint(); found != r.Fingerprint {
		return nil, fmt.Errorf(
			"%s has different weights from those that were certified: their fingerprint is %s, the card names %s",
			at,
			found,
			r.Fingerprint,
		)
	}
	return ck.Classifier, nil
}

// Certificates reads the row's certification log, which must match the card.
func (r Row) Certificates() (*certify.Certificates, error) {
	at := r.file(r.Log)
	log, err := readLog(r.zoo.files, at)
	if err != nil {
		return nil, err
	}
	if sum := Sum(log); sum != r.Log.SHA256 {
		return nil, fmt.Errorf(
			"%s is not the log that the card names: its SHA-256 is %s, the card names %s",
			path.Join(r.zoo.name, at),
			sum,
			r.Log.SHA256,
		)
	}
	side, err := fs.ReadFile(r.zoo.files, at+".json")
	if err != nil {
		return nil, fmt.Errorf("the settings of the log: %w", err)
	}
	dir, err := os.MkdirTemp("", "smoothlab-log-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, "log.tsv")
	if err := errors.Join(os.WriteFile(copied, log, 0o600), os.WriteFile(copied+".json", side, 0o600)); err != nil {
		return nil, err
	}
	return certify.ReadLog(copied, smoothing.Gaussian{Sigma: r.Sigma}, certify.Plan{})
}

// readLog reads a log; its name shows whether it is gzipped.
func readLog(files fs.FS, at string) ([]byte, error) {
	data, err := fs.ReadFile(files, at)
	if err != nil || !strings.HasSuffix(at, ".gz") {
		return data, err
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be unpacked: %w", at, err)
	}
	return io.ReadAll(unpacked)
}

// Sum returns the SHA-256 of a file's content, in hexadecimal.
func Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
