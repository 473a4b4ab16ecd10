package onnx

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// operation describes what is supported of one of ONNX's operations.
type operation struct {
	plan   func(c *call) ([]*value, error)
	fewest int      // inputs that must be given
	most   int      // inputs that may be given; -1 for any number
	attrs  []string // attributes that are understood, or can be ignored
}

// operations lists the supported operations by name.
var operations = map[string]operation{
	// Element by element, one input.
	"Relu":            unary(plain(relu), func(_ *node, x float64) float64 { return max(x, 0) }),
	"LeakyRelu":       unary(leakyRelu, nothing, "alpha"),
	"PRelu":           {plan: pRelu, fewest: 2, most: 2},
	"Elu":             unary(eluOf, nothing, "alpha"),
	"Celu":            unary(celuOf, nothing, "alpha"),
	"Selu":            unary(seluOf, nothing, "alpha", "gamma"),
	"ThresholdedRelu": unary(thresholded, nothing, "alpha"),
	"Sigmoid":         unary(plain(graph.Sigmoid), nothing),
	"HardSigmoid":     unary(hardSigmoidOf, nothing, "alpha", "beta"),
	"HardSwish":       unary(hardSwish, nothing),
	"Swish":           unary(swish, nothing, "alpha"),
	"Mish":            unary(mish, nothing),
	"Softplus":        unary(plain(softplus), nothing),
	"Softsign":        unary(softsign, nothing),
	"Gelu":            unary(gelu, nothing, "approximate"),
	"Tanh":            unary(plain(graph.Tanh), on(math.Tanh)),
	"Erf":             unary(plain(graph.Erf), on(math.Erf)),
	"Exp":             unary(plain(graph.Exp), on(math.Exp)),
	"Log":             unary(plain(graph.Log), on(math.Log)),
	"Sqrt":            unary(plain(graph.Sqrt), on(math.Sqrt)),
	"Reciprocal":      unary(plain(graph.Reciprocal), func(_ *node, x float64) float64 { return 1 / x }),
	"Abs":             unary(plain(absolute), on(math.Abs)),
	"Neg":             unary(plain(graph.Neg), func(_ *node, x float64) float64 { return -x }),
	"Sin":             unary(plain(graph.Sin), on(math.Sin)),
	"Cos":             unary(plain(graph.Cos), on(math.Cos)),
	"Atan":            unary(plain(arctangent), on(math.Atan)),
	"Floor":           unary(plain(stepwise(graph.Floor)), on(math.Floor)),
	"Ceil":            unary(plain(stepwise(graph.Ceil)), on(math.Ceil)),
	"Round":           unary(plain(stepwise(graph.Round)), on(math.RoundToEven)),
	"Sign":            unary(plain(stepwise(graph.Sign)), on(sign)),
	"Clip":            {plan: clip, fewest: 1, most: 3},
	"Identity":        {plan: same, fewest: 1, most: 1},
	"Dropout":         {plan: dropout, fewest: 1, most: 3, attrs: []string{"seed", "ratio"}},
	"Cast":            {plan: cast, fewest: 1, most: 1, attrs: []string{"to", "saturate", "round_mode"}},
	"CastLike":        {plan: castLike, fewest: 2, most: 2, attrs: []string{"saturate", "round_mode"}},
	"Not":             {plan: not, fewest: 1, most: 1},
	"IsNaN":           {plan: isNaN, fewest: 1, most: 1},

	// Element by element, several inputs.
	"Add":            arithmetic(fold(graph.Add), func(x, y float64) float64 { return x + y }),
	"Sub":            arithmetic(fold(graph.Sub), func(x, y float64) float64 { return x - y }),
	"Mul":            arithmetic(fold(graph.Mul), func(x, y float64) float64 { return x * y }),
	"Div":            {plan: broadcasting(-1, fold(graph.Div), divide), fewest: 2, most: 2},
	"Pow":            {plan: pow, fewest: 2, most: 2},
	"Mod":            {plan: mod, fewest: 2, most: 2, attrs: []string{"fmod"}},
	"Max":            {plan: broadcasting(-1, fold(larger), all(largest)), fewest: 1, most: -1},
	"Min":            {plan: broadcasting(-1, fold(smaller), all(smallest)), fewest: 1, most: -1},
	"Sum":            {plan: broadcasting(-1, fold(graph.Add), all(sumOf)), fewest: 1, most: -1},
	"Mean":           {plan: broadcasting(-1, mean, all(meanOf)), fewest: 1, most: -1},
	"Equal":          relation(graph.Equal, func(x, y float64) bool { return x == y }),
	"Greater":        relation(graph.GreaterThan, func(x, y float64) bool { return x > y }),
	"GreaterOrEqual": relation(graph.GreaterOrEqual, func(x, y float64) bool { return x >= y }),
	"Less":           relation(graph.LessThan, func(x, y float64) bool { return x < y }),
	"LessOrEqual":    relation(graph.LessOrEqual, func(x, y float64) bool { return x <= y }),
	"And":            relation(graph.LogicalAnd, func(x, y float64) bool { return x != 0 && y != 0 }),
	"Or":             relation(graph.LogicalOr, func(x, y float64) bool { return x != 0 || y != 0 }),
	"Xor":            relation(graph.LogicalXor, func(x, y float64) bool { return (x != 0) != (y != 0) }),
	"Where":          {plan: where, fewest: 3, most: 3},

	// Shapes, and operations that move elements.
	"Shape":           {plan: shape, fewest: 1, most: 1, attrs: []string{"start", "end"}},
	"Size":            {plan: size, fewest: 1, most: 1},
	"Constant":        {plan: constant, attrs: constantAttributes},
	"ConstantOfShape": {plan: constantOfShape, fewest: 1, most: 1, attrs: []string{"value"}},
	"Range":           {plan: sequence, fewest: 3, most: 3},
	"Reshape":         {plan: reshape, fewest: 2, most: 2, attrs: []string{"allowzero"}},
	"Flatten":         {plan: flatten, fewest: 1, most: 1, attrs: []string{"axis"}},
	"Unsqueeze":       {plan: unsqueeze, fewest: 2, most: 2},
	"Squeeze":         {plan: squeeze, fewest: 1, most: 2},
	"Transpose":       {plan: transpose, fewest: 1, most: 1, attrs: []string{"perm"}},
	"Concat":          {plan: concat, fewest: 1, most: -1, attrs: []string{"axis"}},
	"Split":           {plan: split, fewest: 1, most: 2, attrs: []string{"axis", "num_outputs"}},
	"SplitToSequence": {plan: splitToSequence, fewest: 1, most: 2, attrs: []string{"axis", "keepdims"}},
	"SequenceAt":      {plan: sequenceAt, fewest: 2, most: 2},
	"Slice":           {plan: slice, fewest: 3, most: 5},
	"Gather":          {plan: gather, fewest: 2, most: 2, attrs: []string{"axis"}},
	"GatherND":        {plan: gatherND, fewest: 2, most: 2, attrs: []string{"batch_dims"}},
	"ScatterND":       {plan: scatterND, fewest: 3, most: 3, attrs: []string{"reduction"}},
	"Expand":          {plan: expand, fewest: 2, most: 2},
	"Tile":            {plan: tile, fewest: 2, most: 2},
	"Pad":             {plan: pad, fewest: 2, most: 4, attrs: []string{"mode"}},
	"DepthToSpace":    {plan: blocks(true), fewest: 1, most: 1, attrs: []string{"blocksize", "mode"}},
	"SpaceToDepth":    {plan: blocks(false), fewest: 1, most: 1, attrs: []string{"blocksize"}},

	// Products.
	"MatMul":    {plan: matMul, fewest: 2, most: 2},
	"Gemm":      {plan: gemm, fewest: 2, most: 3, attrs: []string{"alpha", "beta", "transA", "transB"}},
	"Einsum":    {plan: einsum, fewest: 2, most: 2, attrs: []string{"equation"}},
	"Attention": {plan: attention, fewest: 3, most: 4, attrs: attentionAttributes},
	"Conv":      {plan: lifted(planConv), fewest: 2, most: 3, attrs: windowed("group")},

	"ConvTranspose": {plan: lifted(planConvTranspose), fewest: 2, most: 3, attrs: windowed("group", "output_padding")},
	"Resize":        {plan: resize, fewest: 1, most: 4, attrs: resizeAttributes},

	// Sums over axes, and operations made of them.
	"ReduceMean":        reduceBy(graph.ReduceMean, meanOf),
	"ReduceSum":         reduceBy(graph.ReduceSum, sumOf),
	"ReduceMax":         reduceBy(largestOf, largest),
	"ReduceMin":         reduceBy(smallestOf, smallest),
	"ReduceSumSquare":   reduceBy(sumSquares, unknown),
	"ReduceL1":          reduceBy(norm1, unknown),
	"ReduceL2":          reduceBy(norm2, unknown),
	"ReduceLogSum":      reduceBy(logSum, unknown),
	"ReduceLogSumExp":   reduceBy(logSumExp, unknown),
	"CumSum":            {plan: cumSum, fewest: 2, most: 2, attrs: []string{"exclusive", "reverse"}},
	"ReduceProd":        {plan: reductionOfConstants(productOf), fewest: 1, most: 2, attrs: reduceAttributes},
	"Softmax":           {plan: softmax(softmaxOf), fewest: 1, most: 1, attrs: []string{"axis"}},
	"LogSoftmax":        {plan: softmax(logSoftmaxOf), fewest: 1, most: 1, attrs: []string{"axis"}},
	"GlobalAveragePool": {plan: globalPool(graph.ReduceMean), fewest: 1, most: 1},
	"GlobalMaxPool":     {plan: globalPool(largestOf), fewest: 1, most: 1},
	"MaxPool": {
		plan:   lifted(pooling(true)),
		fewest: 1,
		most:   1,
		attrs:  windowed("ceil_mode", "storage_order"),
	},
	"AveragePool": {
		plan:   lifted(pooling(false)),
		fewest: 1,
		most:   1,
		attrs:  windowed("ceil_mode", "count_include_pad"),
	},

	// Norms.
	"BatchNormalization": {
		plan:   batchNormalization,
		fewest: 5,
		most:   5,
		attrs:  []string{"epsilon", "momentum", "training_mode"},
	},
	"LayerNormalization": {
		plan:   layerNormalization(true),
		fewest: 2,
		most:   3,
		attrs:  []string{"axis", "epsilon", "stash_type"},
	},
	"RMSNormalization": {
		plan:   layerNormalization(false),
		fewest: 2,
		most:   2,
		attrs:  []string{"axis", "epsilon", "stash_type"},
	},
	"InstanceNormalization": {plan: groupNormalization(true), fewest: 3, most: 3, attrs: []string{"epsilon"}},
	"GroupNormalization": {
		plan:   groupNormalization(false),
		fewest: 3,
		most:   3,
		attrs:  []string{"epsilon", "num_groups", "stash_type"},
	},
	"LRN":             {plan: lrn, fewest: 1, most: 1, attrs: []string{"alpha", "beta", "bias", "size"}},
	"LpNormalization": {plan: lpNormalization, fewest: 1, most: 1, attrs: []string{"axis", "p"}},
}

