package train

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/stepgraph"
	"smoothlab/method"
)

// Setting is a name and a value that a training depends on.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Mean is the mean of one loss term over an epoch, before its weight.
type Mean struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// Epoch is one line of a run's history. It holds no times, so that an interrupted run ends in the same file as one that
// was not interrupted.
type Epoch struct {
	Epoch         int     `json:"epoch"` // counted from 0
	LR            float64 `json:"lr"`
	Warm          float64 `json:"warm"`
	Loss          float64 `json:"loss"` // mean over the epoch's updates
	Terms         []Mean  `json:"terms"`
	NoisyAccuracy float64 `json:"noisy_accuracy"` // accuracy of the base classifier with one noise sample per test image; −1 without test images
	NoisyLoss     float64 `json:"noisy_loss"`     // cross-entropy of the same; −1 if it was infinite or NaN
	Kept          int     `json:"kept,omitempty"` // number of training images that a method has not dropped; 0 before it drops any
}

// Change records that a setting was changed during the run.
type Change struct {
	Update int    `json:"update"` // first update with the new value
	Name   string `json:"name"`
	Text   string `json:"text"`
}

// state is what a checkpoint holds of a training besides weights and buffers.
type state struct {
	Identity []Setting       `json:"identity"`
	Test     string          `json:"test,omitempty"` // images of the accuracies, as in [Tested]; "" in old files
	Method   json.RawMessage `json:"method"`         // its current settings; Identity has the first ones
	Settings Settings        `json:"settings"`
	Devices  int             `json:"devices"` // number of devices that share a step; 0 in old files means 1
	Epoch    int             `json:"epoch"`   // epoch in progress; Settings.Epochs when finished
	At       int             `json:"at"`      // finished mini-batches of the epoch
	Update   int             `json:"update"`  // optimizer steps taken in total
	Sums     []float64       `json:"sums"`    // sums over the epoch so far: loss, then terms
	Labels   []string        `json:"labels"`  // names of the terms
	History  []Epoch         `json:"history"`
	Changes  []Change        `json:"changes,omitempty"`
	Choice   *choice         `json:"choice,omitempty"` // nil before the method chooses images
}

// Identity lists the settings that must be equal for a run to resume from a file: what its result depends on. digest is
// the [Digest] of its images.
func (job *Job) Identity(digest string) []Setting {
	start, data, m, s := job.Start, job.Data, job.Method, job.Settings
	list := []Setting{
		{"classifier", start.Arch.Name},
		{"initial weights", start.Fingerprint()[:16]},
		{"data set", data.Name + " " + data.Split},
		{"images", fmt.Sprint(data.Len())},
		{"image data", digest},
		{"method", m.Name()},
		{"type of the method", fmt.Sprintf("%T", m)},
	}
	if c, ok := m.(*method.Custom); ok {
		list = append(
			list,
			Setting{"settings of", fmt.Sprintf("%T", c.Base())},
			Setting{"text of the method", cmp.Or(c.Text(), "unknown")},
		)
	}
	add := func(name string, v any) { list = append(list, Setting{name, fmt.Sprint(v)}) }
	if m.Traits().Targets {
		add("soft labels", targetDigest(data))
	}
	for _, f := range method.Fields(m) {
		add(f.Name, f.Value)
	}
	add("epochs", s.Epochs)
	add("batch", s.Batch)
	add("split", s.Parts(m))
	add("schedule", cmp.Or(s.Schedule, Steps))
	add("lr", s.LR)
	if s.Rates != nil {
		add("rates", s.ratesText())
	}
	add("lr_warmup", s.LRWarmup)
	add("lr_period", s.LRPeriod)
	add("gamma", s.Gamma)
	s.identifyOptimizer(add)
	add("augment", cmp.Or(s.Augment, "none"))
	add("seed", s.Seed)
	return list
}

// Tested describes the images that measure accuracy under noise after each epoch, with a digest; nil are none. They
// change nothing in the weights, so that a run may be resumed with others.
func Tested(d *dataset.Dataset) string {
	if d == nil || d.Len() == 0 {
		return "none"
	}
	return fmt.Sprintf("%v, SHA-256 %s", d, Digest(d)[:8])
}

