package report

import (
	"strings"

	"smoothlab/internal/humanize"
)

// Classifier describes a base classifier: its architecture, its weights, and how it was trained.
type Classifier struct {
	Architecture string   `json:"architecture"`
	Parameters   int      `json:"parameters"`  // trainable numbers
	Fingerprint  string   `json:"fingerprint"` // SHA-256 of the weights, in hexadecimal
	Dataset      string   `json:"dataset"`     // training data set; empty if unknown
	Weights      string   `json:"weights"`     // what the weights are if not those after the last step: "average with decay 0.999"
	Method       string   `json:"method"`      // training method as a call: "gaussian(sigma=0.5)"; empty if unknown
	Sigma        float64  `json:"sigma"`       // standard deviation of the noise in training, in pixel units of [0,1]; 0 if unknown
	State        string   `json:"state"`       // "untrained, seed 1", "in training: run 1"; empty once it is trained
	Path         string   `json:"path"`        // the file it was loaded from or saved to; may be empty
	Height       int      `json:"height"`      // height of the input images, in pixels
	Width        int      `json:"width"`
	Channels     int      `json:"channels"`
	Classes      []string `json:"classes"`
}

func (Classifier) Type() string { return "smoothlab.classifier/1" }

func (c Classifier) Blocks() []Block {
	var s strings.Builder
	s.WriteString(c.Architecture + " (" + humanize.Grouped(c.Parameters) + " parameters), ")
	if c.State != "" {
		s.WriteString(c.State)
		return []Block{Line(s.String())}
	}
	s.WriteString("trained")
	if c.Dataset != "" {
		s.WriteString(" on " + c.Dataset)
	}
	if c.Method != "" {
		s.WriteString(" with " + c.Method)
	}
	if c.Weights != "" {
		s.WriteString(", " + c.Weights)
	}
	return []Block{Line(s.String())}
}
