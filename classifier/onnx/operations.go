package onnx

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// operation is one of ONNX's operations as far as it is supported.
type operation struct {
	plan     func(c *call) ([]*value, error)
	fewest   int      // inputs that must be given
	most     int      // inputs that may be given; -1 for any number
	attrs    []string // attributes that are understood, or have no meaning here
	training bool     // whether it does something else in training
}

// windowAttributes are those of Conv and the poolings.
var windowAttributes = []string{"kernel_shape", "strides", "pads", "dilations", "auto_pad"}

// operations lists what is understood.
var operations = map[string]operation{
	// Element by element, one input.
	"Relu":            {plan: pointwise(plain(relu), func(_ *node, x float64) float64 { return max(x, 0) }), fewest: 1, most: 1},
	"LeakyRelu":       {plan: pointwise(leakyRelu, nothing), fewest: 1, most: 1, attrs: []string{"alpha"}},
	"PRelu":           {plan: pRelu, fewest: 2, most: 2},
	"Elu":             {plan: pointwise(eluOf, nothing), fewest: 1, most: 1, attrs: []string{"alpha"}},
	"Celu":            {plan: pointwise(celuOf, nothing), fewest: 1, most: 1, attrs: []string{"alpha"}},
	"Selu":            {plan: pointwise(seluOf, nothing), fewest: 1, most: 1, attrs: []string{"alpha", "gamma"}},
	"ThresholdedRelu": {plan: pointwise(thresholded, nothing), fewest: 1, most: 1, attrs: []string{"alpha"}},
	"Sigmoid":         {plan: pointwise(plain(graph.Sigmoid), nothing), fewest: 1, most: 1},
	"HardSigmoid":     {plan: pointwise(hardSigmoidOf, nothing), fewest: 1, most: 1, attrs: []string{"alpha", "beta"}},
	"HardSwish":       {plan: pointwise(hardSwish, nothing), fewest: 1, most: 1},
	"Swish":           {plan: pointwise(swish, nothing), fewest: 1, most: 1, attrs: []string{"alpha"}},
	"Mish":            {plan: pointwise(mish, nothing), fewest: 1, most: 1},
	"Softplus":        {plan: pointwise(plain(softplus), nothing), fewest: 1, most: 1},
	"Softsign":        {plan: pointwise(softsign, nothing), fewest: 1, most: 1},
	"Gelu":            {plan: pointwise(gelu, nothing), fewest: 1, most: 1, attrs: []string{"approximate"}},
	"Tanh":            {plan: pointwise(plain(graph.Tanh), on(math.Tanh)), fewest: 1, most: 1},
	"Erf":             {plan: pointwise(plain(graph.Erf), on(math.Erf)), fewest: 1, most: 1},
	"Exp":             {plan: pointwise(plain(graph.Exp), on(math.Exp)), fewest: 1, most: 1},
	"Log":             {plan: pointwise(plain(graph.Log), on(math.Log)), fewest: 1, most: 1},
	"Sqrt":            {plan: pointwise(plain(graph.Sqrt), on(math.Sqrt)), fewest: 1, most: 1},
	"Reciprocal":      {plan: pointwise(plain(graph.Reciprocal), func(_ *node, x float64) float64 { return 1 / x }), fewest: 1, most: 1},
	"Abs":             {plan: pointwise(plain(absolute), on(math.Abs)), fewest: 1, most: 1},
	"Neg":             {plan: pointwise(plain(graph.Neg), func(_ *node, x float64) float64 { return -x }), fewest: 1, most: 1},
	"Sin":             {plan: pointwise(plain(graph.Sin), on(math.Sin)), fewest: 1, most: 1},
	"Cos":             {plan: pointwise(plain(graph.Cos), on(math.Cos)), fewest: 1, most: 1},
	"Floor":           {plan: pointwise(plain(stepwise(graph.Floor)), on(math.Floor)), fewest: 1, most: 1},
	"Ceil":            {plan: pointwise(plain(stepwise(graph.Ceil)), on(math.Ceil)), fewest: 1, most: 1},
	"Round":           {plan: pointwise(plain(stepwise(graph.Round)), on(math.RoundToEven)), fewest: 1, most: 1},
	"Sign":            {plan: pointwise(plain(stepwise(graph.Sign)), on(sign)), fewest: 1, most: 1},
	"Clip":            {plan: clip, fewest: 1, most: 3},
	"Identity":        {plan: same, fewest: 1, most: 1},
	"Dropout":         {plan: dropout, fewest: 1, most: 3, attrs: []string{"seed"}, training: true},
	"Cast":            {plan: cast, fewest: 1, most: 1, attrs: []string{"to", "saturate", "round_mode"}},
	"CastLike":        {plan: castLike, fewest: 2, most: 2, attrs: []string{"saturate", "round_mode"}},
	"Not":             {plan: not, fewest: 1, most: 1},

	// Element by element, several inputs.
	"Add":            {plan: several(-1, fold(graph.Add), func(_ kind, x []float64) float64 { return x[0] + x[1] }), fewest: 2, most: 2},
	"Sub":            {plan: several(-1, fold(graph.Sub), func(_ kind, x []float64) float64 { return x[0] - x[1] }), fewest: 2, most: 2},
	"Mul":            {plan: several(-1, fold(graph.Mul), func(_ kind, x []float64) float64 { return x[0] * x[1] }), fewest: 2, most: 2},
	"Div":            {plan: several(-1, fold(graph.Div), divide), fewest: 2, most: 2},
	"Pow":            {plan: pow, fewest: 2, most: 2},
	"Mod":            {plan: mod, fewest: 2, most: 2, attrs: []string{"fmod"}},
	"Max":            {plan: several(-1, fold(larger), func(_ kind, x []float64) float64 { return fold64(math.Max, x) }), fewest: 1, most: -1},
	"Min":            {plan: several(-1, fold(smaller), func(_ kind, x []float64) float64 { return fold64(math.Min, x) }), fewest: 1, most: -1},
	"Sum":            {plan: several(-1, fold(graph.Add), func(_ kind, x []float64) float64 { return sumOf(x) }), fewest: 1, most: -1},
	"Mean":           {plan: several(-1, mean, func(_ kind, x []float64) float64 { return meanOf(x) }), fewest: 1, most: -1},
	"Equal":          {plan: several(truth, fold(graph.Equal), func(_ kind, x []float64) float64 { return is(x[0] == x[1]) }), fewest: 2, most: 2},
	"Greater":        {plan: several(truth, fold(graph.GreaterThan), func(_ kind, x []float64) float64 { return is(x[0] > x[1]) }), fewest: 2, most: 2},
	"GreaterOrEqual": {plan: several(truth, fold(graph.GreaterOrEqual), func(_ kind, x []float64) float64 { return is(x[0] >= x[1]) }), fewest: 2, most: 2},
	"Less":           {plan: several(truth, fold(graph.LessThan), func(_ kind, x []float64) float64 { return is(x[0] < x[1]) }), fewest: 2, most: 2},
	"LessOrEqual":    {plan: several(truth, fold(graph.LessOrEqual), func(_ kind, x []float64) float64 { return is(x[0] <= x[1]) }), fewest: 2, most: 2},
	"And":            {plan: several(truth, fold(graph.LogicalAnd), func(_ kind, x []float64) float64 { return is(x[0] != 0 && x[1] != 0) }), fewest: 2, most: 2},
	"Or":             {plan: several(truth, fold(graph.LogicalOr), func(_ kind, x []float64) float64 { return is(x[0] != 0 || x[1] != 0) }), fewest: 2, most: 2},
	"Xor":            {plan: several(truth, fold(graph.LogicalXor), func(_ kind, x []float64) float64 { return is((x[0] != 0) != (x[1] != 0)) }), fewest: 2, most: 2},
	"IsNaN":          {plan: isNaN, fewest: 1, most: 1},
	"Where":          {plan: where, fewest: 3, most: 3},

	// Shapes, and what moves elements.
	"Shape":           {plan: shape, fewest: 1, most: 1, attrs: []string{"start", "end"}},
	"Size":            {plan: size, fewest: 1, most: 1},
	"Constant":        {plan: constant, attrs: []string{"value", "value_float", "value_int", "value_floats", "value_ints"}},
	"ConstantOfShape": {plan: constantOfShape, fewest: 1, most: 1, attrs: []string{"value"}},
	"Range":           {plan: sequence, fewest: 3, most: 3},
	"Reshape":         {plan: reshape, fewest: 2, most: 2, attrs: []string{"allowzero"}},
	"Flatten":         {plan: flatten, fewest: 1, most: 1, attrs: []string{"axis"}},
	"Unsqueeze":       {plan: unsqueeze, fewest: 2, most: 2},
	"Squeeze":         {plan: squeeze, fewest: 1, most: 2},
	"Transpose":       {plan: transpose, fewest: 1, most: 1, attrs: []string{"perm"}},
	"Concat":          {plan: concat, fewest: 1, most: -1, attrs: []string{"axis"}},
	"Split":           {plan: split, fewest: 1, most: 2, attrs: []string{"axis", "num_outputs"}},
	"Slice":           {plan: slice, fewest: 3, most: 5},
	"Gather":          {plan: gather, fewest: 2, most: 2, attrs: []string{"axis"}},
	"GatherND":        {plan: gatherND, fewest: 2, most: 2, attrs: []string{"batch_dims"}},
	"SplitToSequence": {plan: splitToSequence, fewest: 1, most: 2, attrs: []string{"axis", "keepdims"}},
	"SequenceAt":      {plan: sequenceAt, fewest: 2, most: 2},
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
	"Attention": {plan: attention, fewest: 3, most: 4, attrs: []string{"scale", "q_num_heads", "kv_num_heads", "is_causal", "softmax_precision"}},
	"Conv":      {plan: planConv, fewest: 2, most: 3, attrs: append([]string{"group"}, windowAttributes...)},

	// Sums over axes, and what is made of them.
	"ReduceMean":            {plan: reduction(graph.ReduceMean, meanOf), fewest: 1, most: 2, attrs: reduceAttributes},
	"ReduceSum":             {plan: reduction(graph.ReduceSum, sumOf), fewest: 1, most: 2, attrs: reduceAttributes},
	"ReduceMax":             {plan: reduction(largestOf, func(x []float64) float64 { return fold64(math.Max, x) }), fewest: 1, most: 2, attrs: reduceAttributes},
	"ReduceMin":             {plan: reduction(smallestOf, func(x []float64) float64 { return fold64(math.Min, x) }), fewest: 1, most: 2, attrs: reduceAttributes},
	"ReduceSumSquare":       {plan: reduction(sumSquares, unknown), fewest: 1, most: 2, attrs: reduceAttributes},
	"ReduceL1":              {plan: reduction(norm1, unknown), fewest: 1, most: 2, attrs: reduceAttributes},
	"ReduceL2":              {plan: reduction(norm2, unknown), fewest: 1, most: 2, attrs: reduceAttributes},
	"ReduceLogSum":          {plan: reduction(logSum, unknown), fewest: 1, most: 2, attrs: reduceAttributes},
	"ReduceLogSumExp":       {plan: reduction(logSumExp, unknown), fewest: 1, most: 2, attrs: reduceAttributes},
	"ReduceProd":            {plan: reductionOfConstants(productOf), fewest: 1, most: 2, attrs: reduceAttributes},
	"Softmax":               {plan: softmax(softmaxOf), fewest: 1, most: 1, attrs: []string{"axis"}},
	"LogSoftmax":            {plan: softmax(logSoftmaxOf), fewest: 1, most: 1, attrs: []string{"axis"}},
	"GlobalAveragePool":     {plan: globalPool(graph.ReduceMean), fewest: 1, most: 1},
	"GlobalMaxPool":         {plan: globalPool(largestOf), fewest: 1, most: 1},
	"MaxPool":               {plan: pooling(true), fewest: 1, most: 1, attrs: append([]string{"ceil_mode", "storage_order"}, windowAttributes...)},
	"AveragePool":           {plan: pooling(false), fewest: 1, most: 1, attrs: append([]string{"ceil_mode", "count_include_pad"}, windowAttributes...)},
	"BatchNormalization":    {plan: batchNormalization, fewest: 5, most: 5, attrs: []string{"epsilon", "momentum", "training_mode"}, training: true},
	"LayerNormalization":    {plan: layerNormalization(true), fewest: 2, most: 3, attrs: []string{"axis", "epsilon", "stash_type"}},
	"RMSNormalization":      {plan: layerNormalization(false), fewest: 2, most: 2, attrs: []string{"axis", "epsilon", "stash_type"}},
	"InstanceNormalization": {plan: groupNormalization(true), fewest: 3, most: 3, attrs: []string{"epsilon"}},
	"GroupNormalization":    {plan: groupNormalization(false), fewest: 3, most: 3, attrs: []string{"epsilon", "num_groups", "stash_type"}},
	"LRN":                   {plan: lrn, fewest: 1, most: 1, attrs: []string{"alpha", "beta", "bias", "size"}},
	"LpNormalization":       {plan: lpNormalization, fewest: 1, most: 1, attrs: []string{"axis", "p"}},
}

var reduceAttributes = []string{"axes", "keepdims", "noop_with_empty_axes"}

// plain is a graph function that needs no attributes.
func plain(f func(x *graph.Node) *graph.Node) func(n *node, x *graph.Node) *graph.Node {
	return func(_ *node, x *graph.Node) *graph.Node { return f(x) }
}

// on is a function on constants that needs no attributes.
func on(f func(float64) float64) func(n *node, x float64) float64 {
	return func(_ *node, x float64) float64 { return f(x) }
}

// nothing is for operations that no exporter applies to constants; NaN is refused where it would be used.
func nothing(*node, float64) float64 { return math.NaN() }

func sign(x float64) float64 { return is(x > 0) - is(x < 0) }

func fold64(f func(x, y float64) float64, x []float64) float64 {
	y := x[0]
	for _, z := range x[1:] {
		y = f(y, z)
	}
	return y
}
