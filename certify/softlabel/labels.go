package softlabel

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"smoothlab/certify"
	"smoothlab/internal/datadir"
	"smoothlab/internal/humanize"
)

// MaxVotes is the largest number of votes per image, that of the authors of CAT-RS.
const MaxVotes = 10_000

// Settings holds everything that soft labels depend on.
type Settings struct {
	Dataset    string   `json:"dataset"`
	Split      string   `json:"split"`
	Classes    int      `json:"classes"`
	ClassNames []string `json:"class_names,omitempty"` // in the order of the labels; nil if unknown
	Images     int      `json:"images"`                // number of images, of all shards
	// ImageData is the SHA-256, in hexadecimal, of the digests of all images in the order of their indices.
	ImageData  string            `json:"image_data"`
	Sigma      float64           `json:"sigma"`      // standard deviation of the Gaussian noise, in pixel units of [0,1]
	Votes      int               `json:"votes"`      // per image
	Seed       uint64            `json:"seed"`       // of the noise
	Checkpoint string            `json:"checkpoint"` // SHA-256 of the classifier's weights, in hexadecimal
	Chunks     []int             `json:"chunks"`     // batch shapes, in noisy images, at which votes are computed
	Provenance map[string]string `json:"provenance"` // backend, device, precision: the last bits of logits depend on them
	Shard      certify.Shard     `json:"shard"`      // the zero value means all images
}

// Row holds the votes on an image.
type Row struct {
	Index, Label int
	Digest       string // beginning of the SHA-256 of its shape, pixels and label, in hexadecimal
	Votes        []int  // by class
}

// Labels are the soft labels of some images, in the order of their indices.
type Labels struct {
	Settings
	Rows []Row
}

// Planned returns the number of images that the labels have once they are finished.
func (l *Labels) Planned() int {
	if l.Shard.Of == 0 {
		return l.Images
	}
	return (l.Images - l.Shard.Number + l.Shard.Of) / l.Shard.Of
}

// Finished reports whether all planned images have votes.
func (l *Labels) Finished() bool { return len(l.Rows) == l.Planned() }

// find returns the row of an image by its index.
func (l *Labels) find(index int) (Row, bool) {
	at, found := slices.BinarySearchFunc(l.Rows, index, func(r Row, i int) int { return cmp.Compare(r.Index, i) })
	if !found {
		return Row{}, false
	}
	return l.Rows[at], true
}

// Probabilities returns the votes of a row divided by their number.
func (r Row) Probabilities() []float64 {
	sum := 0
	for _, n := range r.Votes {
		sum += n
	}
	p := make([]float64, len(r.Votes))
	for k, n := range r.Votes {
		p[k] = float64(n) / float64(sum)
	}
	return p
}

// Top returns the class with the most votes, the lowest among equals.
func (r Row) Top() int {
	top := 0
	for k, n := range r.Votes {
		if n > r.Votes[top] {
			top = k
		}
	}
	return top
}

// Agreement returns the share of the images whose class with the most votes is the label.
func (l *Labels) Agreement() float64 {
	return l.share(func(r Row) bool { return r.Top() == r.Label })
}

// Unanimous returns the share of the images with all votes for one class.
func (l *Labels) Unanimous() float64 {
	return l.share(func(r Row) bool { return r.Votes[r.Top()] == l.Votes })
}

func (l *Labels) share(counts func(Row) bool) float64 {
	n := 0
	for _, r := range l.Rows {
		if counts(r) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(l.Rows)))
}

// String describes the labels in a line, for example
// “soft labels of mnist train: 60,000 images × 10,000 votes at sigma 0.25”.
func (l *Labels) String() string {
	images := humanize.Grouped(len(l.Rows)) + " images"
	if !l.Finished() {
		images = fmt.Sprintf("%s of %s images", humanize.Grouped(len(l.Rows)), humanize.Grouped(l.Planned()))
	}
	text := fmt.Sprintf("soft labels of %s: %s × %s votes at sigma %g", strings.TrimSpace(l.Dataset+" "+l.Split),
		images, humanize.Grouped(l.Votes), l.Sigma)
	if l.Shard.Of > 0 {
		text += fmt.Sprintf(", shard %v", l.Shard)
	}
	return text
}

// setting is a named entry of Settings, formatted for comparison.
type setting struct{ name, value string }

func (s Settings) list() []setting {
	return []setting{
		{"dataset", strings.TrimSpace(s.Dataset + " " + s.Split)},
		{"images", fmt.Sprint(s.Images)},
		{"classes", fmt.Sprint(s.Classes)},
		{"class names", strings.Join(s.ClassNames, ", ")},
		{"pixels or labels of SHA-256", fmt.Sprintf("%.12s…", s.ImageData)},
		{"classifier", fmt.Sprintf("%.12s…", s.Checkpoint)},
		{"sigma", fmt.Sprint(s.Sigma)},
		{"n", fmt.Sprint(s.Votes)},
		{"seed", fmt.Sprint(s.Seed)},
		{"batch shapes", fmt.Sprint(s.Chunks)},
	}
}

// FileName returns a name for the file of these labels that differs from those of other settings, for example
// “mnist-train-n1000-sigma0.25-1f2e3d4c.tsv”.
func (s Settings) FileName() string {
	whole := sha256.New()
	for _, x := range append(s.list(), setting{"shard", s.Shard.String()}) {
		fmt.Fprintln(whole, x.name, x.value)
	}
	base := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, filepath.Base(s.Dataset)+"-"+s.Split)
	return fmt.Sprintf("%s-n%d-sigma%g-%x.tsv", base, s.Votes, s.Sigma, whole.Sum(nil)[:4])
}

// DefaultPath returns the path of the labels' file in the user's data directory, next to the data sets.
func (s Settings) DefaultPath() (string, error) {
	dir, err := datadir.Path("soft-labels")
	return filepath.Join(dir, s.FileName()), err
}

// compare returns an error that names the first setting in which a file differs from what is wanted, or nil.
func (s Settings) compare(path string, want Settings) error {
	now := append(want.list(), setting{"shard", want.Shard.String()})
	for i, was := range append(s.list(), setting{"shard", s.Shard.String()}) {
		if was != now[i] {
			return &OtherError{Path: path, Name: was.name, Was: was.value, Now: now[i].value}
		}
	}
	return nil
}

// compareProvenance returns an error if votes may differ in nearly equal logits, so that a file cannot be resumed here.
func (s Settings) compareProvenance(path string, want Settings) error {
	if name, differs := certify.DifferingFact(s.Provenance, want.Provenance); differs {
		was, now := fmt.Sprintf("%q", s.Provenance[name]), fmt.Sprintf("%q", want.Provenance[name])
		return &OtherError{Path: path, Name: name, Was: was, Now: now}
	}
	return nil
}

// OtherError reports that a file holds soft labels with other settings than those requested.
type OtherError struct {
	Path     string
	Name     string // of the first setting that differs
	Was, Now string
}

func (e *OtherError) Error() string {
	return fmt.Sprintf("%s holds soft labels with %s %s, not %s: name another file, or remove that one",
		e.Path, e.Name, e.Was, e.Now)
}
