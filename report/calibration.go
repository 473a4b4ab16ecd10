package report

import (
	"fmt"
	"math"
	"strconv"

	"smoothlab/internal/humanize"
)

// Calibration compares the confidence of a smoothed classifier with its accuracy. It does not rank methods or
// directions of miscalibration.
type Calibration struct {
	Dataset    string            `json:"dataset" help:"name of the data set"`
	Split      string            `json:"split" help:"\"train\", \"test\" or \"all\""`
	Images     int               `json:"images" help:"number of images"`
	Classifier string            `json:"classifier" help:"architecture of the classifier"`
	Sigma      float64           `json:"sigma" help:"standard deviation of the noise, in pixel units of [0,1]"`
	Votes      int               `json:"votes" help:"noisy samples per image and per path point"`
	Seed       uint64            `json:"seed" help:"seed for the noise"`
	Softmax    CalibrationScores `json:"softmax" help:"scores of the mean softmax over the noisy samples"`
	Share      CalibrationScores `json:"share" help:"scores of the vote shares"`

	Followed int              `json:"followed" help:"number of images whose search path was recorded"`
	Step     float64          `json:"step" help:"length of a step of the search, L2"`
	Draws    int              `json:"draws" help:"noise samples per image and step"`
	Path     []PathConfidence `json:"path" help:"means over the images with a recorded path, by step"`
	Seconds  float64          `json:"seconds" help:"how long it took"`
	File     string           `json:"file" help:"file of the reliability diagram; may be empty"`
}

// CalibrationScores are the scores of confidences defined by package robust/scores.
type CalibrationScores struct {
	Accuracy    float64          `json:"accuracy" help:"share of the images whose most likely class is the label"`
	Confidence  float64          `json:"confidence" help:"mean of the largest confidence"`
	Brier       float64          `json:"brier" help:"Brier score over all classes, from 0 to 2"`
	BrierTop    float64          `json:"brier_top" help:"Brier score of the largest confidence alone"`
	NLL         float64          `json:"nll" help:"mean of −log p(label)"`
	ECE         float64          `json:"ece" help:"expected calibration error"`
	Simulated   float64          `json:"simulated" help:"mean ECE of a perfectly calibrated classifier with the same confidences"`
	Simulated95 float64          `json:"simulated95" help:"95% quantile of the ECE of such a classifier"`
	Bins        []CalibrationBin `json:"bins" help:"bins of the reliability diagram"`
}

// CalibrationBin is a bin of the largest confidence. The means of an empty bin are NaN.
type CalibrationBin struct {
	Low        float64 `json:"low" help:"lower end of the bin"`
	High       float64 `json:"high" help:"upper end of the bin"`
	Images     int     `json:"images" help:"number of images"`
	Confidence float64 `json:"confidence" help:"mean of the largest confidence"`
	Accuracy   float64 `json:"accuracy" help:"share of the images whose most likely class is the label"`
}

// PathConfidence is the mean confidence after some steps of the search, under fresh noise, in the label and in the most
// likely wrong class.
type PathConfidence struct {
	Moved        float64 `json:"moved" help:"L2 distance from the image"`
	SoftmaxLabel float64 `json:"softmax_label" help:"mean softmax of the label"`
	SoftmaxWrong float64 `json:"softmax_wrong" help:"mean softmax of the most likely wrong class"`
	ShareLabel   float64 `json:"share_label" help:"share of votes for the label"`
	ShareWrong   float64 `json:"share_wrong" help:"share of votes for the wrong class with the most votes"`
}

func (Calibration) Type() string { return "smoothlab.calibration/1" }

func (c Calibration) Blocks() []Block {
	line := Listed(
		" · ",
		"confidence of "+c.Classifier+" at sigma "+plain(c.Sigma),
		Listed(" ", humanize.Grouped(c.Images), c.Dataset, c.Split, humanize.Plural(c.Images, "image")),
		humanize.Count(c.Votes, "vote")+" each",
	)
	t := Table{
		Head: []string{
			"",
			"accuracy",
			"confidence",
			"Brier",
			"of the top class",
			"NLL",
			"ECE",
			"if calibrated",
			"95% below",
		},
		Left: 1,
	}
	t.Rows = [][]string{c.Softmax.row("mean softmax"), c.Share.row("vote share")}
	blocks := []Block{Line(line), t}
	for _, s := range c.both() {
		if s.of.ECE <= s.of.Simulated95 {
			blocks = append(
				blocks,
				Line(s.name+": "+humanize.Count(c.Images, "image")+" cannot distinguish it from a calibrated classifier's"),
			)
		}
	}
	blocks = append(blocks, c.reliability())
	if len(c.Path) > 0 {
		blocks = append(blocks, c.path())
	}
	blocks = append(blocks, Aside{c.histogram()})
	if len(c.Path) > 1 {
		blocks = append(blocks, Aside{c.pathCurves()})
	}
	return kept(c.File, blocks...)
}

