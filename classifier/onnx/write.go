package onnx

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Graph returns the network as an ONNX file without the values of its weights, which checkpoints contain and [Parse]
// reads. The same network gives the same bytes.
func (n *Network) Graph() []byte {
	var g []byte
	for _, x := range n.nodes {
		g = message(g, 1, x.encode())
	}
	g = text(g, 2, "smoothlab")
	for _, t := range n.inits {
		g = message(g, 5, t.encode())
	}
	shape := n.fileShape(-1)
	if len(n.inputDims) == 2 { // the file leaves the product open too
		shape = []int{-1, -1}
	}
	g = message(g, 11, port{name: n.input, typ: typeFloat, dims: shape}.encode())
	g = message(g, 12, port{name: n.output, typ: typeFloat, dims: []int{-1, n.Classes}}.encode())
	var b []byte
	b = number(b, 1, 10) // ir_version
	b = message(b, 7, g)
	b = message(b, 8, number(nil, 2, uint64(n.opset)))
	b = message(b, 14, text(text(nil, 1, graphKey), 2, string(n.about())))
	if n.export.known {
		meta, _ := json.Marshal(n.export) // strings and numbers only
		b = message(b, 14, text(text(nil, 1, metadataKey), 2, string(meta)))
	}
	return b
}

// about is what the graph of a checkpoint states in its metadata, in addition to ONNX.
type about struct {
	Input      Shape    `json:"input"`
	Weights    []string `json:"weights"` // weights whose values are elsewhere
	AllTrained bool     `json:"trainable"`
}

// graphKey is the key of about in the metadata.
const graphKey = "smoothlab.graph"

// about reads the metadata of a graph.
func (m *model) about() (about, error) {
	var a about
	text, ok := m.meta[graphKey]
	if !ok {
		return a, errors.New("it is not a graph that a checkpoint contains")
	}
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return a, fmt.Errorf("its metadata %q is damaged: %w", graphKey, err)
	}
	return a, nil
}

// storedWeights are the names of the weights of a graph; nil for other files.
func storedWeights(m *model) (map[string]bool, error) {
	if _, ok := m.meta[graphKey]; !ok {
		return nil, nil
	}
	a, err := m.about()
	names := map[string]bool{}
	for _, w := range a.Weights {
		names[w] = true
	}
	return names, err
}

func (n *Network) about() []byte {
	a := about{Input: n.Input, AllTrained: n.allTrained}
	for _, p := range n.Params {
		a.Weights = append(a.Weights, p.Name)
	}
	b, _ := json.Marshal(a) // strings and numbers only
	return b
}

func number(b []byte, num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), v)
}

func text(b []byte, num protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, num, protowire.BytesType), s)
}

func message(b []byte, num protowire.Number, m []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), m)
}

func float(b []byte, num protowire.Number, f float64) []byte {
	return protowire.AppendFixed32(protowire.AppendTag(b, num, protowire.Fixed32Type), math.Float32bits(float32(f)))
}

func (x *node) encode() []byte {
	var b []byte
	for _, in := range x.in {
		b = text(b, 1, in)
	}
	for _, out := range x.out {
		b = text(b, 2, out)
	}
	b = text(text(b, 3, x.name), 4, x.op)
	for _, name := range slices.Sorted(maps.Keys(x.attrs)) {
		b = message(b, 5, x.attrs[name].encode(name))
	}
	return b
}

// encode writes all fields of an attribute; which of them has a meaning depends on the operation.
func (a attribute) encode(name string) []byte {
	b := text(nil, 1, name)
	if a.f != 0 {
		b = float(b, 2, a.f)
	}
	if a.i != 0 {
		b = number(b, 3, uint64(a.i))
	}
	if a.s != "" {
		b = text(b, 4, a.s)
	}
	if a.t != nil {
		b = message(b, 5, a.t.encode())
	}
	for _, f := range a.floats {
		b = float(b, 7, f)
	}
	for _, i := range a.ints {
		b = number(b, 8, uint64(i))
	}
	return b
}

func (t *tensor) encode() []byte {
	var b []byte
	for _, d := range t.dims {
		b = number(b, 1, uint64(d))
	}
	b = number(b, 2, uint64(t.typ))
	b = text(b, 8, t.name)
	if t.data != nil {
		b = message(b, 9, t.data)
	}
	return b
}

func (p port) encode() []byte {
	var shape []byte
	for _, d := range p.dims {
		if d < 0 {
			shape = message(shape, 1, text(nil, 2, "open"))
		} else {
			shape = message(shape, 1, number(nil, 1, uint64(d)))
		}
	}
	tensorType := message(number(nil, 1, uint64(p.typ)), 2, shape)
	return message(text(nil, 1, p.name), 2, message(nil, 1, tensorType))
}
