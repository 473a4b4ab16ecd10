package certify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"os"
	"slices"

	"smoothlab/internal/atomicfile"
	"smoothlab/smoothing"
)

const (
	sidecarFormat  = "certification log"
	sidecarVersion = 2 // version 1 had sigma instead of smoothing, and no digest of the images
)

// sidecar is the contents of the JSON file next to a log: the settings and the planned images, so that an unfinished
// log is not taken for a finished one.
type sidecar struct {
	Format  string           `json:"format"`
	Version int              `json:"version"`
	Noise   smoothing.Record `json:"smoothing"`       // Settings.Smoothing
	Sigma1  float64          `json:"sigma,omitempty"` // standard deviation of Gaussian noise, in version 1
	Settings
	Guarantee string     `json:"guarantee,omitempty"` // the plan's guarantee, for readers
	Images    []indexRun `json:"images"`
	Digests   string     `json:"image_digests,omitempty"` // first 16 hexadecimal digits of each image's SHA-256, in one string

	// For a shard:
	Shard *Shard     `json:"shard,omitempty"`
	Whole []indexRun `json:"whole,omitempty"`
}

// indexRun is the arithmetic sequence first, first+step, … of count original indices.
type indexRun struct {
	First int `json:"first"`
	Step  int `json:"step"`
	Count int `json:"count"`
}

func sidecarPath(log string) string { return log + ".json" }

// newSidecar returns the sidecar of a certification of images, whose digests may be nil.
func newSidecar(s Settings, images []Image, digests map[int]string) *sidecar {
	runs := indexRuns(images)
	return &sidecar{
		Format:    sidecarFormat,
		Version:   sidecarVersion,
		Noise:     smoothing.Record{Smoothing: s.Smoothing},
		Settings:  s,
		Guarantee: s.Plan.Guarantee(s.Smoothing.Norm()),
		Images:    runs,
		Digests:   joinDigests(runs, digests),
	}
}

// shard returns the sidecar of a shard with these images.
func (s *sidecar) shard(part Shard, images []Image, digests map[int]string) *sidecar {
	t := *s
	t.Shard, t.Whole, t.Images = &part, s.Images, indexRuns(images)
	t.Digests = joinDigests(t.Images, digests)
	return &t
}

// certificates returns the rows of the log with its settings.
func (s *sidecar) certificates(rows []Row) *Certificates {
	c := &Certificates{Settings: s.Settings, Rows: rows, Planned: count(s.Images)}
	c.digests, _ = splitDigests(s.Images, s.Digests) // checked when the file was read
	if s.Shard != nil {
		c.Shard, c.whole = *s.Shard, s.Whole
	}
	return c
}

// indexRuns splits increasing indices into arithmetic sequences, each as long as possible.
func indexRuns(images []Image) []indexRun {
	var runs []indexRun
	for i := 0; i < len(images); {
		run := indexRun{First: images[i].Index, Step: 1, Count: 1}
		if i+1 < len(images) {
			run.Step = images[i+1].Index - run.First
		}
		for i++; i < len(images) && images[i].Index == run.First+run.Count*run.Step; i++ {
			run.Count++
		}
		runs = append(runs, run)
	}
	return runs
}

// indices yields the indices in runs, in their order.
func indices(runs []indexRun) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, run := range runs {
			for k := range run.Count {
				if !yield(run.First + k*run.Step) {
					return
				}
			}
		}
	}
}

// count returns the number of images in runs of indices.
func count(runs []indexRun) int {
	n := 0
	for _, run := range runs {
		n += run.Count
	}
	return n
}

// compareImages compares planned index sets.
func compareImages(path string, was, now []indexRun) error {
	for i := range max(len(was), len(now)) {
		old, asked := "no more images", "no more images"
		if i < len(was) {
			old = was[i].String()
		}
		if i < len(now) {
			asked = now[i].String()
		}
		if old != asked {
			return &SettingsError{Path: path, Name: "images", Was: old, Now: asked}
		}
	}
	return nil
}

func (r indexRun) String() string {
	switch r.Count {
	case 1:
		return fmt.Sprint(r.First)
	case 2:
		return fmt.Sprintf("%d, %d", r.First, r.First+r.Step)
	}
	return fmt.Sprintf("%d, %d … %d", r.First, r.First+r.Step, r.First+(r.Count-1)*r.Step)
}

// readSidecar reads the JSON file of a log; it returns nil without an error if there is none.
func readSidecar(log string) (*sidecar, error) {
	path := sidecarPath(log)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the settings of the certification log: %w", err)
	}
	s := &sidecar{}
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf(
			"%s should hold the settings of a log, but is not readable JSON: %w",
			path,
			err,
		)
	}
	return s, s.check(path)
}

func (s *sidecar) check(path string) error {
	if s.Format != sidecarFormat {
		return fmt.Errorf(
			"%s does not hold the settings of a certification log (format %q, expected %q)",
			path,
			s.Format,
			sidecarFormat,
		)
	}
	switch s.Version {
	case 1:
		s.Smoothing = smoothing.Gaussian{Sigma: s.Sigma1}
		s.ImageData = "" // version 1 does not define it
	case sidecarVersion:
		s.Smoothing = s.Noise.Smoothing
	default:
		return fmt.Errorf(
			"%s has version %d of the format, and this program reads versions 1 to %d: use the program that wrote it",
			path,
			s.Version,
			sidecarVersion,
		)
	}
	if err := s.Settings.Check(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if s.Shard != nil {
		if err := s.Shard.Check(); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	for _, run := range slices.Concat(s.Images, s.Whole) {
		if run.First < 0 || run.Count < 1 || run.Step < 1 || run.Count > math.MaxInt32 {
			return fmt.Errorf(
				"%s: the planned images (first %d, step %d, count %d) are not an increasing sequence",
				path,
				run.First,
				run.Step,
				run.Count,
			)
		}
	}
	if _, err := splitDigests(s.Images, s.Digests); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (s *sidecar) write(log string) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(sidecarPath(log), append(data, '\n'))
}

// checkRows makes sure that rows are the first of the planned images, in their order.
func (s *sidecar) checkRows(log string, rows []Row) error {
	i := 0
	for _, run := range s.Images {
		for k := 0; k < run.Count && i < len(rows); k++ {
			if want := run.First + k*run.Step; rows[i].Index != want {
				return fmt.Errorf(
					"%s: row %d is image %d, but according to %s it should be image %d: the two files do not belong together, or the log was edited",
					log,
					i+1,
					rows[i].Index,
					sidecarPath(log),
					want,
				)
			}
			i++
		}
	}
	if i < len(rows) {
		return fmt.Errorf(
			"%s has %d rows, but according to %s only %d images were planned: the two files do not belong together",
			log,
			len(rows),
			sidecarPath(log),
			i,
		)
	}
	return nil
}
