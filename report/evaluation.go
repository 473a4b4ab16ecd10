package report

import (
	"fmt"
	"math"
	"strconv"

	"smoothlab/internal/humanize"
)

// Evaluation is what a classifier makes of images: accuracy on the images as they are and, with a noise, on noisy
// copies and of the smoothed classifier. Numbers that need a noise are nil without one.
type Evaluation struct {
	Dataset    string   `json:"dataset" help:"name of the data set"`
	Split      string   `json:"split" help:"\"train\", \"test\" or \"all\""`
	Images     int      `json:"images" help:"number of images"`
	Classifier string   `json:"classifier" help:"architecture of the classifier"`
	Accuracy   float64  `json:"accuracy" help:"share of the images that the base classifier classifies as their label, without noise"`
	Loss       float64  `json:"loss" help:"mean cross-entropy without noise"`
	Sigma      float64  `json:"sigma" help:"standard deviation of Gaussian noise, in pixel units of [0,1]; 0 without noise and for other noise"`
	Noise      string   `json:"noise" help:"noise that is not Gaussian, such as \"laplace scale 0.5\""`
	N          int      `json:"n" help:"noisy copies per image; 0 without noise"`
	Alpha      float64  `json:"alpha" help:"probability that a prediction names a class other than the smoothed classifier's"`
	Seed       uint64   `json:"seed" help:"seed for the noise"`
	Noisy      *float64 `json:"noisy_accuracy" help:"share of the noisy copies that the base classifier classifies as their label; None without noise"`
	Smoothed   *float64 `json:"smoothed_accuracy" help:"share of the images that the smoothed classifier predicts as their label; None without noise"`
	Abstained  *float64 `json:"abstained" help:"share of the images without a prediction, which count as wrong; None without noise"`

	Classes           []ClassEvaluation `json:"classes" help:"results by class"`
	Confusion         [][]int           `json:"confusion" help:"number of images by label (row) and class (column), without noise"`
	SmoothedConfusion [][]int           `json:"smoothed_confusion" help:"the same for the smoothed classifier, whose abstentions are missing; empty without noise"`
	Seconds           float64           `json:"seconds" help:"how long it took"`
}

// ClassEvaluation holds the results for the images of one class.
type ClassEvaluation struct {
	Label     int      `json:"label" help:"the class"`
	Class     string   `json:"class_name" help:"name of the class"`
	Images    int      `json:"images" help:"number of images with this label"`
	Accuracy  float64  `json:"accuracy" help:"share of them classified as the label, without noise; NaN if there are none"`
	Noisy     *float64 `json:"noisy_accuracy" help:"share of their noisy copies classified as the label; None without noise"`
	Smoothed  *float64 `json:"smoothed_accuracy" help:"share of them that the smoothed classifier predicts as the label; None without noise"`
	Abstained *float64 `json:"abstained" help:"share of them without a prediction; None without noise"`
	Mistaken  int      `json:"mistaken" help:"the wrong class most often predicted for them, without noise; -1 if all are right"`
}

func (Evaluation) Type() string { return "smoothlab.evaluation/1" }

// shownClasses is the largest number of classes whose table is shown at a prompt.
const shownClasses = 20

func (e Evaluation) Blocks() []Block {
	blocks := []Block{
		Line(e.Classifier + " on " + Listed(" ", humanize.Grouped(e.Images), e.Dataset, e.Split, humanize.Plural(e.Images, "image"))),
		Line("accuracy " + percent(e.Accuracy) + " · loss " + short(e.Loss)),
	}
	if e.Noisy != nil && e.Smoothed != nil && e.Abstained != nil {
		noise := e.Noise
		if noise == "" {
			noise = "sigma " + plain(e.Sigma)
		}
		blocks = append(blocks, Line(fmt.Sprintf(
			"under noise, %s: base classifier %s · smoothed classifier %s, abstains %s (%s, alpha %s)",
			noise,
			percent(*e.Noisy),
			percent(*e.Smoothed),
			percent(*e.Abstained),
			humanize.Count(e.N, "vote"),
			plain(e.Alpha),
		)))
	}
	classes := e.perClass()
	if len(e.Classes) > shownClasses {
		return append(blocks, Aside{classes})
	}
	blocks = append(blocks, classes, Aside{e.confusion("confusion without noise", e.Confusion)})
	if len(e.SmoothedConfusion) > 0 {
		blocks = append(blocks, Aside{e.confusion("confusion of the smoothed classifier", e.SmoothedConfusion)})
	}
	return blocks
}

// perClass returns the table of the classes.
func (e Evaluation) perClass() Table {
	t := Table{Head: []string{"class", "images", "accuracy"}, Left: 1}
	if e.Noisy != nil {
		t.Head = append(t.Head, "under noise", "smoothed", "abstains")
	}
	t.Head = append(t.Head, "taken for")
	for _, c := range e.Classes {
		row := []string{labelName(c.Label, c.Class), humanize.Grouped(c.Images), share(c.Accuracy)}
		if e.Noisy != nil {
			row = append(row, shareOf(c.Noisy), shareOf(c.Smoothed), shareOf(c.Abstained))
		}
		mistaken := ""
		if c.Mistaken >= 0 {
			mistaken = strconv.Itoa(c.Mistaken)
			if c.Mistaken < len(e.Classes) {
				mistaken = labelName(c.Mistaken, e.Classes[c.Mistaken].Class)
			}
		}
		t.Rows = append(t.Rows, append(row, mistaken))
	}
	return t
}

// confusion returns a confusion matrix as a table.
func (e Evaluation) confusion(name string, counts [][]int) Table {
	t := Table{Caption: name + ": label by row, class by column", Head: []string{""}, Left: 1}
	for class := range counts {
		t.Head = append(t.Head, strconv.Itoa(class))
	}
	for label, row := range counts {
		line := []string{strconv.Itoa(label)}
		if label < len(e.Classes) {
			line[0] = labelName(label, e.Classes[label].Class)
		}
		for _, n := range row {
			line = append(line, humanize.Grouped(n))
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// share formats a share as a percentage, and NaN as a dash.
func share(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return percent(x)
}

func shareOf(x *float64) string {
	if x == nil {
		return ""
	}
	return share(*x)
}
