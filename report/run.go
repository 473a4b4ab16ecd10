package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Run is a training, in progress or done.
type Run struct {
	ID         int      `json:"id"`         // from 1 on, in a session
	State      string   `json:"state"`      // RunRunning …
	Classifier string   `json:"classifier"` // its architecture
	Method     string   `json:"method"`     // as it is called: "gaussian(sigma=0.5)"
	Path       string   `json:"path"`       // of the checkpoint; empty if none is kept
	Update     int      `json:"update"`     // optimizer steps taken
	Updates    int      `json:"updates"`    // of the whole run
	Epochs     int      `json:"epochs"`     // of the whole run
	Batch      int      `json:"batch"`      // images of an update
	Devices    int      `json:"devices"`    // that share the images of an update; 0 while that is not known
	LR         float64  `json:"lr"`         // learning rate now
	Background bool     `json:"background"`
	Now        []Term   `json:"now"` // terms of the loss, means over the epoch in progress
	History    []Epoch  `json:"history"`
	Changes    []string `json:"changes"` // of settings while it went: "eta 5.0 → 2.0 from update 212 on"
	Seconds    float64  `json:"seconds"` // since it was started or continued
	Left       float64  `json:"left"`    // seconds, estimated; 0 if unknown
	Message    string   `json:"message"` // why it failed
}

// States of a run.
const (
	RunRunning  = "running"
	RunStopped  = "stopped"
	RunFinished = "finished"
	RunFailed   = "failed"
	RunLoaded   = "loaded" // finished before, with the same settings
)

// Epoch is one line of a run's history.
type Epoch struct {
	Epoch         int     `json:"epoch"` // from 0
	LR            float64 `json:"lr"`
	Warm          float64 `json:"warm"` // warm-up: 1 at full strength
	Loss          float64 `json:"loss"` // mean over the epoch's updates
	Terms         []Term  `json:"terms"`
	NoisyAccuracy float64 `json:"noisy_accuracy"` // of the base classifier, one noise an image; negative without test images
	NoisyLoss     float64 `json:"noisy_loss"`     // cross-entropy of the same
}

// Term is one term of the loss, before its weight.
type Term struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

func (Run) Type() string { return "smoothlab.run/1" }

// RunHistory is a run epoch by epoch.
type RunHistory struct {
	ID      int      `json:"id"`
	Method  string   `json:"method"` // as it is called
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
	if len(r.History) > 0 {
		blocks = append(blocks, Aside{historyTable(r.History)})
	}
	return blocks
}

func (r Run) line() string {
	name := "run " + strconv.Itoa(r.ID)
	where := fmt.Sprintf("update %s of %s", grouped(r.Update), grouped(r.Updates))
	switch r.State {
	case RunRunning:
		return r.running(name, where)
	case RunStopped:
		if r.Path == "" {
			return name + " stopped after " + where
		}
		return name + " stopped after " + where + " → " + r.Path + "; the same train(…) goes on from there"
	case RunFailed:
		return listed(": ", name+" failed after "+where, r.Message)
	}
	took := duration(r.Seconds)
	if r.State == RunLoaded {
		took = "loaded, it was finished before"
	}
	line := listed(
		" · ",
		brief(r.Method),
		fmt.Sprintf("%s, %s%s", count(r.Epochs, "epoch"), r.steps(), r.sharing()),
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
		return listed(
			" · ",
			fmt.Sprintf("%s: %s, lr %s, %s images%s", name, r.Method, plain(r.LR), r.steps(), r.sharing()),
			about,
			r.hint(),
		)
	}
	left := ""
	if r.Left > 0 {
		left = "about " + duration(r.Left) + " left"
	}
	return listed(
		" · ",
		fmt.Sprintf("%s: %s, lr %s, %s", name, r.Method, plain(r.LR), where),
		terms(r.Now),
		left,
		r.hint(),
	)
}

// hint says how to reach a run that one does not wait for.
func (r Run) hint() string {
	if r.Background {
		return "r.stop(), jobs()"
	}
	return ""
}

// steps is for instance "470 updates of 256".
func (r Run) steps() string {
	s := count(r.Updates, "update")
	if r.Batch > 0 {
		s += " of " + grouped(r.Batch)
	}
	return s
}

// sharing is for instance " on 2 devices", and empty for one.
func (r Run) sharing() string {
	if r.Devices < 2 {
		return ""
	}
	return " on " + count(r.Devices, "device")
}

// reached is what the last epoch ended with.
func (r Run) reached() string {
	if len(r.History) == 0 {
		return terms(r.Now)
	}
	last := r.History[len(r.History)-1]
	return listed(" · ", terms(last.Terms), last.accuracy())
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

// brief is a method by its name and its first setting, sigma: "smoothmix sigma=0.5".
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
		return append(blocks, Line("no epoch is done yet"))
	}
	return append(blocks, historyTable(h.History), lossCurves(h.History), accuracyCurve(h.History))
}
