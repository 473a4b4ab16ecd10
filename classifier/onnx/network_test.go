package onnx_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/classifier/onnx"
	"smoothlab/engine"
	"smoothlab/internal/testengine"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/nlpodyssey/safetensors"
)

// networksVariable names a directory of more exported networks: NAME.onnx, NAME.raw.onnx (to_smoothlab.py's) and
// NAME.tsp.onnx (the older exporter's), with what PyTorch computes in NAME.safetensors, as testdata/tiny.py writes
// them.
const networksVariable = "SMOOTHLAB_NETWORKS"

// exports lists the repository's network, and the networks that match one of the patterns in the directory that the
// variable names.
func exports(t testing.TB, patterns ...string) []string {
	t.Helper()
	all := []string{filepath.Join("testdata", "tiny.onnx")}
	dir := os.Getenv(networksVariable)
	if dir == "" {
		return all
	}
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	if len(all) == 1 {
		t.Fatalf("%s=%s holds no %v", networksVariable, dir, patterns)
	}
	return all
}

// array is a tensor of a .safetensors file.
type array struct {
	dims []int
	v    []float32
}

func readValues(t testing.TB, path string) map[string]array {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	st, err := safetensors.Deserialize(b)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]array{}
	for _, name := range st.Names() {
		view, _ := st.Tensor(name)
		if view.DType() != safetensors.F32 {
			continue
		}
		a := array{v: make([]float32, len(view.Data())/4)}
		for _, d := range view.Shape() {
			a.dims = append(a.dims, int(d))
		}
		for i := range a.v {
			a.v[i] = math.Float32frombits(binary.LittleEndian.Uint32(view.Data()[4*i:]))
		}
		all[name] = a
	}
	return all
}

// channelsLast turns [N, C, H, W] into [N, H, W, C], and back if forward is false.
func channelsLast(v []float32, n, c, h, w int, forward bool) []float32 {
	out := make([]float32, len(v))
	for i := range n {
		for k := range c {
			for p := range h * w {
				first, last := (i*c+k)*h*w+p, (i*h*w+p)*c+k
				if forward {
					out[last] = v[first]
				} else {
					out[first] = v[last]
				}
			}
		}
	}
	return out
}

func read(t testing.TB, path string, o onnx.Options) (*onnx.Network, [][]float32) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, values, err := onnx.Read(b, o)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return n, values
}

// pass holds the results of a pass: logits, the gradient of sum(ct·logits) with respect to the images [N, C, H, W], and
// in training mode the gradients with respect to the trained weights, and the statistics after the pass.
type pass struct {
	logits, images []float32
	weights        map[string][]float32
}

func compute(t testing.TB, n *onnx.Network, values [][]float32, x, ct array, train bool) pass {
	t.Helper()
	in, batch := n.Input, x.dims[0]
	var args []any
	for i, p := range n.Params {
		args = append(args, tensors.FromFlatDataAndDimensions(values[i], p.Dims...))
	}
	images := channelsLast(x.v, batch, in.Channels, in.Height, in.Width, true)
	args = append(args, tensors.FromFlatDataAndDimensions(images, batch, in.Height, in.Width, in.Channels),
		tensors.FromFlatDataAndDimensions(ct.v, ct.dims...))
	var names []string
	program, err := testengine.Open(t).
		Program(fmt.Sprintf("test %s %s train=%v", t.Name(), n.Name, train), func(_ *engine.Program, nodes []*graph.Node) []*graph.Node {
			w := map[string]*graph.Node{}
			for i, p := range n.Params {
				w[p.Name] = nodes[i]
			}
			x, ct := nodes[len(n.Params)], nodes[len(n.Params)+1]
			logits := n.Logits(w, x, train)
			wrt := []*graph.Node{x}
			for i, p := range n.Params {
				if train && p.Role == onnx.Trained {
					wrt, names = append(wrt, nodes[i]), append(names, "train.grad."+p.Name)
				}
			}
			out := append([]*graph.Node{logits}, graph.Gradient(graph.ReduceAllSum(graph.Mul(logits, ct)), wrt...)...)
			for _, p := range n.Params {
				if train && p.Role == onnx.Statistic {
					out, names = append(out, w[p.Name]), append(names, "train.after."+p.Name)
				}
			}
			return out
		})
	if err != nil {
		t.Fatal(err)
	}
	out, err := program.Call(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	flat := func(i int) []float32 {
		v, err := tensors.CopyFlatData[float32](out[i])
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	p := pass{
		logits:  flat(0),
		images:  channelsLast(flat(1), batch, in.Channels, in.Height, in.Width, false),
		weights: map[string][]float32{},
	}
	for i, name := range names {
		p.weights[name] = flat(2 + i)
	}
	return p
}

// difference returns the largest difference of two lists, and the largest value of the second.
func difference(t testing.TB, name string, got, want []float32) (diff, largest float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d values, want %d", name, len(got), len(want))
	}
	for i := range got {
		d := math.Abs(float64(got[i]) - float64(want[i]))
		if !(d <= diff) { // NaN too
			diff = d
		}
		largest = max(largest, math.Abs(float64(want[i])))
	}
	return diff, largest
}

func valuesOf(t testing.TB, file string) map[string]array {
	name, _, _ := strings.Cut(filepath.Base(file), ".")
	return readValues(t, filepath.Join(filepath.Dir(file), name+".safetensors"))
}

// inputOf returns the shape of the images in a file of values.
func inputOf(x array) onnx.Shape {
	return onnx.Shape{Channels: x.dims[1], Height: x.dims[2], Width: x.dims[3]}
}

// Networks exported in PyTorch's three ways compute its logits to 1e-5, and its gradient with respect to the images to
// 1e-5 of the largest: both sides add up the same products in float32, in different orders.
func TestNetworksComputeWhatPyTorchDoes(t *testing.T) {
	for _, file := range exports(t, "*.onnx") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want := valuesOf(t, file)
			n, values := read(t, file, onnx.Options{Input: inputOf(want["x"])})
			got := compute(t, n, values, want["x"], want["ct"], false)
			logits, _ := difference(t, "logits", got.logits, want["logits"].v)
			images, largest := difference(t, "grad.x", got.images, want["grad.x"].v)
			t.Logf(
				"logits %.2g, grad.x %.2g of %.2g, %d parameters, %d MACs, %s",
				logits,
				images/largest,
				largest,
				len(n.Params),
				n.MACs,
				n.Name,
			)
			if !(logits <= 1e-5) || !(images <= 1e-5*largest) {
				t.Errorf("logits differ by %v, the gradient by %v of %v", logits, images, largest)
			}
		})
	}
}