// Digest returns the beginning of the SHA-256 of a data set's pixels and labels.
func Digest(d *dataset.Dataset) string {
	h := sha256.New()
	h.Write(d.Pixels)
	for _, y := range d.Labels {
		h.Write([]byte{byte(y)})
		if len(d.Classes) > 256 {
			h.Write([]byte{byte(y >> 8)})
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// targetDigest returns the beginning of the SHA-256 of a data set's targets.
func targetDigest(d *dataset.Dataset) string {
	h := sha256.New()
	for _, p := range d.Targets {
		h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(p)))
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// sameRun returns an error that names the first setting in which a file and the requested run differ, or nil.
func sameRun(path string, was, now []Setting) error {
	name, old, is := Difference(was, now)
	if name == "" {
		return nil
	}
	return fmt.Errorf(
		"%s holds a run with %s %s, this one has %s: name another file, or remove that one",
		path,
		name,
		old,
		is,
	)
}

// Difference returns the first setting in which a list of [Job.Identity], which may be of an older version, and the
// list of a requested run differ, with both values. Its name is "" if there is none. If several settings have the same
// name, such as gamma of DDN and of the learning rate, they are compared in order.
func Difference(was, now []Setting) (name, old, is string) {
	values := map[string][]string{}
	for _, s := range was {
		if s.Name == "type of the method" || s.Name == "settings of" {
			s.Value = movedType(s.Value)
		}
		values[s.Name] = append(values[s.Name], s.Value)
	}
	// missing in older files
	for name, value := range map[string]string{"augment": "none", "schedule": Steps, "lr_warmup": "0",
		"optimizer": stepgraph.SGDName, "clip": "0", "ema": "0"} {
		if values[name] == nil {
			values[name] = []string{value}
		}
	}
	for _, s := range now {
		v := "unknown"
		if list := values[s.Name]; len(list) > 0 {
			v, values[s.Name] = list[0], list[1:]
		}
		if v != s.Value {
			return s.Name, v, s.Value
		}
	}
	return "", "", ""
}

// sameClasses compares the class names of a file with those of a training, in order. Files without names match any.
func sameClasses(path string, was, now []string) error {
	if was == nil || slices.Equal(was, now) {
		return nil
	}
	k := 0
	for k < len(was) && k < len(now) && was[k] == now[k] {
		k++
	}
	name := func(names []string) string {
		if k < len(names) {
			return fmt.Sprintf("%q", names[k])
		}
		return "missing"
	}
	return fmt.Errorf(
		"%s holds a run in which class %d is %s, in this one it is %s: name another file, or remove that one",
		path,
		k,
		name(was),
		name(now),
	)
}

// movedType returns the current name of a method's type for the name in old files, in which all methods were in one
// package.
func movedType(name string) string {
	kind, ok := strings.CutPrefix(name, "*smoothmix.")
	switch {
	case !ok || kind == "SmoothMix":
		return name
	case kind == "Own":
		return "*method.Custom"
	case kind == "SettingsOnly":
		return "*method.SettingsOnly"
	}
	return "*baseline." + kind
}

// readState reads the training state of a checkpoint.
func readState(path string, ck *classifier.Checkpoint) (state, error) {
	var st state
	if ck.Training == nil || ck.Buffers == nil {
		return st, fmt.Errorf(
			"%s holds weights only, without a training to resume: name another file, or remove that one",
			path,
		)
	}
	if err := json.Unmarshal(ck.Training, &st); err != nil {
		return st, fmt.Errorf("%s: cannot read its training state: %w", path, err)
	}
	return st, nil
}

// devices returns the number of devices that took the latest step.
func (st state) devices() int { return max(st.Devices, 1) }

// check returns an error that describes an impossible position in a run with the given numbers of epochs and updates
// per epoch.
func (st state) check(epochs, updates int) error {
	switch {
	case st.Epoch < 0 || st.Epoch > epochs || st.At < 0 || st.At > updates || st.Epoch == epochs && st.At > 0:
		return fmt.Errorf(
			"epoch %d, mini-batch %d is outside %d epochs of %d updates",
			st.Epoch,
			st.At,
			epochs,
			updates,
		)
	case st.Update != st.Epoch*updates+st.At:
		return fmt.Errorf("update %d does not belong to epoch %d, mini-batch %d", st.Update, st.Epoch, st.At)
	case len(st.History) != st.Epoch:
		return fmt.Errorf("the history has %d epochs of %d", len(st.History), st.Epoch)
	case st.At > 0 && len(st.Sums) != len(st.Labels)+1:
		return fmt.Errorf("there are %d sums for a loss and %d terms", len(st.Sums), len(st.Labels))
	}
	return nil
}