// Lists of attributes that several operations share, or that are long.
var (
	reduceAttributes   = []string{"axes", "keepdims", "noop_with_empty_axes"}
	constantAttributes = []string{"value", "value_float", "value_int", "value_floats", "value_ints"}
	resizeAttributes   = []string{
		"mode", "coordinate_transformation_mode", "nearest_mode", "cubic_coeff_a",
		"antialias", "exclude_outside", "extrapolation_value", "keep_aspect_ratio_policy",
	}
	attentionAttributes = []string{"scale", "q_num_heads", "kv_num_heads", "is_causal", "softmax_precision"}
)

// windowed returns the attributes that Conv and the poolings share, and more.
func windowed(attrs ...string) []string {
	return append(attrs, "kernel_shape", "strides", "pads", "dilations", "auto_pad")
}

// unary returns an operation on one input, element by element.
func unary(f func(n *node, x *graph.Node) *graph.Node, h func(n *node, x float64) float64, attrs ...string) operation {
	return operation{plan: pointwise(f, h), fewest: 1, most: 1, attrs: attrs}
}

// arithmetic returns an operation on two inputs, element by element.
func arithmetic(f func(x ...*graph.Node) *graph.Node, h func(x, y float64) float64) operation {
	return operation{
		plan:   broadcasting(-1, f, func(_ kind, x []float64) float64 { return h(x[0], x[1]) }),
		fewest: 2,
		most:   2,
	}
}

