package classifier

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"smoothlab/classifier/onnx"
	"smoothlab/internal/atomicfile"
	"smoothlab/internal/lfs"

	. "github.com/gomlx/gomlx/core/graph"
)

// ONNX holds the options of [FromONNX]. The zero value takes what the file itself says.
type ONNX struct {
	Input   Shape    // of an image; the zero value means the file's
	Classes []string // class names, by output; nil means those in the file, if any
	// Mean and SD, in [0,1] pixel units, normalize pixels in front of the network; nil means that the network does it
	// itself, or was trained on pixels as they are.
	Mean, SD []float64
	// Trainable declares every weight to be trained, in a file that does not say which ones are. Running statistics,
	// and weights that normalize the images, are excepted.
	Trainable bool
}

// FromONNX reads a network with its weights from an ONNX file, as PyTorch exports them: one input, the images as
// float32 [batch, channels, height, width] with an open batch axis, and logits [batch, classes]. The file is checked
// before anything is computed: operations that are not supported, and networks that mix the images of a batch, are
// refused in an error that names them all. The architecture's Untrainable gives the reason why a network can be
// certified, but not trained; Facts.Notes lists what was decided.
//
// The network's name contains a hash of its graph, since compiled programs are cached by name. A checkpoint contains
// the graph.
func FromONNX(ctx context.Context, path string, how ONNX) (*Classifier, error) {
	data, err := readWhole(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("network %s: %w", path, err)
	}
	c, err := how.read(data)
	switch {
	case err != nil && lfs.Is(data):
		return nil, fmt.Errorf("network %s: %w", path, lfs.ErrPointer)
	case err != nil && bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return nil, fmt.Errorf("network %s: it is not an ONNX file but a zip archive, as torch.save writes: "+
			"from_torch reads weights", path)
	case err != nil:
		return nil, fmt.Errorf("network %s: %w", path, err)
	}
	c.Facts.Source = filepath.Base(path)
	return c, nil
}

// maxNetwork bounds the size of a file; ViT-L has 1.2 GB of weights.
const maxNetwork = 2 << 30

// readWhole reads a file, a piece at a time.
func readWhole(ctx context.Context, path string) ([]byte, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var data []byte
	for piece := make([]byte, 1<<20); ; {
		n, err := f.Read(piece)
		data = append(data, piece[:n]...)
		switch {
		case err == io.EOF:
			return data, nil
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case len(data) > maxNetwork:
			return nil, fmt.Errorf("it is larger than %d bytes", maxNetwork)
		}
	}
}

// read makes a classifier of a file's bytes.
func (how ONNX) read(data []byte) (*Classifier, error) {
	n, values, err := onnx.Read(data, onnx.Options{Input: onnx.Shape(how.Input), Trainable: how.Trainable})
	if err != nil {
		return nil, err
	}
	a := imported(n)
	c := &Classifier{Arch: a, Params: values, Facts: Facts{Classes: n.ClassNames, Notes: n.Notes()}}
	if how.Mean != nil || how.SD != nil {
		s, err := NewScaling(how.Mean, how.SD, a.Input.Channels)
		if err != nil {
			return nil, err
		}
		c.Arch = a.WithScaling(s)
		c.Facts.Notes = append(c.Facts.Notes, "pixels are normalized by "+s.String()+" in front of it")
		if n.Normalizes() {
			c.Facts.Notes = append(
				c.Facts.Notes,
				"the network itself shifts or scales its input too: is it normalized twice?",
			)
		}
	} else if !n.Normalizes() {
		c.Facts.Notes = append(
			c.Facts.Notes,
			"it takes pixels of [0,1] as they are: if it was trained on normalized images, give mean= and std=",
		)
	}
	if how.Classes != nil {
		c.Facts.Classes = slices.Clone(how.Classes)
	}
	if err := checkNames(c.Arch.Name, c.Arch.Classes, c.Facts.Classes); err != nil {
		return nil, err
	}
	return c, c.Check()
}

// imported returns a network as an architecture.
func imported(n *onnx.Network) *Architecture {
	a := &Architecture{
		Name:        n.Name,
		Base:        n.Name,
		Help:        "a network from an ONNX file",
		Input:       Shape(n.Input),
		Classes:     n.Classes,
		MACs:        n.MACs,
		Untrainable: n.Untrainable,
		Graph:       n.Graph(),
	}
	roles := map[onnx.Role]Role{onnx.Trained: Trained, onnx.Statistic: Statistic, onnx.Frozen: Frozen}
	for _, p := range n.Params {
		a.Params = append(a.Params, Param{Name: p.Name, Dims: p.Dims, Role: roles[p.Role]})
	}
	a.Logits = func(w Weights, x *Node, pass Pass) *Node { return n.Logits(w, x, pass == Train) }
	return a.WithScaling(nil)
}
