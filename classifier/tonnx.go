package classifier

import (
	"fmt"

	"smoothlab/classifier/onnx"
)

// ToONNX returns the classifier as an ONNX file, in evaluation mode, for programs that run such files: its input is
// onnx.FileInput, float32 [batch, channels, height, width], pixels of [0,1] with the noise added; its output is
// onnx.FileOutput, logits [batch, classes]. An ensemble has no such file.
func (c *Classifier) ToONNX() ([]byte, error) {
	a := c.Arch
	if a.Graph != nil {
		n, err := onnx.Parse(a.Graph)
		if err != nil {
			return nil, fmt.Errorf("the graph of %s: %w", a.Name, err)
		}
		var mean, sd []float64
		if a.Scaling != nil {
			mean, sd = a.Scaling.Mean, a.Scaling.SD
		}
		return n.File(c.Params, mean, sd), nil
	}
	if a.inONNX == nil {
		return nil, fmt.Errorf("%s cannot be written as an ONNX file: networks of the list and of from_onnx can", a.Name)
	}
	f := onnx.NewFile(onnx.Shape(a.Input))
	for i, p := range a.Params {
		if p.Role != Counter {
			f.Weight(p.Name, p.Dims, c.Params[i])
		}
	}
	x := onnx.FileInput
	if a.Scaling != nil {
		x = f.Scale(x, a.Scaling.Mean, a.Scaling.SD)
	}
	return f.Bytes(a.inONNX(f, x), a.Classes), nil
}
