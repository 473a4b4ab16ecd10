package steptest

import (
	"math"
	"strings"

	"smoothlab/classifier"
	"smoothlab/dataset"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Statistics are the values that passes in training mode change, in the order of the parameters.
func Statistics(a *classifier.Architecture, w classifier.Weights) []*Node {
	var all []*Node
	for _, p := range a.Params {
		if p.Role != classifier.Trained {
			all = append(all, w[p.Name])
		}
	}
	return all
}

// Statistics compares the statistics with the file's, which has no counters; each pass must increase those by one.
func (g *Golden) Statistics(got [][]float32, prefix string, tol float64) {
	g.Helper()
	for i, p := range g.Arch.Params {
		switch p.Role {
		case classifier.Statistic:
			g.Near(prefix+p.Name, got[0], g.Values(prefix+p.Name), tol)
		case classifier.Counter:
			passes := map[string]float32{"after_train_forward.": 1, "after.": 2}[prefix]
			if before := g.counter(i); got[0][0] != before+passes {
				g.Errorf("%s = %g after %g passes from %g", p.Name, got[0][0], passes, before)
			}
		default:
			continue
		}
		got = got[1:]
	}
}

// counter is the value of a counter among the weights.
func (g *Golden) counter(i int) float32 {
	return tensors.MustCopyFlatData[float32](g.Params[i].(*tensors.Tensor))[0]
}

// Classifier has the weights of the file.
func (g *Golden) Classifier() *classifier.Classifier {
	c := &classifier.Classifier{Arch: g.Arch}
	for _, w := range g.Params {
		c.Params = append(c.Params, tensors.MustCopyFlatData[float32](w.(*tensors.Tensor)))
	}
	return c
}

// Dataset is the file's images, which are whole 255ths, and labels.
func (g *Golden) Dataset() *dataset.Dataset {
	x, y := g.Values("x"), tensors.MustCopyFlatData[int64](g.Array("y"))
	d := &dataset.Dataset{
		Name:     "golden",
		Split:    "train",
		Height:   32,
		Width:    32,
		Channels: 3,
		Classes:  strings.Fields("0 1 2 3 4 5 6 7 8 9"),
	}
	for i, label := range y {
		d.Labels, d.Indices = append(d.Labels, uint16(label)), append(d.Indices, i)
		for at := range 1024 {
			for ch := range 3 {
				d.Pixels = append(d.Pixels, uint8(math.Round(255*float64(x[(i*3+ch)*1024+at]))))
			}
		}
	}
	return d
}
