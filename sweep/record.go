package sweep

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"smoothlab/internal/atomicfile"
	"smoothlab/method"
	"smoothlab/smoothing"
)

// record is what a cell was made with, and how far it got.
type record struct {
	Format   string    `json:"format"`
	Version  int       `json:"version"`
	Values   []Setting `json:"values"`
	Facts    []Setting `json:"facts"` // everything else that its results depend on
	Finished bool      `json:"finished"`
	Failed   string    `json:"failed,omitempty"` // why the last attempt failed
}

const (
	recordFormat  = "smoothlab sweep cell"
	recordVersion = 1
)

// facts lists what the results of the cell depend on, in words.
func (c Cell) facts() []Setting {
	test := "none"
	if c.Test != nil {
		test = c.Test.String()
	}
	start := c.Start()
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

// kept reads the record of a cell; nil if there is none. A record of other settings is an error that names the first
// difference.
func (c Cell) kept(dir string) (*record, error) {
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
	was := map[string]string{}
	for _, f := range r.Facts {
		was[f.Name] = f.Value
	}
	for _, f := range c.facts() {
		if was[f.Name] != f.Value {
			return nil, fmt.Errorf(
				"%s was made with another %s (%s, not %s): name another directory, or remove that cell's files",
				c.File(dir, ""), f.Name, was[f.Name], f.Value,
			)
		}
	}
	return &r, nil
}

// write writes the record of a cell.
func (c Cell) write(dir string, finished bool, failure error) error {
	r := record{Format: recordFormat, Version: recordVersion, Values: c.Values, Facts: c.facts(), Finished: finished}
	if failure != nil {
		r.Failed = failure.Error()
	}
	path := c.File(dir, RecordExt)
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
