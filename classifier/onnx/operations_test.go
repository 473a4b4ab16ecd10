package onnx

import (
	"encoding/binary"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/nlpodyssey/safetensors"
)

// opCase is a file of one operation or a few with what PyTorch computes: values by name, x, ct, y and gradients.
type opCase struct {
	name   string
	file   []byte
	dims   map[string][]int
	values map[string][]float32
}

// opCases reads testdata/operations.safetensors, which operations.py writes.
func opCases(t testing.TB) []*opCase {
	t.Helper()
	return casesIn(t, "operations.safetensors")
}

func casesIn(t testing.TB, file string) []*opCase {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	st, err := safetensors.Deserialize(b)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]*opCase{}
	for _, full := range st.Names() {
		name, value, _ := strings.Cut(full, "/")
		if by[name] == nil {
			by[name] = &opCase{name: name, dims: map[string][]int{}, values: map[string][]float32{}}
		}
		view, _ := st.Tensor(full)
		if value == "onnx" {
			by[name].file = view.Data()
			continue
		}
		by[name].take(value, view)
	}
	var all []*opCase
	for _, name := range slices.Sorted(maps.Keys(by)) {
		all = append(all, by[name])
	}
	return all
}

func (o *opCase) take(name string, view safetensors.TensorView) {
	v := make([]float32, len(view.Data())/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(view.Data()[4*i:]))
	}
	o.values[name], o.dims[name] = v, []int{}
	for _, d := range view.Shape() {
		o.dims[name] = append(o.dims[name], int(d))
	}
}

// planned plans a case for a batch, with an input of any shape.
func (o *opCase) planned(t testing.TB, batch int, strict bool) (*plan, *model) {
	t.Helper()
	m, err := parse(o.file)
	if err != nil {
		t.Fatal(err)
	}
	n := &Network{
		opset:  m.opset,
		arrays: map[string]*array{},
		inits:  m.inits,
		input:  "x",
		output: m.outputs[0].name,
		Input:  Shape{1, 1, 1},
	}
	if n.nodes, err = m.needed(); err != nil {
		t.Fatal(err)
	}
	if wrong := n.checkOperations(m); wrong != nil {
		t.Fatal(wrong)
	}
	// An input with a gradient in PyTorch's file is a weight.
	n.stored = map[string]bool{}
	for _, tensor := range m.inits {
		if _, ok := o.values["grad."+tensor.name]; ok {
			n.stored[tensor.name] = true
		} else if n.arrays[tensor.name], err = tensor.array(); err != nil {
			t.Fatal(err)
		}
	}
	p := &plan{
		net:           n,
		batch:         batch,
		strict:        strict,
		values:        map[string]*value{},
		constants:     map[string]bool{},
		stats:         map[string]bool{},
		inputs:        map[string]bool{},
		constantsLeft: maxArrays,
	}
	p.start()
	dims := append([]int{batch}, o.dims["x"][1:]...)
	p.values["x"] = &value{dims: dims, place: place{0, 1}, build: func(b *builder) *graph.Node { return b.images }}
	if err := p.planNodes(); err != nil {
		t.Fatal(err)
	}
	return p, m
}

// Every operation has PyTorch's value and its gradients with respect to the input and each weight, to 2e-5 of the
// largest: both sides add up the same products in float32, in different orders. All cases are one program, which takes
// a tenth of the time of separate programs.
func TestOperationsHavePyTorchsValuesAndGradients(t *testing.T) {
	cases := opCases(t)
	var args []any
	var outputs []string // case/value
	for _, o := range cases {
		for _, name := range o.inputs() {
			v, dims := o.inputValue(t, name)
			args = append(args, tensors.FromFlatDataAndDimensions(v, dims...))
		}
	}
	out := computed(t, "operations", args, func(in []*graph.Node) (out []*graph.Node) {
		for _, o := range cases {
			names := o.inputs()
			nodes := in[:len(names)]
			in = in[len(names):]
			out = append(out, o.build(t, names, nodes)...)
			outputs = append(outputs, o.name+"/y")
			for _, name := range names {
				if name != "ct" {
					outputs = append(outputs, o.name+"/grad."+name)
				}
			}
		}
		return out
	})
	got := map[string][]float32{}
	for i, name := range outputs {
		got[name] = out[i]
	}
	for _, o := range cases {
		t.Run(o.name, func(t *testing.T) { o.compare(t, got) })
	}
}

// inputs returns the names of the inputs of a case's graph: the input, the weights, and the factor of the output.
func (o *opCase) inputs() []string {
	names := []string{"x"}
	for _, name := range slices.Sorted(maps.Keys(o.values)) {
		if w, ok := strings.CutPrefix(name, "grad."); ok && w != "x" {
			names = append(names, w)
		}
	}
	return append(names, "ct")
}

// inputValue returns the value of a name in inputs; weights are in the file.
func (o *opCase) inputValue(t testing.TB, name string) ([]float32, []int) {
	if v, ok := o.values[name]; ok {
		return v, o.dims[name]
	}
	m, err := parse(o.file)
	if err != nil {
		t.Fatal(err)
	}
	return floats(m.init(name)), m.init(name).dims
}

// build returns a case's output, and the gradients of its product with ct with respect to the input and the weights.
func (o *opCase) build(t testing.TB, names []string, nodes []*graph.Node) []*graph.Node {
	p, _ := o.planned(t, o.dims["x"][0], false)
	b := &builder{
		images:  nodes[0],
		weights: map[string]*graph.Node{},
		nodes:   map[*value]*graph.Node{},
		moved:   map[string]*graph.Node{},
	}
	last := len(names) - 1
	for i, name := range names[1:last] {
		b.weights[name] = nodes[1+i]
	}
	y := b.node(p.output)
	loss := graph.ReduceAllSum(graph.Mul(y, nodes[last]))
	return append([]*graph.Node{y}, graph.Gradient(loss, nodes[:last]...)...)
}

func (o *opCase) compare(t *testing.T, got map[string][]float32) {
	for name, want := range o.values {
		if name == "x" || name == "ct" {
			continue
		}
		v := got[o.name+"/"+name]
		if len(v) != len(want) {
			t.Fatalf("%s has %d values, want %d", name, len(v), len(want))
		}
		off, largest := 0.0, 1e-3
		for i := range v {
			if d := math.Abs(float64(v[i]) - float64(want[i])); !(d <= off) {
				off = d
			}
			largest = max(largest, math.Abs(float64(want[i])))
		}
		if !(off <= 2e-5*largest) {
			t.Errorf(
				"%s differs by %v of %v: %v, want %v",
				name,
				off,
				largest,
				v[:min(8, len(v))],
				want[:min(8, len(v))],
			)
		}
	}
}

// Every operation in the list has a case, so that a new one cannot be forgotten.
func TestEveryOperationHasACase(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range opCases(t) {
		m, err := parse(o.file)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range m.nodes {
			seen[n.op] = true
		}
	}
	for name := range operations {
		if !seen[name] {
			t.Errorf("%s has no case in testdata/operations.py", name)
		}
	}
}

// Every operation keeps the images of a batch separate, and its plan has the right place: the output's first axis,
// unless the case states another.
func TestOperationsFollowTheImages(t *testing.T) {
	for _, o := range opCases(t) {
		t.Run(o.name, func(t *testing.T) {
			p, _ := o.planned(t, probe, true)
			if want := (place{0, 1}); p.output.place != want {
				t.Errorf("the images are at %+v of %v, want %+v", p.output.place, p.output.dims, want)
			}
		})
	}
}
