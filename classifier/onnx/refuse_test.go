package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// file is a network for tests: images [batch, 3, 8, 8], flattened to f, and the operations that a test adds.
type file struct {
	nodes  []*node
	inits  []*tensor
	inputs []port
	opset  int
	meta   map[string]string
	extra  []byte   // more fields of the model
	more   []string // outputs after y
}

func images() []port { return []port{{name: "x", typ: typeFloat, dims: []int{-1, 3, 8, 8}}} }

func op(name string, in []string, out string, attrs ...any) *node {
	n := &node{op: name, in: in, out: []string{out}, attrs: map[string]attribute{}}
	for i := 0; i < len(attrs); i += 2 {
		var a attribute
		switch v := attrs[i+1].(type) {
		case int:
			a.i = int64(v)
		case float64:
			a.f = v
		case string:
			a.s = v
		case []int64:
			a.ints = v
		case bool:
			a.graph = v
		}
		n.attrs[attrs[i].(string)] = a
	}
	return n
}

func weight(name string, value float32, dims ...int) *tensor {
	t := &tensor{name: name, dims: dims, typ: typeFloat}
	for range product(dims) {
		t.data = binary.LittleEndian.AppendUint32(t.data, math.Float32bits(value))
	}
	return t
}

func sizes(name string, v ...int64) *tensor {
	t := &tensor{name: name, dims: []int{len(v)}, typ: typeInt64}
	for _, k := range v {
		t.data = binary.LittleEndian.AppendUint64(t.data, uint64(k))
	}
	return t
}

// flatThen flattens the images to f, applies a test's operations, which compute g [batch, 192] from f, and multiplies g
// with a weight w.
func flatThen(nodes ...*node) file {
	all := append([]*node{op("Flatten", []string{"x"}, "f")}, nodes...)
	return file{
		nodes:  append(all, op("Gemm", []string{"g", "w"}, "y", "transB", 1)),
		inits:  []*tensor{weight("w", 0.5, 10, 192)},
		inputs: images(),
		opset:  20,
	}
}

func (f file) with(inits ...*tensor) file {
	f.inits = append(slices.Clone(f.inits), inits...)
	return f
}

func (f file) bytes() []byte {
	var g []byte
	for _, n := range f.nodes {
		b := n.encode()
		if n.domain != "" {
			b = text(b, 7, n.domain)
		}
		for name, a := range n.attrs {
			if a.graph {
				b = message(b, 5, message(text(nil, 1, name), 6, nil))
			}
		}
		g = message(g, 1, b)
	}
	for _, t := range f.inits {
		b := t.encode()
		if t.external {
			b = number(b, 14, 1)
		}
		g = message(g, 5, b)
	}
	for _, p := range f.inputs {
		g = message(g, 11, p.encode())
	}
	for _, name := range append([]string{"y"}, f.more...) {
		g = message(g, 12, port{name: name, typ: typeFloat, dims: []int{-1, 10}}.encode())
	}
	b := message(message(number(nil, 1, 10), 7, g), 8, number(nil, 2, uint64(f.opset)))
	for k, v := range f.meta {
		b = message(b, 14, text(text(nil, 1, k), 2, v))
	}
	return append(b, f.extra...)
}

func in(names ...string) []string { return names }

