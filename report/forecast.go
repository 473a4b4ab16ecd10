package report

import "smoothlab/certify"

// Forecast holds the expected cost and results of a ladder on images with known probabilities.
type Forecast struct {
	certify.Forecast
	Saving float64 `json:"saving" help:"factor by which the ladder saves votes over the fixed plan"`
}

func (Forecast) Type() string { return "smoothlab.forecast/1" }

func (f Forecast) Blocks() []Block {
	g := f.Grid()
	return []Block{Table{Caption: g.Caption, Head: g.Head, Rows: g.Rows, Left: 1}}
}
