package walk

import (
	"smoothlab/method"
	"smoothlab/smoothmix"

	. "github.com/gomlx/gomlx/core/graph"
)

func farMixLoss(st *method.Step) method.Terms {
	far := st.Search(st.X)
	near := st.Logits(st.X)
	p := st.Smoothed(near)
	v, target := smoothmix.Mix(st, MulScalar(Sqrt(st.Uniform("lambda")), 0.5), st.X, far, p)
	return method.Terms{
		{Name: "cross-entropy", Weight: 1, Value: method.CrossEntropy(near, st.Y)},
		{Name: "KL", Weight: st.Warm("eta"), Value: smoothmix.MaskedKL(p, st.Y, target, st.Logits(v))},
	}
}