// Files that cannot be certified are refused in one sentence that names every fault.
func TestFilesAreRefusedInOneSentence(t *testing.T) {
	plain := flatThen(op("Relu", in("f"), "g"))
	custom := op("MyOp", in("f"), "g")
	custom.domain = "com.acme"
	external := weight("b", 0, 10)
	external.data, external.external = nil, true
	half := &tensor{name: "h", dims: []int{192}, typ: typeFloat16, data: make([]byte, 2*192)}
	two := plain
	two.inputs = append(images(), port{name: "z", typ: typeFloat, dims: []int{-1, 192}})
	fixed := plain
	fixed.inputs = []port{{name: "x", typ: typeFloat, dims: []int{2, 3, 8, 8}}}
	old := plain
	old.opset = 6
	half16 := plain
	half16.inputs = []port{{name: "x", typ: typeFloat16, dims: []int{-1, 3, 8, 8}}}
	flat := plain
	flat.inputs = []port{{name: "x", typ: typeFloat, dims: []int{-1, 192}}}
	open := plain
	open.inputs = []port{{name: "x", typ: typeFloat, dims: []int{-1, 3, -1, -1}}}
	damagedMeta := plain
	damagedMeta.meta = map[string]string{"smoothlab": "{"}
	norm := func(mode int) file {
		return flatThen(op("BatchNormalization", in("f", "s", "b", "m", "v"), "g", "training_mode", mode)).with(
			weight("s", 1, 192), weight("b", 0, 192), weight("m", 0, 192), weight("v", 1, 192))
	}
	count := []*node{
		op("Shape", in("x"), "shape"),
		op("Gather", in("shape", "zero"), "n"),
		op("Cast", in("n"), "nf", "to", 1),
		op("Div", in("f", "nf"), "g"),
	}
	for name, c := range map[string]struct {
		file file
		want []string
	}{
		"operation": {
			flatThen(op("NonZero", in("f"), "h"), op("Magic", in("h"), "h2"), op("Magic", in("h2"), "g")),
			[]string{"Magic (2), NonZero (1)"},
		},
		"domain":    {flatThen(custom), []string{"com.acme.MyOp (1)"}},
		"attribute": {flatThen(op("Relu", in("f"), "g", "strength", 2)), []string{"Relu", "strength"}},
		"everything": {
			flatThen(op("NonZero", in("f"), "h"),
				op("Relu", in("h"), "g", "strength", 2),
			).with(weight("w2", float32(math.NaN()), 3)),
			[]string{"NonZero", "strength"},
		},
		"subgraph":    {flatThen(op("Relu", in("f"), "g", "body", true)), []string{"holds a graph"}},
		"two inputs":  {two, []string{"2 inputs (x, z)"}},
		"fixed batch": {fixed, []string{"batch size is fixed to 2", "dynamic_shapes"}},
		"fixed reshape": {
			flatThen(op("Reshape", in("f", "s"), "g")).with(sizes("s", 1, 192)),
			[]string{"batch size is fixed to 1", "Reshape"},
		},
		"opset":          {old, []string{"opset 6", "13"}},
		"float16":        {half16, []string{"float16", "net.float()"}},
		"float16 weight": {flatThen(op("Mul", in("f", "h"), "g")).with(half), []string{"float16"}},
		"external": {
			flatThen(op("Mul", in("f", "b"), "g")).with(external),
			[]string{"another file", "external_data=False"},
		},
		"NaN": {
			flatThen(op("Mul", in("f", "b"), "g")).with(weight("b", float32(math.NaN()), 192)),
			[]string{"NaN", ": b"},
		},
		"flat":      {flat, []string{"[batch, 192]", "shape="}},
		"open size": {open, []string{"not stated", "shape="}},
		"metadata":  {damagedMeta, []string{"metadata"}},
		"loop": {
			flatThen(op("Add", in("f", "h"), "g"), op("Relu", in("g"), "h")),
			[]string{"contains a loop"},
		},
		"loop elsewhere": {
			flatThen(op("Relu", in("f"), "g"), op("Relu", in("q"), "r"), op("Relu", in("r"), "q")),
			[]string{"contains a loop"},
		},
		"twice": {
			flatThen(op("Relu", in("f"), "g"), op("Tanh", in("f"), "g")),
			[]string{"two operations compute g"},
		},
		"nowhere": {flatThen(op("Add", in("f", "lost"), "g")), []string{"no operation computes its input lost"}},
		"random": {
			flatThen(op("RandomNormalLike", in("f"), "r"), op("Add", in("f", "r"), "g")),
			[]string{"random numbers", "RandomNormalLike (1)"},
		},
		"training": {norm(1), []string{"training mode", "net.eval()"}},
		"constant": {
			file{nodes: []*node{op("Relu", in("w"), "y")}, inits: []*tensor{weight("w", 1, 1, 10)},
				inputs: images(), opset: 20},
			[]string{"output"},
		},
		"whole pictures": {
			file{nodes: []*node{op("Relu", in("x"), "y")}, inputs: images(), opset: 20},
			[]string{"[batch, classes]"},
		},
		"data in weights": {flatThen(op("Reshape", in("f", "f"), "g")), []string{"must be a constant"}},

		// A vote must depend on one image.
		"mean over the batch": {
			flatThen(op("ReduceMean", in("f", "zero"), "m"), op("Sub", in("f", "m"), "g")).with(sizes("zero", 0)),
			[]string{"ReduceMean", "mixes the images"},
		},
		"softmax over the batch": {flatThen(op("Softmax", in("f"), "g", "axis", 0)), []string{"mixes the images"}},
		"gram matrix": {
			flatThen(op("Transpose", in("f"), "t", "perm", []int64{1, 0}),
				op("MatMul", in("f", "t"), "m"),
				op("MatMul", in("m", "f"), "g")),
			[]string{"mixes the images"},
		},
		"one image for all": {
			flatThen(op("Gather", in("f", "zero"), "one"), op("Add", in("f", "one"), "g")).with(sizes("zero", 0)),
			[]string{"mixes the images"},
		},
		"slice of the batch": {
			flatThen(op("Slice", in("f", "zero", "one"), "part"),
				op("Add", in("f", "part"), "g"),
			).with(sizes("zero", 0), sizes("one", 1)),
			[]string{"mixes the images"},
		},
		"number of images": {
			flatThen(count...).with(&tensor{name: "zero", typ: typeInt64, data: make([]byte, 8)}),
			[]string{"mixes the images", "number of images"},
		},
		"torn apart": {
			flatThen(op("Reshape", in("f", "s"), "r"),
				op("Transpose", in("r"), "g", "perm", []int64{1, 0}),
			).with(sizes("s", 192, -1)),
			[]string{"mixes the images"},
		},
		"channels of the batch": {
			flatThen(op("Unsqueeze", in("f", "a"), "u"),
				op("LRN", in("u"), "l", "size", 3),
				op("Squeeze", in("l", "a"), "g"),
			).with(sizes("a", 0)),
			[]string{"mixes the images"},
		},
		"number of ones": {
			flatThen(op("Shape", in("f"), "shape", "end", 1),
				op("ConstantOfShape", in("shape"), "ones"),
				op("ReduceSum", in("ones"), "n", "keepdims", 0),
				op("Add", in("f", "n"), "g")),
			[]string{"number of images"},
		},
		"shape of ones": {
			flatThen(op("Shape", in("f"), "shape", "end", 1),
				op("ConstantOfShape", in("shape"), "ones"),
				op("Shape", in("ones"), "n"),
				op("Cast", in("n"), "m", "to", 1),
				op("Add", in("f", "m"), "g")),
			[]string{"number of images"},
		},
		"index by the batch": {
			flatThen(op("Shape", in("f"), "shape", "end", 1),
				op("Gather", in("f", "shape"), "one", "axis", 1),
				op("Add", in("f", "one"), "g")),
			[]string{"number of images"},
		},
		"slice by the batch": {
			flatThen(op("Shape", in("f"), "n", "end", 1),
				op("Slice", in("f", "zero", "n", "one"), "s"),
				op("Slice", in("f", "n", "end", "one"), "r"),
				op("Concat", in("r", "s"), "g", "axis", 1),
			).with(sizes("zero", 0), sizes("one", 1), sizes("end", 192)),
			[]string{"number of images"},
		},
		"backwards": {
			flatThen(op("Slice", in("f", "a", "b", "c", "d"), "g")).with(sizes("a", -1), sizes("b",
				math.MinInt64), sizes("c", 0), sizes("d", -1)),
			[]string{"mixes the images"},
		},
		"repeated": {
			flatThen(op("Concat", in("f", "f"), "c", "axis", 0),
				op("Slice", in("c", "z", "n", "z"), "g"),
			).with(sizes("z", 0), sizes("n", 1)),
			[]string{"mixes the images"},
		},
		"padded": {
			flatThen(op("Pad", in("f", "p"), "q"),
				op("Slice", in("q", "z", "n", "z"), "g"),
			).with(sizes("p", 1, 0, 0, 0), sizes("z", 0), sizes("n", -1)),
			[]string{"mixes the images"},
		},
		"transposed at the end": {flatThen(op("Relu", in("f"), "g")), nil},
		"huge constant": {
			flatThen(op("Expand", in("w", "s"), "e"),
				op("Constant", nil, "k", "value_int", 1),
				op("Expand", in("k", "s"), "big"),
				op("Reshape", in("f", "big"), "g"),
			).with(sizes("s", 1<<20, 1<<20)),
			[]string{"large"},
		},
		"impossible shape": {
			flatThen(op("Reshape", in("f", "s"), "g")).with(sizes("s", math.MinInt64, 192)),
			[]string{"impossible"},
		},
		"overflowing shape": {
			flatThen(op("Expand", in("w", "s"), "e"),
				op("Gemm", in("f", "e"), "g"),
			).with(sizes("s", 1<<30, 1<<30, 1<<30, 10, 192)),
			[]string{"impossible"},
		},
		"overflowing tile": {
			flatThen(op("Tile", in("f", "s"), "g")).with(sizes("s", 1, 1<<62)),
			[]string{"Tile", "times"},
		},
		"zero stride": {
			file{nodes: []*node{op("Conv", in("x", "k"), "y", "strides", []int64{0, 1})},
				inits: []*tensor{weight("k", 1, 10, 3, 8, 8)}, inputs: images(), opset: 20},
			[]string{"impossible"},
		},
		"groups": {
			file{nodes: []*node{op("Conv", in("x", "k"), "y", "group", 0)}, inits: []*tensor{weight("k", 1, 10,
				3, 8, 8)}, inputs: images(), opset: 20},
			[]string{"groups"},
		},
		"whole numbers": {
			flatThen(op("Add", in("f", "s"), "g")).with(sizes("s", 1)),
			[]string{"whole numbers"},
		},
		"an index that is beyond": {
			flatThen(op("Gather", in("f", "k"), "g", "axis", 1)).with(sizes("k", 192)),
			[]string{"outside"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Read(c.file.bytes(), Options{})
			if c.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil {
				t.Fatal("not refused")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is more than one line", err)
			}
		})
	}
}