// relation returns a comparison of two inputs, element by element.
func relation(f func(x, y *graph.Node) *graph.Node, h func(x, y float64) bool) operation {
	return operation{
		plan:   broadcasting(truth, fold(f), func(_ kind, x []float64) float64 { return indicator(h(x[0], x[1])) }),
		fewest: 2,
		most:   2,
	}
}

// reduceBy returns an operation that reduces axes.
func reduceBy(f func(x *graph.Node, axes ...int) *graph.Node, h func(x []float64) float64) operation {
	return operation{plan: reduction(f, h), fewest: 1, most: 2, attrs: reduceAttributes}
}

// all adapts a function on constants that does not depend on their kind.
func all(h func(x []float64) float64) func(k kind, x []float64) float64 {
	return func(_ kind, x []float64) float64 { return h(x) }
}

// plain adapts a graph function that needs no attributes.
func plain(f func(x *graph.Node) *graph.Node) func(n *node, x *graph.Node) *graph.Node {
	return func(_ *node, x *graph.Node) *graph.Node { return f(x) }
}

// on adapts a function on constants that needs no attributes.
func on(f func(float64) float64) func(n *node, x float64) float64 {
	return func(_ *node, x float64) float64 { return f(x) }
}

// nothing returns NaN, for operations that exporters do not apply to constants. A NaN is refused where it would be
// used.
func nothing(*node, float64) float64 { return math.NaN() }

func sign(x float64) float64 { return indicator(x > 0) - indicator(x < 0) }

func largest(x []float64) float64 { return slices.Max(x) }

func smallest(x []float64) float64 { return slices.Min(x) }
