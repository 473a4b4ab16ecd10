package sweep

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/atomicfile"
	"smoothlab/method"
	"smoothlab/smoothing"
	"smoothlab/train"
)

// record is what a cell was made with, and how far it got.
type record struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Values  []Setting `json:"values"`
	Facts   []Setting `json:"facts"` // what else its results depend on, in words
	// Training and Held are what words do not tell apart: all that the training depends on, such as the text of a
	// method, and the digest of the certified images. Older records lack them.
	Training []train.Setting `json:"training,omitempty"`
	Held     string          `json:"held,omitempty"`
	Finished bool            `json:"finished"`
	Failed   string          `json:"failed,omitempty"` // why the last attempt failed
}

const (
	recordFormat  = "smoothlab sweep cell"
	recordVersion = 1
)

// facts lists what the results of the cell depend on, in words. Its training begins with start.
func (c Cell) facts(start *classifier.Classifier) []Setting {
	test := "none"
	if c.Test != nil {
		test = c.Test.String()
	}
	return []Setting{
		{"network", start.Arch.Name},
		{"initial weights", start.Fingerprint()},
		{"method", method.Describe(c.Method)},
		{"training", fmt.Sprintf("%s, seed %d", c.Settings.String(), c.Settings.Seed)},
		{"training images", c.Data.String()},
		{"test images", test},
		{"certified images", c.Held.String()},
		{"noise", smoothing.Describe(c.Noise)},
		{"plan", describePlan(c)},
	}
}

// describePlan returns the plan and the seed of the votes as JSON, which has all of a ladder.
func describePlan(c Cell) string {
	plan, err := json.Marshal(c.Votes)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s, seed %d, sound %t", plan, c.Seed, c.Sound)
}

// digests keeps the digest of each data set, since cells share their images.
type digests map[content]string

// content is where the images of a data set are.
type content struct {
	pixels *byte
	labels *uint16
	len    int
}

func (d digests) of(data *dataset.Dataset) string {
	at := content{len: data.Len()}
	if at.len > 0 {
		at.pixels, at.labels = &data.Pixels[0], &data.Labels[0]
	}
	if d[at] == "" {
		d[at] = train.Digest(data)
	}
	return d[at]
}

// record returns the record of a cell that is not finished.
func (c Cell) record(d digests) record {
	start := c.Start()
	job := train.Job{Start: start, Data: c.Data, Method: c.Method, Settings: c.Settings}
	return record{Format: recordFormat, Version: recordVersion, Values: c.Values, Facts: c.facts(start),
		Training: job.Identity(d.of(c.Data)), Held: d.of(c.Held)}
}

// kept reads the record of a cell; nil if there is none. A record of other settings is an error that names the first
// difference.
func (c Cell) kept(dir string, d digests) (*record, error) {
	path := c.File(dir, RecordExt)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil || r.Format != recordFormat {
		return nil, fmt.Errorf("%s is not the record of a cell of a sweep: name another directory, or remove it", path)
	}
	if r.Version != recordVersion {
		return nil, fmt.Errorf("%s has version %d of the format, and this program reads version %d", path, r.Version, recordVersion)
	}
	if name, was, is := r.differs(c.record(d)); name != "" {
		another := "another"
		if strings.HasSuffix(name, "s") || name == "image data" {
			another = "other"
		}
		return nil, fmt.Errorf(
			"%s was made with %s %s (%s, not %s): name another directory, or remove that cell's files",
			c.File(dir, ""), another, name, was, is,
		)
	}
	return &r, nil
}

// differs returns the first fact in which a record and that of a requested cell differ, with both values; its name is
// "" if there is none.
func (r record) differs(now record) (name, was, is string) {
	facts := map[string]string{}
	for _, f := range r.Facts {
		facts[f.Name] = f.Value
	}
	for _, f := range now.Facts {
		if facts[f.Name] != f.Value {
			return f.Name, facts[f.Name], f.Value
		}
	}
	if r.Training != nil {
		if name, was, is = train.Difference(r.Training, now.Training); name != "" {
			return name, was, is
		}
	}
	if r.Held != "" && r.Held != now.Held {
		return "certified pixels or labels", r.Held, now.Held
	}
	return "", "", ""
}

// write writes the record to path.
func (r record) write(path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = atomicfile.Write(path, append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("the record of a cell cannot be written: %w", err)
	}
	return nil
}
