package onnx

import "fmt"

// apply adds an operation on values and returns the name of its result.
func (f *File) apply(op string, attrs map[string]attribute, in ...string) string {
	f.made++
	out := fmt.Sprintf("smoothlab.%d", f.made)
	f.nodes = append(f.nodes, &node{op: op, in: in, out: []string{out}, attrs: attrs})
	return out
}

// channels adds a constant with one number per channel and returns its name.
func (f *File) channels(v []float64) string {
	f.made++
	name, values := fmt.Sprintf("smoothlab.%d", f.made), make([]float32, len(v))
	for i := range v {
		values[i] = float32(v[i])
	}
	f.Weight(name, []int{1, len(v), 1, 1}, values)
	return name
}

// Scale adds (x − mean)/sd, per channel: x [N, C, H, W].
func (f *File) Scale(x string, mean, sd []float64) string {
	return f.apply("Div", nil, f.apply("Sub", nil, x, f.channels(mean)), f.channels(sd))
}

// Conv adds a convolution with the same stride and padding in both directions: x [N, C, H, W], weight [O, C, k, k], and
// bias [O] if there is one.
func (f *File) Conv(x, weight, bias string, stride, padding int) string {
	in := []string{x, weight}
	if bias != "" {
		in = append(in, bias)
	}
	return f.apply("Conv", square(stride, padding), in...)
}

// MaxPool adds the maximum over windows of size×size: x [N, C, H, W].
func (f *File) MaxPool(x string, size, stride, padding int) string {
	attrs := square(stride, padding)
	attrs["kernel_shape"] = attribute{ints: []int64{int64(size), int64(size)}}
	return f.apply("MaxPool", attrs, x)
}

// square returns the attributes of a square window that moves over an image.
func square(stride, padding int) map[string]attribute {
	s, p := int64(stride), int64(padding)
	return map[string]attribute{"strides": {ints: []int64{s, s}}, "pads": {ints: []int64{p, p, p, p}}}
}

// BatchNorm adds a batch norm in evaluation mode, whose weights have PyTorch's names after prefix: x [N, C, H, W].
func (f *File) BatchNorm(x, prefix string, epsilon float64) string {
	return f.apply("BatchNormalization", map[string]attribute{"epsilon": {f: epsilon}}, x,
		prefix+".weight", prefix+".bias", prefix+".running_mean", prefix+".running_var")
}

// Relu adds max(x, 0).
func (f *File) Relu(x string) string { return f.apply("Relu", nil, x) }

// Add adds x + y.
func (f *File) Add(x, y string) string { return f.apply("Add", nil, x, y) }

// MeanOfPositions adds the mean over height and width: x [N, C, H, W] → [N, C].
func (f *File) MeanOfPositions(x string) string {
	return f.Flatten(f.apply("GlobalAveragePool", nil, x))
}

// Flatten adds a reshape to two axes: [N, …] → [N, product of the others].
func (f *File) Flatten(x string) string {
	return f.apply("Flatten", map[string]attribute{"axis": {i: 1}}, x)
}

// Linear adds x·weightᵀ + bias: x [N, I], weight [O, I], bias [O] → [N, O].
func (f *File) Linear(x, weight, bias string) string {
	return f.apply("Gemm", map[string]attribute{"transB": {i: 1}}, x, weight, bias)
}
