package certify

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"smoothlab/smoothing"
)

// Source describes where votes come from. A certificate holds for this noise and these weights only. A [Voter] reports
// it.
type Source struct {
	Smoothing  smoothing.Smoothing `json:"-"` // nil if unknown; JSON files have it as a smoothing.Record
	Classes    int                 `json:"classes"`
	ClassNames []string            `json:"class_names,omitempty"` // in the order of the labels; nil if unknown
	Seed       uint64              `json:"seed"`                  // seed of the noise
	Dataset    string              `json:"dataset"`
	Split      string              `json:"split"`
	// Notes is what was unusual about the images as they were read, such as rounded or nearly black pixels, and about
	// the classifier's weights.
	Notes      []string `json:"image_notes,omitempty"`
	Checkpoint string   `json:"checkpoint"` // SHA-256 of the classifier's weights, in hexadecimal
	// Engine is what computes the logits of these weights, if it is not XLA: "onnxruntime". Engines round differently,
	// so that the same weights are another classifier in another engine.
	Engine     string            `json:"engine,omitempty"`
	Chunks     []int             `json:"chunks"`     // batch shapes, in noisy images, at which votes are computed
	Provenance map[string]string `json:"provenance"` // backend, plugin, device, precision: the last bits of logits depend on them
}

// DefaultEngine is the name of the engine of logs that name none.
const DefaultEngine = "xla"

// Sigma returns the standard deviation of Gaussian noise, in pixel units of [0,1]; 0 for other or unknown noise.
func (s Source) Sigma() float64 {
	g, _ := s.Smoothing.(smoothing.Gaussian)
	return g.Sigma
}

// Settings holds everything that a certification's rows depend on. It is kept in the JSON file of the log. A log with
// other settings is neither resumed nor overwritten.
type Settings struct {
	Source
	Plan Plan `json:"plan"`

	// ImageData is the SHA-256, in hexadecimal, of the pixels and labels of all images that were to be certified, in
	// the order of their indices: of their concatenated digests (see [Voter]). A shard has the digest of the whole
	// certification. It is empty if unknown: in published logs and in those of version 1.
	ImageData string `json:"image_data,omitempty"`
}

// settingsOf derives the settings of a certification from its voter, and checks them.
func settingsOf(v Voter, plan Plan) (Settings, error) {
	slack := v.Slack()
	if plan.Slack != 0 && plan.Slack != slack {
		return Settings{}, fmt.Errorf(
			"the plan has slack %v, and the voter's noise %v: leave out the plan's slack, since the voter's is used",
			plan.Slack,
			slack,
		)
	}
	plan.Slack = slack
	s := Settings{Source: v.Source(), Plan: plan}
	if err := s.Check(); err != nil {
		return Settings{}, err
	}
	if err := smoothing.CheckUnits(s.Smoothing); err != nil {
		return Settings{}, err
	}
	return s, plan.CheckUse(s.Smoothing)
}

// Check returns an error if settings are missing or invalid.
func (s Settings) Check() error {
	if err := s.Plan.Check(); err != nil {
		return err
	}
	if err := checkSmoothing(s.Smoothing); err != nil {
		return err
	}
	if err := s.Plan.Procedure().checkNoise(s.Smoothing); err != nil {
		return err
	}
	return s.checkClasses()
}

func (s Source) checkClasses() error {
	if s.Classes < 2 {
		return tooFewClasses(s.Classes)
	}
	if n := len(s.ClassNames); n != 0 && n != s.Classes {
		return fmt.Errorf("there are %d names for %d classes", n, s.Classes)
	}
	return nil
}

// checkSmoothing returns an error if the noise is unknown or invalid.
func checkSmoothing(s smoothing.Smoothing) error {
	if s == nil {
		return errors.New("the noise is not known; give it, as in smoothing.Gaussian{Sigma: 0.5}")
	}
	return s.Check()
}

// setting is one named entry of Settings, formatted for comparison and display.
type setting struct {
	name  string
	value string
}

// Names of settings that older logs lack. They are compared if both sides have them.
const (
	imageData  = "image_data"
	imageNotes = "image_notes"
	classNames = "class_names"
)

// evaluationSetting is the name of the setting of plans that end votes by labels.
const evaluationSetting = "evaluation"

func isEvaluation(s setting) bool { return s.name == evaluationSetting }

