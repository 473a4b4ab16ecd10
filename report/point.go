package report

import (
	"strconv"
)

// Point is a point near an image that a search has found, in [0,1] units and off the grid of 8-bit pixels.
type Point struct {
	Dataset     string    `json:"dataset" help:"name of the data set"`
	Split       string    `json:"split" help:"\"train\", \"test\" or \"all\""`
	Index       int       `json:"index" help:"index of the image in the original split"`
	Label       int       `json:"label" help:"the true class"`
	Class       string    `json:"class_name" help:"name of the label"`
	Step        int       `json:"step" help:"number of search steps that led to it; 0 for the image itself and for a point of an attack"`
	Eps         float64   `json:"eps" help:"largest distance that the attack allowed; 0 in a walk"`
	Probability *float64  `json:"probability" help:"p̄(label): mean softmax at the label over the noise samples; None in an attack"`
	Loss        *float64  `json:"loss" help:"−log p̄(label); None in an attack"`
	Predicted   *int      `json:"predicted" help:"class predicted by fresh votes, -1 for an abstention; None in a walk"`
	Distance    float64   `json:"distance" help:"L2 distance from the image, in pixel units of [0,1]"`
	Pixels      []float64 `json:"pixels" help:"values of the point, row by row, with the channels of a pixel next to each other"`
	Pictures    []Image   `json:"pictures"` // the image, the point, and their difference, enlarged
	Enlarged    float64   `json:"enlarged" help:"factor by which the picture of the difference is enlarged; its middle gray is 0"`
}

func (Point) Type() string { return "smoothlab.point/1" }

// Name returns a short name of the point: "z3" in a walk, "eps 0.5" in an attack.
func (p Point) Name() string {
	if p.Eps > 0 {
		return "eps " + plain(p.Eps)
	}
	return stepName(p.Step)
}

// Line describes the point in one line.
func (p Point) Line() string {
	found := ""
	switch {
	case p.Predicted != nil && *p.Predicted < 0:
		found = "abstains"
	case p.Predicted != nil:
		found = "predicted " + strconv.Itoa(*p.Predicted)
	case p.Probability != nil && p.Loss != nil:
		found = "p̄(label) " + fixed(*p.Probability, 3) + " · loss " + fixed(*p.Loss, 2)
	}
	return Listed(
		" · ",
		p.Name()+" of "+where(p.Dataset, p.Split, p.Index, p.Label, p.Class),
		found,
		"|δ| "+fixed(p.Distance, 2),
	)
}

func (p Point) Blocks() []Block {
	if len(p.Pictures) == 0 {
		return []Block{Line(p.Line())}
	}
	heads := []string{"x", "x+δ", "δ × " + fixed(p.Enlarged, 1)}
	return []Block{Pictures{Heads: heads, Rows: []PictureRow{{Images: p.Pictures}}, Caption: p.Line()}}
}

// AttackedImage is the result of an attack on one image, with the points that were found.
type AttackedImage struct {
	Dataset string    `json:"dataset" help:"name of the data set"`
	Split   string    `json:"split" help:"\"train\", \"test\" or \"all\""`
	Eps     []float64 `json:"eps" help:"largest distances, in the order of predicted; the first, 0, is the image itself"`
	AttackImage
	Pictures []Image `json:"pictures"` // the image, and the points found, by eps
}

func (AttackedImage) Type() string { return "smoothlab.attacked_image/1" }

func (a AttackedImage) Blocks() []Block {
	t := Table{Head: []string{"eps", "predicted"}}
	for i, class := range a.Predicted {
		eps, name := "", "abstains"
		if i < len(a.Eps) {
			eps = plain(a.Eps[i])
		}
		if class >= 0 {
			name = strconv.Itoa(class)
		}
		t.Rows = append(t.Rows, []string{eps, name})
	}
	line := where(a.Dataset, a.Split, a.Index, a.Label, a.Class) + " · moved " + fixed(a.Distance, 2)
	blocks := []Block{Line(line), t}
	if len(a.Pictures) == 0 {
		return blocks
	}
	heads := []string{"x"}
	for i := 1; i < len(a.Pictures) && i < len(a.Eps); i++ {
		heads = append(heads, "eps "+plain(a.Eps[i]))
	}
	return append(blocks, Pictures{Heads: heads, Rows: []PictureRow{{Images: a.Pictures}}})
}