// In training mode networks have PyTorch's logits, the running statistics that it leaves (1e-5), and gradients with
// respect to every weight that it trains, under its names. The gradients of deep networks with batch norm lose digits
// in float32 on both sides: where the file of values has them in float64, ours may be at most twice as far from them as
// PyTorch's own, plus 1e-6 of the steepest. Otherwise they must agree to 2e-4 of the largest.
func TestNetworksTrainAsInPyTorch(t *testing.T) {
	for _, file := range exports(t, "*.raw.onnx", "*.tsp.onnx") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want := valuesOf(t, file)
			n, values := read(t, file, onnx.Options{Input: inputOf(want["x"]), Trainable: true})
			if n.Untrainable != nil {
				t.Fatal(n.Untrainable)
			}
			got := compute(t, n, values, want["x"], want["ct"], true)
			logits, most := difference(t, "logits", got.logits, want["train.logits"].v)
			limit := 2e-5 * max(1, most)
			if exact, ok := want["train64.logits"]; ok { // a batch norm over few values is inaccurate in float32
				theirs, _ := difference(t, "logits", want["train.logits"].v, exact.v)
				logits, _ = difference(t, "logits", got.logits, exact.v)
				limit = max(limit, 2*theirs)
			}
			if !(logits <= limit) {
				t.Errorf("logits differ by %v, more than %v", logits, limit)
			}
			worst, count, steepest := 0.0, 0, 0.0
			for name, w := range want {
				if strings.HasPrefix(name, "train.grad.") && name != "train.grad.x" {
					_, largest := difference(t, name, w.v, w.v)
					steepest = max(steepest, largest)
				}
			}
			for name, w := range want {
				if !strings.HasPrefix(name, "train.grad.") && !strings.HasPrefix(name, "train.after.") ||
					name == "train.grad.x" {
					continue
				}
				count++
				v, ok := got.weights[name]
				if !ok {
					t.Errorf("%s is lost", name)
					continue
				}
				off, largest := difference(t, name, v, w.v)
				limit := 2e-4*largest + 1e-6*steepest
				if strings.HasPrefix(name, "train.after.") {
					limit = 1e-5 * max(1, largest)
				}
				if exact, ok := want[strings.Replace(name, "train.", "train64.", 1)]; ok {
					off, _ = difference(t, name, v, exact.v)
					theirs, _ := difference(t, name, w.v, exact.v)
					if strings.HasPrefix(name, "train.grad.") {
						limit = 1e-6 * steepest
					}
					limit += 2 * theirs
				}
				worst = max(worst, off/steepest)
				if !(off <= limit) {
					t.Errorf("%s is off by %v of %v, more than %v", name, off, largest, limit)
				}
			}
			t.Logf("%d weights and statistics, off by %.2g of the steepest at worst", count, worst)
			if count != len(got.weights) {
				t.Errorf("PyTorch trains %d weights and statistics, here are %d", count, len(got.weights))
			}
		})
	}
}
