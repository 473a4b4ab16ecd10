package report

import (
	"fmt"
	"strconv"
	"strings"

	"smoothlab/internal/humanize"
)

// WalkVotes describes how the noisy copies of a walk are classified, in training mode.
type WalkVotes struct {
	Draws  int         `json:"draws"` // m, noisy copies per image
	Images []VoteImage `json:"images"`
}

// VoteImage is the votes on one image.
type VoteImage struct {
	WalkImage
	Classes    []int   `json:"classes"`    // class of each copy
	Share      float64 `json:"share"`      // q, share of the copies with the label's class
	Confidence float64 `json:"confidence"` // probability with which a copy is accepted: q, or the target's
	Top        int     `json:"top"`        // class with the largest probability in the soft label
	Target     float64 `json:"target"`     // probability of the label in the soft label
}

// WalkAttack is the attack on the noise of a walk.
type WalkAttack struct {
	First    int           `json:"first"` // first step in the table: 0 is the drawn noise
	Soft     bool          `json:"soft"`  // the attack is on the divergence from soft labels, otherwise on the cross-entropy
	Images   []NoiseAttack `json:"images"`
	Pictures [][]Image     `json:"pictures"` // rows for at most eight images: x+n of each copy after the last step
}

// NoiseAttack is the attack on the noise of one image.
type NoiseAttack struct {
	WalkImage
	Steps []AttackedNoise `json:"steps"` // by step, from 0: the drawn noise
}

// AttackedNoise is the noise of one image after a step, copy by copy.
type AttackedNoise struct {
	Distance   []float64 `json:"distance"`   // |e| = |n−n0|, L2
	Divergence []float64 `json:"divergence"` // KL(soft label ‖ prediction of the copy); without soft labels, its cross-entropy
	Wrong      []bool    `json:"wrong"`      // the copy is misclassified
}

// WalkSelect is what a walk's step trains on.
type WalkSelect struct {
	Images []SelectImage `json:"images"`
}

// SelectImage is what is selected of one image.
type SelectImage struct {
	WalkImage
	Losses   []float64 `json:"losses"`   // cross-entropy of the copies, sorted
	Accepted int       `json:"accepted"` // K, how many of them are trained on, the first ones
	All      bool      `json:"all"`      // K = m, so that high counts
	Low      float64   `json:"low"`      // accepted losses, divided by m
	High     float64   `json:"high"`     // largest divergence under the attacked noise
}

func (WalkVotes) Type() string  { return "smoothlab.walk_votes/1" }
func (WalkAttack) Type() string { return "smoothlab.walk_attack/1" }
func (WalkSelect) Type() string { return "smoothlab.walk_select/1" }

func (w WalkVotes) Blocks() []Block {
	t := Table{
		Head: []string{"image", "label", "classes of the copies", "q", "soft label picks", "p(label)", "confidence"},
	}
	for _, i := range w.Images {
		classes := make([]string, len(i.Classes))
		for k, class := range i.Classes {
			classes[k] = strconv.Itoa(class)
		}
		t.Rows = append(t.Rows, []string{strconv.Itoa(i.Index), labelName(i.Label, i.Class), strings.Join(classes, " "),
			fixed(i.Share, 2), strconv.Itoa(i.Top), fixed(i.Target, 3), fixed(i.Confidence, 3)})
	}
	text := fmt.Sprintf("%s per image, in training mode · q, the share with the label's class: %s",
		humanize.Count(w.Draws, "vote"), span(each(w.Images, func(i VoteImage) float64 { return i.Share })))
	return []Block{Line(text), t}
}

func (w WalkAttack) Blocks() []Block {
	t := Table{Head: []string{"step", "|e|", "misclassified", "cross-entropy", "largest"}}
	if w.Soft {
		t.Head = []string{"step", "|e|", "misclassified", "KL(soft label ‖ copy)", "largest KL"}
	}
	steps := 0
	for _, i := range w.Images {
		steps = max(steps, len(i.Steps))
	}
	for step := max(w.First, 0); step < steps; step++ {
		var moved, divergence, worst []float64
		wrong := 0
		for _, i := range w.Images {
			if step < len(i.Steps) {
				moved = append(moved, i.Steps[step].Distance...)
				divergence = append(divergence, i.Steps[step].Divergence...)
				worst = append(worst, largest(i.Steps[step].Divergence))
				wrong += counted(i.Steps[step].Wrong)
			}
		}
		t.Rows = append(t.Rows, []string{strconv.Itoa(step), fixed(mean(moved), 3),
			fmt.Sprintf("%d of %d", wrong, len(moved)), fixed(mean(divergence), 3), fixed(mean(worst), 3)})
	}
	if len(w.Images) > 1 {
		t.Caption = fmt.Sprintf("means over the noisy copies of %d images; per image: w.path", len(w.Images))
	}
	if len(w.Pictures) == 0 {
		return []Block{t}
	}
	var heads []string
	for i := range longest(w.Pictures) {
		heads = append(heads, fmt.Sprintf("x+n%d", i+1))
	}
	return []Block{pictured(heads, w.Pictures, names(w.Images), ""), t}
}

// counted returns how many are true.
func counted(flags []bool) int {
	n := 0
	for _, yes := range flags {
		if yes {
			n++
		}
	}
	return n
}

func largest(values []float64) float64 {
	top := 0.
	for _, v := range values {
		top = max(top, v)
	}
	return top
}

func (w WalkSelect) Blocks() []Block {
	t := Table{Head: []string{"image", "label", "sorted losses", "K", "low", "high", "high counts"}}
	all := 0
	for _, i := range w.Images {
		var losses []string
		for k, loss := range i.Losses {
			if k == i.Accepted {
				losses = append(losses, "|")
			}
			losses = append(losses, fixed(loss, 2))
		}
		counts := "no"
		if i.All {
			counts = "yes"
			all++
		}
		t.Rows = append(t.Rows, []string{strconv.Itoa(i.Index), labelName(i.Label, i.Class), strings.Join(losses, " "),
			strconv.Itoa(i.Accepted), fixed(i.Low, 2), fixed(i.High, 2), counts})
	}
	text := fmt.Sprintf("K of m copies are trained on, those before | · %d of %d images with K = m, whose high counts",
		all, len(w.Images))
	return []Block{Line(text), t}
}

// exampleNoiseAttacks returns the attack on the noise of two images, for [Types].
func exampleNoiseAttacks() []NoiseAttack {
	return []NoiseAttack{
		{exampleImages()[0], []AttackedNoise{
			{Distance: []float64{0, 0}, Divergence: []float64{0.02, 0.31}},
			{Distance: []float64{0.5, 0.5}, Divergence: []float64{0.07, 0.6}},
		}},
		{exampleImages()[1], []AttackedNoise{
			{Distance: []float64{0, 0}, Divergence: []float64{0.9, 1.2}},
			{Distance: []float64{0.5, 0.5}, Divergence: []float64{1.4, 2}},
		}},
	}
}
