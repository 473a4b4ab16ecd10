package zoo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strconv"

	"smoothlab/certify"
)

// Format and Version name the format of cards.
const (
	Format  = "smoothlab table row"
	Version = 1
)

// Card describes a trained and certified classifier of a table.
type Card struct {
	Format  string  `json:"format"`
	Version int     `json:"version"`
	Row     string  `json:"row"`   // name of the row in the table, such as "smoothmix-eta1"
	Label   string  `json:"label"` // display name
	Dataset string  `json:"dataset"`
	Arch    string  `json:"arch"`
	Sigma   float64 `json:"sigma"`
	Seed    uint64  `json:"seed"`

	Method   string          `json:"method"`   // the objective, such as "gaussian(sigma=0.5)"
	Training string          `json:"training"` // in one line, such as "16 epochs, lr 0.03 by cosine, batches of 256"
	Settings json.RawMessage `json:"settings"` // settings of the training
	Images   string          `json:"images"`   // training images
	History  json.RawMessage `json:"history,omitempty"`
	Changes  []string        `json:"changes,omitempty"` // settings that were changed while it was trained
	// Computed lists the plugins and machines of the training: more than one if it was resumed elsewhere.
	Computed []map[string]string `json:"computed"`

	Weights     File         `json:"weights"`
	Fingerprint string       `json:"fingerprint"` // fingerprint of the weights, which the certificates name
	Log         File         `json:"log"`
	Certified   *Certified   `json:"certified,omitempty"` // nil if the row is not finished
	Plan        certify.Plan `json:"plan"`
	Every       string       `json:"certified_images"` // such as "every 20th image of mnist test"
}

// File is a file that belongs to a card.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // SHA-256 of its content, unpacked if it is gzipped
	Bytes  int    `json:"bytes"`
}

// Certified summarises a certification.
type Certified struct {
	Images   int       `json:"images"`
	ACR      float64   `json:"acr"`
	Error    float64   `json:"error"` // standard error over images
	Low      float64   `json:"low"`   // 95% interval over images, by Student's t
	High     float64   `json:"high"`
	Radii    []float64 `json:"radii"`
	Accuracy []float64 `json:"accuracy"` // certified accuracy at each of them
	Abstain  float64   `json:"abstain"`
}

// Finished reports whether the row is trained and certified.
func (c *Card) Finished() bool { return c.Certified != nil }

// Path returns the path of a row's files below the directory of a table, without an ending:
// "mnist/0.5/smoothmix-seed1".
func Path(dataset string, sigma float64, row string, seed uint64) string {
	return path.Join(dataset, strconv.FormatFloat(sigma, 'g', -1, 64), fmt.Sprintf("%s-seed%d", row, seed))
}

// Path returns the path of the card's files, without an ending.
func (c *Card) Path() string { return Path(c.Dataset, c.Sigma, c.Row, c.Seed) }

// Encode returns the content of the card's file.
func (c *Card) Encode() ([]byte, error) {
	c.Format, c.Version = Format, Version
	data, err := json.MarshalIndent(c, "", "  ")
	return append(data, '\n'), err
}

// Decode reads a card; name is for the error.
func Decode(name string, data []byte) (*Card, error) {
	c := &Card{}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(c); err != nil {
		return nil, fmt.Errorf("%s is not the card of a classifier: %w", name, err)
	}
	if c.Format != Format || c.Version != Version {
		return nil, fmt.Errorf(
			"%s is not the card of a classifier: its format is %q, version %d, expected %q, version %d",
			name,
			c.Format,
			c.Version,
			Format,
			Version,
		)
	}
	return c, nil
}
