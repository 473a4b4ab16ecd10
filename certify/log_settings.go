package certify

import (
	"fmt"
	"maps"
	"slices"
)

// Settings is everything that a certification's votes depend on. They are kept in the JSON file beside the log; a log
// with other settings is never continued nor overwritten.
type Settings struct {
	Sigma      float64           `json:"sigma"` // standard deviation of the noise, in pixel units of [0,1]
	Plan       Plan              `json:"plan"`
	Classes    int               `json:"classes"`
	Seed       uint64            `json:"seed"`
	Dataset    string            `json:"dataset"`
	Split      string            `json:"split"`
	ImageData  string            `json:"image_data,omitempty"` // digest of the images' pixels and labels, by the caller's rule; "" if unknown
	Checkpoint string            `json:"checkpoint"`           // identity of the classifier: SHA-256 of its weights, in hexadecimal
	Chunks     []int             `json:"chunks"`               // batch shapes, in noisy images, at which votes are computed
	Provenance map[string]string `json:"provenance"`           // backend, plugin, device: what the last bits of a logit hang on
}

// Check says what is wrong with the settings, in a sentence.
func (s Settings) Check() error {
	if err := s.Plan.Check(); err != nil {
		return err
	}
	if err := checkSigma(s.Sigma); err != nil {
		return err
	}
	if s.Classes < 2 {
		return tooFewClasses(s.Classes)
	}
	return nil
}

// setting is one named entry of Settings, in the form in which it is compared and shown.
type setting struct {
	name  string
	value string
}

// imageData names a setting that older logs lack.
const imageData = "image_data"

func (s Settings) list() []setting {
	return []setting{
		{"sigma", fmt.Sprint(s.Sigma)},
		{"plan", s.Plan.kind()},
		{"n0", fmt.Sprint(s.Plan.N0)},
		{"n", fmt.Sprint(s.Plan.N)},
		{"alpha", fmt.Sprint(s.Plan.Alpha)},
		{"slack", fmt.Sprint(s.Plan.Slack)},
		{"radii", s.Plan.ladder().grid()},
		{"rungs", fmt.Sprint(s.Plan.ladder().Rungs)},
		{"weights", fmt.Sprint(s.Plan.ladder().Weights)},
		{"hopeless", fmt.Sprint(s.Plan.ladder().Hopeless)},
		{"evaluation", fmt.Sprint(s.Plan.ladder().Evaluation)},
		{"seed", fmt.Sprint(s.Seed)},
		{"dataset", fmt.Sprintf("%q", s.Dataset)},
		{"split", fmt.Sprintf("%q", s.Split)},
		{imageData, fmt.Sprintf("%q", s.ImageData)},
		{"checkpoint", fmt.Sprintf("%q", s.Checkpoint)},
		{"classes", fmt.Sprint(s.Classes)},
		{"chunks", fmt.Sprint(s.Chunks)},
	}
}

// differingFact is the first key, in alphabetical order, under which two provenances differ.
func differingFact(was, now map[string]string) (key string, differs bool) {
	keys := slices.Collect(maps.Keys(was))
	keys = slices.AppendSeq(keys, maps.Keys(now))
	slices.Sort(keys)
	for _, k := range keys {
		if was[k] != now[k] {
			return k, true
		}
	}
	return "", false
}

// SettingsError says that the log at Path was made with other settings than those asked for.
type SettingsError struct {
	Path     string
	Name     string // of the first setting that differs
	Was, Now string
}

func (e *SettingsError) Error() string {
	return fmt.Sprintf("%s was made with %s %s, and now %s is asked for: use another output path, or remove %s and %s to certify anew",
		e.Path, e.Name, e.Was, e.Now, e.Path, sidecarPath(e.Path))
}

// compareSettings names the first setting that differs, or gives nil.
func compareSettings(path string, was, now Settings) error {
	old, asked := was.list(), now.list()
	for i := range old {
		if old[i].name == imageData && (was.ImageData == "" || now.ImageData == "") {
			continue // unknown
		}
		if old[i].value != asked[i].value {
			return &SettingsError{Path: path, Name: old[i].name, Was: old[i].value, Now: asked[i].value}
		}
	}
	return nil
}

// compareProvenance is apart: a finished log may be loaded on any machine, an unfinished one goes on only where its
// votes come out the same to the last bit.
func compareProvenance(path string, was, now Settings) error {
	if key, differs := differingFact(was.Provenance, now.Provenance); differs {
		return &SettingsError{Path: path, Name: key, Was: fmt.Sprintf("%q", was.Provenance[key]), Now: fmt.Sprintf("%q", now.Provenance[key])}
	}
	return nil
}