func (s CalibrationScores) row(name string) []string {
	return []string{
		name,
		percent(s.Accuracy),
		percent(s.Confidence),
		fixed(s.Brier, 4),
		fixed(s.BrierTop, 4),
		fixed(s.NLL, 4),
		fixed(s.ECE, 4),
		fixed(s.Simulated, 4),
		fixed(s.Simulated95, 4),
	}
}

// Reliability returns the reliability diagram: accuracy against confidence, one point per bin.
func (c Calibration) Reliability() Figure { return Figure{Curves: c.reliability(), Path: c.File} }

func (c Calibration) reliability() Curves {
	curves := Curves{
		Title: fmt.Sprintf("reliability, sigma %s", plain(c.Sigma)),
		X:     "confidence",
		Y:     "accuracy",
		Series: []Series{
			{Name: "calibrated", X: []float64{0, 1}, Y: []float64{0, 1}},
		},
	} // first, so that the others are drawn over it
	for _, s := range c.both() {
		line := Series{Name: s.name}
		for _, b := range s.of.Bins {
			if b.Images > 0 {
				line.X, line.Y = append(line.X, b.Confidence), append(line.Y, b.Accuracy)
			}
		}
		curves.Series = append(curves.Series, line)
	}
	return curves
}

// histogram returns the share of images by confidence.
func (c Calibration) histogram() Curves {
	curves := Curves{Title: "distribution of confidence", X: "confidence", Y: "share of the images"}
	for _, s := range c.both() {
		line := Series{Name: s.name, Steps: true}
		for _, b := range s.of.Bins {
			line.X, line.Y = append(line.X, b.Low), append(line.Y, float64(b.Images)/math.Max(1, float64(c.Images)))
		}
		if n := len(s.of.Bins); n > 0 {
			line.X, line.Y = append(line.X, s.of.Bins[n-1].High), append(line.Y, line.Y[n-1])
		}
		curves.Series = append(curves.Series, line)
	}
	return curves
}

func (c Calibration) both() []namedScores {
	return []namedScores{{"mean softmax", c.Softmax}, {"vote share", c.Share}}
}

type namedScores struct {
	name string
	of   CalibrationScores
}

func (c Calibration) path() Table {
	t := Table{
		Head: []string{"step", "|z−x|", "p̄(label)", "p̄(top wrong)", "votes for the label", "for the top wrong"},
		Caption: fmt.Sprintf(
			"along the search, steps of %s with %s: means over %s, fresh noise",
			plain(c.Step),
			humanize.Count(c.Draws, "draw"),
			humanize.Count(c.Followed, "image"),
		),
	}
	for step, p := range c.Path {
		t.Rows = append(
			t.Rows,
			[]string{
				strconv.Itoa(step),
				fixed(p.Moved, 2),
				fixed(p.SoftmaxLabel, 3),
				fixed(p.SoftmaxWrong, 3),
				fixed(p.ShareLabel, 3),
				fixed(p.ShareWrong, 3),
			},
		)
	}
	return t
}

func (c Calibration) pathCurves() Curves {
	curves := Curves{Title: "confidence along the search", X: "step", Y: "mean"}
	for _, s := range []struct {
		name string
		of   func(PathConfidence) float64
	}{
		{"p̄(label)", func(p PathConfidence) float64 { return p.SoftmaxLabel }},
		{"p̄(top wrong)", func(p PathConfidence) float64 { return p.SoftmaxWrong }},
		{"votes for the label", func(p PathConfidence) float64 { return p.ShareLabel }},
		{"for the top wrong", func(p PathConfidence) float64 { return p.ShareWrong }},
	} {
		line := Series{Name: s.name, Y: each(c.Path, s.of)}
		for step := range c.Path {
			line.X = append(line.X, float64(step))
		}
		curves.Series = append(curves.Series, line)
	}
	return curves
}
