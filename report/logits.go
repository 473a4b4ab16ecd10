package report

import (
	"fmt"
	"strconv"

	"smoothlab/internal/humanize"
)

// Logits are the outputs of a network for some images, without noise.
type Logits struct {
	Dataset    string        `json:"dataset" help:"name of the data set"`
	Split      string        `json:"split" help:"\"train\", \"test\" or \"all\""`
	Classifier string        `json:"classifier" help:"architecture of the classifier"`
	Classes    []string      `json:"classes" help:"class names, by output"`
	Images     []ImageLogits `json:"images" help:"logits of each image"`
}

// ImageLogits are the outputs for one image.
type ImageLogits struct {
	Index     int       `json:"index" help:"index in the original split"`
	Label     int       `json:"label" help:"the true class"`
	Predicted int       `json:"predicted" help:"the class with the largest logit"`
	Logits    []float64 `json:"logits" help:"output of the network for each class"`
}

func (Logits) Type() string { return "smoothlab.logits/1" }

// Numbers of images and classes that a table of logits shows at a prompt.
const (
	shownLogits  = 10
	shownOutputs = 10
)

func (l Logits) Blocks() []Block {
	images := Listed(" ", humanize.Grouped(len(l.Images)), l.Dataset, l.Split, humanize.Plural(len(l.Images), "image"))
	line := Line(fmt.Sprintf("logits of %s for %s, %d classes", l.Classifier, images, len(l.Classes)))
	if len(l.Images) <= shownLogits {
		return []Block{line, l.table(l.Images)}
	}
	rest := len(l.Images) - shownLogits
	return []Block{
		line,
		l.table(l.Images[:shownLogits]),
		Line("… " + humanize.Grouped(rest) + " more; .images[i].logits and .save(…) have them all"),
	}
}

func (l Logits) table(images []ImageLogits) Table {
	t := Table{Head: []string{"image", "label", "predicted"}}
	few := min(len(l.Classes), shownOutputs)
	for class := range few {
		t.Head = append(t.Head, strconv.Itoa(class))
	}
	for _, i := range images {
		row := []string{strconv.Itoa(i.Index), l.name(i.Label), l.name(i.Predicted)}
		for _, x := range i.Logits[:min(few, len(i.Logits))] {
			row = append(row, fixed(x, 2))
		}
		t.Rows = append(t.Rows, row)
	}
	if few < len(l.Classes) {
		t.Caption = fmt.Sprintf("the first %d classes", few)
	}
	return t
}

func (l Logits) name(class int) string {
	if class < 0 || class >= len(l.Classes) {
		return strconv.Itoa(class)
	}
	return labelName(class, l.Classes[class])
}
