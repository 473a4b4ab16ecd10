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
		{"cross-entropy", 1, method.CrossEntropy(near, st.Y)},
		{"KL", st.Warm("eta"), smoothmix.MaskedKL(p, st.Y, target, st.Logits(v))},
	}
}
