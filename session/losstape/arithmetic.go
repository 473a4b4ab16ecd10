package losstape

import (
	"fmt"

	"smoothlab/language"
	"smoothlab/method"

	. "github.com/gomlx/gomlx/core/graph"
	"go.starlark.net/starlark"
)

type (
	vArgs struct {
		V starlark.Value `arg:"v,required" want:"a tensor" help:"a tensor"`
	}
	twoArgs struct {
		A starlark.Value `arg:"a,required" want:"a tensor or a number" help:"a tensor or a number"`
		B starlark.Value `arg:"b,required" want:"a tensor or a number" help:"a tensor or a number"`
	}
	whereArgs struct {
		Mask starlark.Value `arg:"mask,required" want:"a tensor" help:"0 selects b, anything else a"`
		A    starlark.Value `arg:"a,required" want:"a tensor or a number" help:"a tensor or a number"`
		B    starlark.Value `arg:"b,required" want:"a tensor or a number" help:"a tensor or a number"`
	}
)

// arithmetic lists the element-wise functions and the sums.
func arithmetic() []*language.Function {
	one := func(name, help string, build func(x *Node) *Node) *language.Function {
		return language.Method(
			name,
			help+", element by element",
			vArgs{},
			func(_ *language.Call, s *Step, a *vArgs) (starlark.Value, error) {
				return elementwise(s, name, func(in []*Node) *Node { return build(in[0]) }, a.V)
			},
		)
	}
	two := func(name, help string, build func(a, b *Node) *Node) *language.Function {
		return language.Method(
			name,
			help+", element by element",
			twoArgs{},
			func(_ *language.Call, s *Step, a *twoArgs) (starlark.Value, error) {
				return elementwise(s, name, func(in []*Node) *Node { return build(in[0], in[1]) }, a.A, a.B)
			},
		)
	}
	rows := func(name, help string, kind func([]operand) Kind, build func(x *Node) *Node) *language.Function {
		return language.Method(name, help, vArgs{}, func(_ *language.Call, s *Step, a *vArgs) (starlark.Value, error) {
			return s.write(
				name,
				"",
				[]argument{{"v", a.V, []Kind{Classes, Noisy}}},
				kind,
				func(_ *method.Step, in []*Node) *Node { return build(in[0]) },
			)
		})
	}
	same := func(in []operand) Kind { return in[0].kind }
	return []*language.Function{
		one("exp", "e to the power of v", Exp),
		one("log", "the natural logarithm; s.maximum(v, 1e-20) keeps it finite", Log),
		one("sqrt", "the square root; its gradient at 0 is infinite", Sqrt),
		one("square", "v·v", Square),
		one("abs", "the absolute value", Abs),
		two("maximum", "the larger", Max),
		two("minimum", "the smaller", Min),
		two(
			"greater",
			"1 where a > b, else 0; without gradient",
			func(a, b *Node) *Node { return StopGradient(ConvertDType(GreaterThan(a, b), a.DType())) },
		),
		language.Method(
			"where",
			"a where the mask is not 0, else b, element by element",
			whereArgs{},
			func(_ *language.Call, s *Step, a *whereArgs) (starlark.Value, error) {
				return elementwise(
					s,
					"where",
					func(in []*Node) *Node { return Where(NotEqual(in[0], ZerosLike(in[0])), in[1], in[2]) },
					a.Mask,
					a.A,
					a.B,
				)
			},
		),
		rows("softmax", "the probabilities of the classes", same, func(x *Node) *Node { return Softmax(x) }),
		rows("log_softmax", "the logarithms of the softmax", same, func(x *Node) *Node { return LogSoftmax(x) }),
		rows("sum_classes", "the sum over the classes", overClasses, func(x *Node) *Node { return ReduceSum(x, -1) }),
		language.Method("over_noises", "the mean over the m noise samples", vArgs{}, overNoises),
		language.Method(
			"norm",
			"the L2 norm of each image, in pixel units; its gradient at 0 is not a number",
			xArgs{},
			func(_ *language.Call, s *Step, a *xArgs) (starlark.Value, error) {
				return s.write(
					"norm",
					"",
					[]argument{{"x", a.X, []Kind{Images}}},
					always(PerImage),
					func(_ *method.Step, in []*Node) *Node {
						return Sqrt(ReduceSum(Square(Reshape(in[0], in[0].Shape().Dimensions[0], -1)), -1))
					},
				)
			},
		),
		language.Method(
			"mean",
			"the mean of all numbers of the tensor",
			vArgs{},
			func(_ *language.Call, s *Step, a *vArgs) (starlark.Value, error) {
				return s.write(
					"mean",
					"",
					[]argument{{"v", a.V, []Kind{Number, PerImage, PerCopy, Classes, Noisy, Images}}},
					always(Number),
					func(_ *method.Step, in []*Node) *Node { return ReduceAllMean(in[0]) },
				)
			},
		),
		language.Method(
			"detach",
			"the same numbers without gradient",
			vArgs{},
			func(_ *language.Call, s *Step, a *vArgs) (starlark.Value, error) {
				return elementwise(s, "detach", func(in []*Node) *Node { return method.Detach(in[0]) }, a.V)
			},
		),
	}
}

// elementwise records a verb whose arguments are broadcast to one shape.
func elementwise(s *Step, verb string, build func(in []*Node) *Node, values ...starlark.Value) (starlark.Value, error) {
	x, err := s.tape.joined(verb, build, values...)
	if err != nil {
		return nil, fmt.Errorf("s.%s: %w", verb, err)
	}
	return x, nil
}

// overNoises averages over the noise samples. Copies are noise-major.
func overNoises(_ *language.Call, s *Step, a *vArgs) (starlark.Value, error) {
	kind := func(in []operand) Kind {
		if in[0].kind == Noisy {
			return Classes
		}
		return PerImage
	}
	return s.write(
		"over_noises",
		"",
		[]argument{{"v", a.V, []Kind{Noisy, PerCopy}}},
		kind,
		func(st *method.Step, in []*Node) *Node {
			d, m := in[0].Shape().Dimensions, st.Noise.Shape().Dimensions[0]
			return ReduceMean(Reshape(in[0], append([]int{m, d[0] / m}, d[1:]...)...), 0)
		},
	)
}
