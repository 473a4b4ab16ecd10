package report

import (
	"fmt"
	"strconv"

	"smoothlab/internal/humanize"
)

// Attack holds the results of an attack on a smoothed classifier, judged by PREDICT of Cohen et al. 2019 on fresh
// noise.
type Attack struct {
	Dataset    string        `json:"dataset" help:"name of the data set"`
	Split      string        `json:"split" help:"\"train\", \"test\" or \"all\""`
	Classifier string        `json:"classifier" help:"architecture of the classifier"`
	Sigma      float64       `json:"sigma" help:"standard deviation of the noise, in pixel units of [0,1]"`
	Steps      int           `json:"steps" help:"steps of the search, for each eps"`
	Step       float64       `json:"step" help:"length of a step, L2; 0 for 2·eps/steps"`
	Draws      int           `json:"draws" help:"noise samples per image and step"`
	N          int           `json:"n" help:"votes per prediction"`
	Alpha      float64       `json:"alpha" help:"probability of naming a class other than the smoothed classifier's"`
	Seed       uint64        `json:"seed" help:"seed for the noise"`
	Eps        []AttackEps   `json:"eps" help:"results by eps; the first, 0, is the unperturbed images"`
	Images     []AttackImage `json:"images" help:"result for each image"`
	Pictures   [][]Image     `json:"pictures"` // rows for at most the first eight images: the image, and the points found, by eps
	Seconds    float64       `json:"seconds" help:"how long it took"`
}

// AttackEps holds the results for all images within one L2 distance. The three shares add up to 1.
type AttackEps struct {
	Eps       float64 `json:"eps" help:"L2 distance, in pixel units of [0,1]"`
	Accuracy  float64 `json:"accuracy" help:"share of images predicted as their label"`
	Wrong     float64 `json:"wrong" help:"share of images predicted as another class"`
	Abstained float64 `json:"abstained" help:"share of images without a prediction, which count as not robust"`
}

// AttackImage holds the result for one image.
type AttackImage struct {
	WalkImage
	Predicted []int   `json:"predicted" help:"predicted class by eps; -1 for an abstention"`
	Distance  float64 `json:"distance" help:"L2 distance of the point found last"`
}

func (Attack) Type() string { return "smoothlab.attack/1" }

func (a Attack) Blocks() []Block {
	images := Listed(" ", humanize.Grouped(len(a.Images)), a.Dataset, a.Split, humanize.Plural(len(a.Images), "image"))
	length := "of 2·eps/" + humanize.Grouped(a.Steps)
	if a.Step > 0 {
		length = "of " + plain(a.Step)
	}
	line := Listed(" · ", "attack on "+a.Classifier+" at sigma "+plain(a.Sigma), images,
		fmt.Sprintf("%s %s, %s each", humanize.Count(a.Steps, "step"), length, humanize.Count(a.Draws, "draw")),
		fmt.Sprintf("judged by %s fresh votes, alpha %s", humanize.Grouped(a.N), plain(a.Alpha)))
	t := Table{Head: []string{"eps", "robust", "wrong class", "abstains"}}
	c := Curves{Title: "accuracy under attack", X: "eps", Y: "robust"}
	var s Series
	for _, e := range a.Eps {
		t.Rows = append(t.Rows, []string{plain(e.Eps), percent(e.Accuracy), percent(e.Wrong), percent(e.Abstained)})
		s.X, s.Y = append(s.X, e.Eps), append(s.Y, e.Accuracy)
	}
	c.Series = []Series{s}
	blocks := []Block{
		Line(line),
		t,
		Line("Surviving this attack is not a guarantee; use certify() for one."),
	}
	return append(blocks, Aside{c, a.pictured(), a.table()})
}

// pictured shows the first images and the points found for them.
func (a Attack) pictured() Block {
	heads := []string{"x"}
	for _, e := range a.Eps[min(1, len(a.Eps)):] {
		heads = append(heads, "eps "+plain(e.Eps))
	}
	return pictured(heads, a.Pictures, names(a.Images), "")
}

func (a Attack) table() Table {
	t := Table{Head: []string{"image", "label"}}
	for _, e := range a.Eps {
		t.Head = append(t.Head, "eps "+plain(e.Eps))
	}
	t.Head = append(t.Head, "moved")
	for _, i := range a.Images {
		row := []string{strconv.Itoa(i.Index), labelName(i.Label, i.Class)}
		for _, p := range i.Predicted {
			if p < 0 {
				row = append(row, "abstains")
			} else {
				row = append(row, strconv.Itoa(p))
			}
		}
		t.Rows = append(t.Rows, append(row, fixed(i.Distance, 2)))
	}
	return t
}

func percent(share float64) string { return fixed(100*share, 1) + "%" }
