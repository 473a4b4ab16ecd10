package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"smoothlab/internal/humanize"
)

// Run is a training run, in progress or ended.
type Run struct {
	ID         int           `json:"id"`         // number in the session, from 1
	State      string        `json:"state"`      // RunRunning …
	Classifier string        `json:"classifier"` // architecture of the classifier
	Method     string        `json:"method"`     // as a call: "gaussian(sigma=0.5)"
	Path       string        `json:"path"`       // path of the checkpoint; empty if there is none
	Update     int           `json:"update"`     // optimizer steps taken
	Updates    int           `json:"updates"`    // planned for the run
	Epochs     int           `json:"epochs"`     // planned for the run
	Batch      int           `json:"batch"`      // images per update
	Devices    int           `json:"devices"`    // number of devices that share the images of an update; 0 while unknown
	LR         float64       `json:"lr"`         // current learning rate
	Optimizer  string        `json:"optimizer"`  // what differs from plain sgd: "adamw, average with decay 0.999"; may be empty
	Background bool          `json:"background"`
	Now        []Term        `json:"now"` // loss terms, means over the current epoch
	History    []Epoch       `json:"history"`
	Points     []CoursePoint `json:"points"`  // course of the run, at most MaxPoints
	Changes    []string      `json:"changes"` // changes of settings during the run: "eta 5.0 → 2.0 from update 212 on"
	Seconds    float64       `json:"seconds"` // time since the run was started or resumed
	Left       float64       `json:"left"`    // estimated seconds left; 0 if unknown
	Message    string        `json:"message"` // error if the run failed
}

// States of a run.
const (
	RunRunning  = "running"
	RunStopped  = "stopped"
	RunFinished = "finished"
	RunFailed   = "failed"
	RunLoaded   = "loaded" // loaded a finished run with the same settings
)

// Epoch is one epoch of a run's history.
type Epoch struct {
	Epoch         int     `json:"epoch"` // from 0
	LR            float64 `json:"lr"`
	Warm          float64 `json:"warm"` // warm-up factor, 1 at full strength
	Loss          float64 `json:"loss"` // mean over the epoch's updates
	Terms         []Term  `json:"terms"`
	NoisyAccuracy float64 `json:"noisy_accuracy"` // accuracy of the base classifier, one noise sample per image; negative without test images
	NoisyLoss     float64 `json:"noisy_loss"`     // cross-entropy on the same samples
	Kept          int     `json:"kept"`           // number of training images not dropped; 0 if the method has dropped none yet
}

// Term is one term of the loss, before its weight.
type Term struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

func (Run) Type() string { return "smoothlab.run/1" }

// RunHistory is the history of a run by epoch.
type RunHistory struct {
	ID      int      `json:"id"`
	Method  string   `json:"method"` // as a call
	Path    string   `json:"path"`
	History []Epoch  `json:"history"`
	Changes []string `json:"changes"`
}

func (RunHistory) Type() string { return "smoothlab.run_history/1" }

func (r Run) Blocks() []Block {
	blocks := []Block{Line(r.line())}
	if r.State != RunRunning && len(r.Changes) > 0 {
		blocks = append(blocks, Line(strings.Join(r.Changes, "\n")))
	}
	var aside Aside
	if len(r.History) > 0 {
		aside = append(aside, historyTable(r.History))
	}
	if aside = append(aside, r.curves()...); len(aside) > 0 {
		blocks = append(blocks, aside)
	}
	return blocks
}

func (r Run) line() string {
	name := "run " + strconv.Itoa(r.ID)
	where := fmt.Sprintf("update %s of %s", humanize.Grouped(r.Update), humanize.Grouped(r.Updates))
	switch r.State {
	case RunRunning:
		return r.running(name, where)
	case RunStopped:
		if r.Path == "" {
			return name + " stopped after " + where
		}
		return name + " stopped after " + where + " → " + r.Path + "; the same train(…) resumes it"
	case RunFailed:
		return Listed(": ", name+" failed after "+where, r.Message)
	}
	took := duration(r.Seconds)
	if r.State == RunLoaded {
		took = "loaded, already finished"
	}
	line := Listed(
		" · ",
		brief(r.Method),
		fmt.Sprintf("%s, %s%s", humanize.Count(r.Epochs, "epoch"), r.steps(), r.sharing()),
		r.Optimizer,
		r.reached(),
		took,
	)
	if r.Path != "" {
		line += " → " + r.Path
	}
	return line
}

func (r Run) running(name, where string) string {
	if r.Background {
		name += " in background"
	}
	if r.Update == 0 {
		about := ""
		if r.Left > 0 {
			about = "about " + duration(r.Left)
		}
		return Listed(
			" · ",
			fmt.Sprintf("%s: %s, lr %s, %s images%s", name, r.Method, plain(r.LR), r.steps(), r.sharing()),
			r.Optimizer,
			about,
			r.hint(),
		)
	}
	left := ""
	if r.Left > 0 {
		left = "about " + duration(r.Left) + " left"
	}
	return Listed(
		" · ",
		fmt.Sprintf("%s: %s, lr %s, %s", name, r.Method, plain(r.LR), where),
		terms(r.Now),
		left,
		r.hint(),
	)
}

// hint shows how to control a background run.
func (r Run) hint() string {
	if r.Background {
		return "r.stop(), jobs()"
	}
	return ""
}

// steps describes the updates, for instance "470 updates of 256".
func (r Run) steps() string {
	s := humanize.Count(r.Updates, "update")
	if r.Batch > 0 {
		s += " of " + humanize.Grouped(r.Batch)
	}
	return s
}

// sharing describes the devices, for instance " on 2 devices"; empty for one.
func (r Run) sharing() string {
	if r.Devices < 2 {
		return ""
	}
	return " on " + humanize.Count(r.Devices, "device")
}

// reached describes the results of the last epoch.
func (r Run) reached() string {
	if len(r.History) == 0 {
		return terms(r.Now)
	}
	last := r.History[len(r.History)-1]
	return Listed(" · ", terms(last.Terms), last.accuracy())
}

func (e Epoch) accuracy() string {
	if e.NoisyAccuracy < 0 || math.IsNaN(e.NoisyAccuracy) {
		return ""
	}
	return "base accuracy under noise " + fixed(100*e.NoisyAccuracy, 1) + "%"
}

func terms(list []Term) string {
	parts := make([]string, len(list))
	for i, t := range list {
		parts[i] = t.Name + " " + short(t.Value)
	}
	return strings.Join(parts, " · ")
}

// brief shortens a method to its name and its first setting, sigma: "smoothmix sigma=0.5".
func brief(call string) string {
	name, settings, found := strings.Cut(strings.TrimSuffix(call, ")"), "(")
	if !found || settings == "" {
		return name
	}
	first, _, _ := strings.Cut(settings, ",")
	return name + " " + first
}

func (h RunHistory) Blocks() []Block {
	blocks := []Block{Line("run " + strconv.Itoa(h.ID) + ": " + h.Method)}
	if len(h.Changes) > 0 {
		blocks = append(blocks, Line(strings.Join(h.Changes, "\n")))
	}
	if len(h.History) == 0 {
		return append(blocks, Line("no epoch finished yet"))
	}
	return append(blocks, historyTable(h.History), lossCurves(h.History), accuracyCurve(h.History))
}