func (s Settings) list() []setting {
	plan := []setting{
		{"plan", s.Plan.Procedure().Name()}, // before its settings, so that the lists of two procedures end here
		{"n0", fmt.Sprint(s.Plan.N0)},
		{"n", fmt.Sprint(s.Plan.N)},
		{"alpha", fmt.Sprint(s.Plan.Alpha)},
		{"slack", fmt.Sprint(s.Plan.Slack)},
	}
	return slices.Concat(noiseSettings(s.Smoothing), plan, s.Plan.Procedure().settings(), []setting{
		{"seed", fmt.Sprint(s.Seed)},
		{"dataset", fmt.Sprintf("%q", s.Dataset)},
		{"split", fmt.Sprintf("%q", s.Split)},
		{"checkpoint", fmt.Sprintf("%q", s.Checkpoint)},
		{"engine", fmt.Sprintf("%q", cmp.Or(s.Engine, DefaultEngine))},
		{"classes", fmt.Sprint(s.Classes)},
		{classNames, strings.Join(s.ClassNames, ", ")},
		{"chunks", fmt.Sprint(s.Chunks)},
	})
}

// noiseSettings lists the name and the parameters of the noise.
func noiseSettings(s smoothing.Smoothing) (list []setting) {
	if s == nil {
		return []setting{{"noise", "unknown"}}
	}
	list = []setting{{"noise", s.Name()}}
	for _, p := range s.Parameters() {
		list = append(list, setting{p.Name, fmt.Sprint(p.Value)})
	}
	return list
}

// DifferingFact returns the first key, in alphabetical order, under which two provenances differ.
func DifferingFact(was, now map[string]string) (key string, differs bool) {
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

// SettingsError reports that the log at Path was made with different settings from those requested.
type SettingsError struct {
	Path     string
	Name     string // name of the first setting that differs
	Was, Now string
}

func (e *SettingsError) Error() string {
	if e.Name == imageData {
		return fmt.Sprintf("%s was made with other pixels or labels of the images (SHA-256 %.12s…, now %.12s…): "+
			"use another output path, or remove %s and %s to certify anew", e.Path, e.Was, e.Now, e.Path, sidecarPath(e.Path))
	}
	return fmt.Sprintf(
		"%s was made with %s %s, not %s: use another output path, or remove %s and %s to certify anew",
		e.Path,
		e.Name,
		e.Was,
		e.Now,
		e.Path,
		sidecarPath(e.Path),
	)
}

// compareSettings returns an error that names the first setting that differs. compareImages and comparePixels compare
// the images.
func compareSettings(path string, was, now Settings) error {
	old, asked := was.list(), now.list()
	for i := range old {
		if old[i].name == classNames && (old[i].value == "" || asked[i].value == "") {
			continue // unknown
		}
		if old[i] != asked[i] {
			return &SettingsError{Path: path, Name: old[i].name, Was: old[i].value, Now: asked[i].value}
		}
	}
	return nil
}

// comparePixels returns an error if the pixels or labels of the images are known to differ. It comes after
// compareImages, since other images have other pixels.
func comparePixels(path string, was, now Settings) error {
	switch {
	case was.ImageData != "" && now.ImageData != "":
		if was.ImageData != now.ImageData {
			return &SettingsError{Path: path, Name: imageData, Was: was.ImageData, Now: now.ImageData}
		}
	case notesDiffer(was.Source, now.Source):
		return &SettingsError{Path: path, Name: imageNotes, Was: quoted(was.Notes), Now: quoted(now.Notes)}
	}
	return nil
}

// notesDiffer reports whether both sources have notes on their images, and other ones. It is asked where the digests of
// the pixels are not known: images that were read in another way, such as rounded ones, have the same pixels or
// others, and only the digests tell.
func notesDiffer(a, b Source) bool {
	return len(a.Notes) > 0 && len(b.Notes) > 0 && !slices.Equal(a.Notes, b.Notes)
}

// quoted formats notes for an error.
func quoted(notes []string) string { return fmt.Sprintf("%q", strings.Join(notes, "; ")) }

// compareProvenance is separate from compareSettings: a finished log may be loaded on any machine, but an unfinished
// one is resumed only where its votes are the same to the last bit.
func compareProvenance(path string, was, now Settings) error {
	if key, differs := DifferingFact(was.Provenance, now.Provenance); differs {
		return &SettingsError{
			Path: path,
			Name: key,
			Was:  fmt.Sprintf("%q", was.Provenance[key]),
			Now:  fmt.Sprintf("%q", now.Provenance[key]),
		}
	}
	return nil
}
