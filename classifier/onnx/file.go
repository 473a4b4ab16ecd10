package onnx

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
)

// Names of the input and the output of files that are written here.
const (
	FileInput  = "smoothlab.images"
	FileOutput = "smoothlab.logits"
)

// File writes an ONNX file with weights: operations, by the names of ONNX, from images to logits, in their order. The
// file is for programs that run ONNX, such as ONNX Runtime.
type File struct {
	nodes []*node
	inits []*tensor
	opset int
	input Shape
	made  int // values that the file named itself
}

// NewFile returns a file whose input, FileInput, is images of a shape: float32 [batch, channels, height, width].
func NewFile(input Shape) *File { return &File{opset: 17, input: input} }

// File returns the network as a file, with the values of its weights in the order of Params. If mean and sd are not
// nil, the file first subtracts mean from the images and divides by sd, each per channel.
func (n *Network) File(values [][]float32, mean, sd []float64) []byte {
	f := NewFile(n.Input)
	f.opset = n.opset
	x := FileInput
	if mean != nil {
		x = f.Scale(x, mean, sd)
	}
	if len(n.inputDims) == 2 {
		x = f.Flatten(x)
	}
	f.nodes = append(f.nodes, &node{op: "Identity", in: []string{x}, out: []string{within(n.input)}})
	for _, x := range n.nodes {
		inner := *x
		inner.in, inner.out = mapped(x.in, within), mapped(x.out, within)
		f.nodes = append(f.nodes, &inner)
	}
	weights := map[string][]float32{}
	for i, p := range n.Params {
		weights[p.Name] = values[i]
	}
	for _, t := range n.inits {
		if v, ok := weights[t.name]; ok {
			f.Weight(within(t.name), t.dims, v)
		} else {
			constant := *t
			constant.name = within(t.name)
			f.inits = append(f.inits, &constant)
		}
	}
	return f.Bytes(within(n.output), n.Classes)
}

// within renames a value of the network, so that it cannot collide with a name that the file has given. An empty name,
// an input that is left out, stays empty.
func within(name string) string {
	if name == "" {
		return ""
	}
	return "network." + name
}

func mapped(names []string, f func(string) string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = f(name)
	}
	return all
}

// Weight adds a weight. Operations refer to it by its name.
func (f *File) Weight(name string, dims []int, values []float32) {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	f.inits = append(f.inits, &tensor{name: name, dims: dims, typ: typeFloat, data: data})
}

// Bytes returns the encoded file; output is the name of the logits.
func (f *File) Bytes(output string, classes int) []byte {
	last := &node{op: "Identity", in: []string{output}, out: []string{FileOutput}}
	var g []byte
	for _, x := range append(f.nodes[:len(f.nodes):len(f.nodes)], last) {
		g = message(g, 1, x.encodeTyped())
	}
	g = text(g, 2, "smoothlab")
	for _, t := range f.inits {
		g = message(g, 5, t.encode())
	}
	images := []int{-1, f.input.Channels, f.input.Height, f.input.Width}
	g = message(g, 11, port{name: FileInput, typ: typeFloat, dims: images}.encode())
	g = message(g, 12, port{name: FileOutput, typ: typeFloat, dims: []int{-1, classes}}.encode())
	b := number(nil, 1, 10) // ir_version
	b = message(b, 7, g)
	return message(b, 8, number(nil, 2, uint64(f.opset)))
}

// encodeTyped is encode with the types of attributes, which other programs require. The graph of a checkpoint has none,
// and must not change, since the name of the network is its hash.
func (x *node) encodeTyped() []byte {
	typed := *x
	typed.attrs = nil
	b := typed.encode()
	for _, name := range slices.Sorted(maps.Keys(x.attrs)) {
		b = message(b, 5, number(x.attrs[name].encode(name), 20, uint64(attributeType(name))))
	}
	return b
}

// attributeType returns ONNX's number for the type of an attribute (AttributeProto.AttributeType). In all supported
// operations the type follows from the attribute's name.
func attributeType(name string) int {
	const float, whole, words, constant, floats, wholes = 1, 2, 3, 4, 6, 7
	switch name {
	case "alpha", "beta", "bias", "cubic_coeff_a", "epsilon", "extrapolation_value", "gamma", "momentum", "ratio",
		"scale", "value_float":
		return float
	case "approximate", "auto_pad", "coordinate_transformation_mode", "equation", "keep_aspect_ratio_policy", "mode",
		"nearest_mode", "reduction", "round_mode":
		return words
	case "value":
		return constant
	case "value_floats":
		return floats
	case "axes", "dilations", "kernel_shape", "output_padding", "pads", "perm", "strides", "value_ints":
		return wholes
	}
	return whole
}
