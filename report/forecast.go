package report

import "smoothlab/certify"

// Forecast tells what a ladder would cost, and give, on images whose probabilities are known.
type Forecast struct {
	certify.Forecast
	Saving float64 `json:"saving" help:"how many times fewer votes than the fixed plan's"`
}

func (Forecast) Type() string { return "smoothlab.forecast/1" }

func (f Forecast) Blocks() []Block {
	g := f.Grid()
	return []Block{Table{Caption: g.Caption, Head: g.Head, Rows: g.Rows, Left: 1}}
}
