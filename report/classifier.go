package report

import "strings"

// Classifier describes a base classifier: an architecture, its weights, and how it came to them.
type Classifier struct {
	Architecture string   `json:"architecture"`
	Parameters   int      `json:"parameters"`  // trainable numbers
	Fingerprint  string   `json:"fingerprint"` // SHA-256 of the weights, in hexadecimal
	Dataset      string   `json:"dataset"`     // it was trained on; may be unknown
	Method       string   `json:"method"`      // it was trained with, as it is called: "gaussian(sigma=0.5)"; may be unknown
	Sigma        float64  `json:"sigma"`       // of the noise in training, in pixel units of [0,1]; 0 if unknown
	State        string   `json:"state"`       // "untrained, seed 1", "in training: run 1"; empty once it is trained
	Path         string   `json:"path"`        // the file it was loaded from or saved to; may be empty
	Height       int      `json:"height"`      // of the images it takes, in pixels
	Width        int      `json:"width"`
	Channels     int      `json:"channels"`
	Classes      []string `json:"classes"`
}

func (Classifier) Type() string { return "smoothlab.classifier/1" }

func (c Classifier) Blocks() []Block {
	var s strings.Builder
	s.WriteString(c.Architecture + " (" + grouped(c.Parameters) + " parameters), ")
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
	return []Block{Line(s.String())}
}