// A file with several outputs is read, with a note that names the output taken for the logits.
func TestOtherOutputsAreNoted(t *testing.T) {
	f := flatThen(op("Relu", in("f"), "g"))
	for _, more := range [][]string{nil, {"g", "f"}} {
		f.more = more
		n, _, err := Read(f.bytes(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(n.Notes(), "; ")
		if strings.Contains(notes, "its output y is taken for the logits (others: g, f)") != (more != nil) {
			t.Errorf("outputs y and %v: %q", more, notes)
		}
	}
}

func TestDamagedFilesAreRefused(t *testing.T) {
	whole := flatThen(op("Relu", in("f"), "g")).bytes()
	for _, b := range [][]byte{nil, []byte("hello\n"), whole[:len(whole)/2], whole[:len(whole)-1], {0xff}, protowire.AppendTag(nil, 7, protowire.StartGroupType)} {
		if _, _, err := Read(b, Options{}); err == nil || !strings.Contains(err.Error(), "cut short or damaged") {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
}

// A network that is read back from the graph of a checkpoint is the same network.
func TestGraphComesBack(t *testing.T) {
	for _, o := range []Options{{}, {Trainable: true}} {
		n, values, err := Read(
			flatThen(op("Relu", in("f"), "h"), op("Mul", in("h", "b"), "g")).with(weight("b", 2, 192)).bytes(),
			o,
		)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse(n.Graph())
		if err != nil {
			t.Fatal(err)
		}
		same := func(n *Network) string {
			return fmt.Sprint(n.Name, n.Input, n.Classes, n.Params, n.MACs, n.Untrainable, n.Dropout)
		}
		if same(back) != same(n) || len(values) != 2 {
			t.Errorf("%s came back as %s", same(n), same(back))
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(flatThen(op("Relu", in("f"), "g")).bytes())
	for _, o := range opCases(f) {
		f.Add(o.file)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, values, err := Read(b, Options{Input: Shape{Height: 8, Width: 8, Channels: 3}})
		if err != nil {
			if err.Error() == "" {
				t.Error("no words")
			}
			return
		}
		if len(values) != len(n.Params) {
			t.Errorf("%d values for %d weights", len(values), len(n.Params))
		}
		if back, err := Parse(n.Graph()); err != nil || back.Name != n.Name {
			t.Errorf("the graph of %s does not come back: %v", n.Name, err)
		}
	})
}

// FuzzParse reads graphs as a checkpoint may contain them.
func FuzzParse(f *testing.F) {
	n, _, err := Read(
		flatThen(op("Relu", in("f"), "h"), op("Mul", in("h", "b"), "g")).with(weight("b", 2, 192)).bytes(),
		Options{},
	)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(n.Graph())
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := Parse(b)
		if err != nil {
			return
		}
		if again, err := Parse(n.Graph()); err != nil || again.Name != n.Name {
			t.Errorf("the graph of %s does not come back: %v", n.Name, err)
		}
	})
}
