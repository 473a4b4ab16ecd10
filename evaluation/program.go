package evaluation

import (
	"fmt"

	"smoothlab/classifier"
	"smoothlab/engine"

	. "github.com/gomlx/gomlx/core/graph"
)

// logitsProgram computes the logits of B images without noise.
//
// Inputs: P parameters; images [B, H, W, C] float32 in [0,1] units. Output: logits [B, K].
func logitsProgram(e *engine.Engine, a *classifier.Architecture) (*engine.Program, error) {
	return e.Program(fmt.Sprintf("logits %s", a.Name), func(_ *engine.Program, in []*Node) []*Node {
		n := len(a.Params)
		x := in[n]
		rows := x.Shape().Dimensions[0]
		x.AssertDims(rows, a.Input.Height, a.Input.Width, a.Input.Channels)
		logits := a.Logits(a.Weights(in[:n]), x, classifier.Forward)
		logits.AssertDims(rows, a.Classes)
		return []*Node{logits}
	})
}
