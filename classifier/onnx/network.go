package onnx

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Shape is the shape of one image: height, width, channels.
type Shape struct{ Height, Width, Channels int }

// Network is a file's network without the values of its weights.
type Network struct {
	// Name is "onnx:" and 12 hexadecimal digits of the SHA-256 of the graph: networks of the same name compute the same
	// logits from the same weights.
	Name    string
	Input   Shape
	Classes int
	Params  []Param
	MACs    int // multiply-adds of one image's logits
	// Untrainable is the reason why the network should not be trained as it is in the file; nil if there is none.
	Untrainable error
	// Dropout are the rates of the dropout layers that PyTorch would apply in training and that the file does not hold.
	Dropout []float64
	// ClassNames are the names of the classes; nil if the file has none.
	ClassNames []string

	input, output string
	unused        []string // other outputs
	inputDims     []int    // of the file; -1 for the batch and what is open
	nodes         []*node
	inits         []*tensor         // weights and constants, in the file's order
	arrays        map[string]*array // values of constants
	constants     map[string]bool   // initial values that look like weights but are constants
	stored        map[string]bool   // names of the weights, if the graph comes from a checkpoint
	opset         int
	export        export
	allTrained    bool
	normalizes    bool
}

// NamePrefix begins the names of networks.
const NamePrefix = "onnx:"

// Normalizes reports whether the network begins by shifting or scaling the images.
func (n *Network) Normalizes() bool { return n.normalizes }

// Notes returns sentences about unused outputs, about what training would leave out, and about why training is refused.
func (n *Network) Notes() []string {
	var notes []string
	if n.unused != nil {
		notes = append(notes, fmt.Sprintf("its output %s is taken for the logits (others: %s): if that is wrong, "+
			"export the network with its logits only", n.output, strings.Join(n.unused, ", ")))
	}
	if k := len(n.export.Absent); k > 0 {
		notes = append(
			notes,
			fmt.Sprintf("%d of its parameters in PyTorch are not in the file and are not trained, such as %s",
				k, n.export.Absent[0]),
		)
	}
	if n.Untrainable != nil {
		notes = append(notes, "it can be certified, but not trained: "+n.Untrainable.Error())
	} else if len(n.Dropout) > 0 {
		notes = append(notes, fmt.Sprintf("it trains without the dropout of %v that PyTorch would apply", n.Dropout))
	}
	return notes
}

// Param is one weight: its name, which is PyTorch's wherever the file has kept it, and its dimensions.
type Param struct {
	Name string
	Dims []int
	Role Role
}

// Role is how a weight changes in training.
type Role int

// The roles.
const (
	Trained   Role = iota // by the optimizer, along its gradient
	Statistic             // by forward passes in training mode: running mean and variance
	Frozen                // not at all: a buffer, such as the mean and deviation that images are normalised with
)

// Options state what a file leaves open.
type Options struct {
	// Input is the shape of an image. With the zero value, the file must state it.
	Input Shape
	// Trainable declares all weights to be trained, except running statistics and what normalises the images, in a
	// file that does not say which ones are.
	Trainable bool
}

// maxFile bounds the size of a file; ViT-L has 1.2 GB of weights.
const maxFile = 2 << 30

// probe is the number of images for which a network is checked: a prime, so that no other size can be confused with it.
const probe = 127

// Read reads a file, checks that it is a classifier that can be certified, and gives its network and the values of its
// weights, in the order of Params. The error lists everything that is wrong in one sentence.
func Read(data []byte, o Options) (*Network, [][]float32, error) {
	if len(data) > maxFile {
		return nil, nil, fmt.Errorf("it is larger than %d bytes", maxFile)
	}
	m, err := parse(data)
	if errors.Is(err, errDamaged) {
		return nil, nil, fmt.Errorf("%w (%d bytes)", err, len(data))
	}
	if err != nil {
		return nil, nil, err
	}
	if _, ok := m.meta[graphKey]; ok {
		return nil, nil, errors.New("it is the graph of a checkpoint, without weights")
	}
	m.splitShared()
	n, err := newNetwork(m, o)
	if err != nil {
		return nil, nil, err
	}
	var values [][]float32
	for _, p := range n.Params {
		values = append(values, floats(m.init(p.Name)))
	}
	n.forgetWeights()
	n.finish()
	return n, values, nil
}

// Parse reads what [Network.Graph] wrote: a network without values.
func Parse(graph []byte) (*Network, error) {
	m, err := parse(graph)
	if err != nil {
		return nil, err
	}
	a, err := m.about()
	if err != nil {
		return nil, err
	}
	n, err := newNetwork(m, Options{Input: a.Input, Trainable: a.AllTrained})
	if err != nil {
		return nil, err
	}
	n.finish()
	return n, nil
}

// newNetwork checks a file and plans it.
func newNetwork(m *model, o Options) (*Network, error) {
	nodes, err := m.needed()
	if err != nil {
		return nil, err
	}
	n := &Network{nodes: nodes, opset: m.opset, arrays: map[string]*array{}, allTrained: o.Trainable}
	n.stored, err = storedWeights(m)
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, x := range nodes {
		for _, in := range x.in {
			used[in] = true
		}
	}
	for _, t := range m.inits {
		if used[t.name] {
			n.inits = append(n.inits, t)
		}
	}
	if err := n.exported(m.meta); err != nil {
		return nil, err
	}
	if err := n.check(m, o); err != nil {
		return nil, err
	}
	return n, n.decide()
}

// decide plans the network for the probe, and takes the network's properties from the plan.
func (n *Network) decide() error {
	for _, t := range n.inits {
		if !n.isWeight(t) {
			a, err := t.array()
			if err != nil {
				return err
			}
			n.arrays[t.name] = a
		}
	}
	p, err := newPlan(n, probe, true)
	if err == nil {
		_, err = newPlan(n, 1, false) // one image alone must be possible too
	}
	if err != nil {
		return n.explain(err)
	}
	n.normalizes = p.normalizes
	n.Classes, n.MACs, n.constants = p.output.dims[1], p.macs/probe, p.constants
	n.params(p)
	return nil
}

// explain adds the likely cause to an error of planning, which is usually a batch size that the exporter has fixed.
func (n *Network) explain(err error) error {
	var mixes *mixesError
	if errors.As(err, &mixes) {
		return err
	}
	for _, batch := range []int{1, 2, 3, 4, 8, 16, 32, 64} {
		if _, other := newPlan(n, batch, false); other == nil {
			return fmt.Errorf("its batch size is fixed to %d (%w): %s", batch, err, dynamicBatch)
		}
	}
	return err
}

const dynamicBatch = "export it with a dynamic batch axis, dynamic_shapes=({0: torch.export.Dim(\"batch\", min=1)},)"

// params lists the weights with their roles. A weight whose value the plan needs is a constant of the graph.
func (n *Network) params(p *plan) {
	var named []string
	for _, t := range n.inits {
		if !n.isWeight(t) {
			continue
		}
		q := Param{Name: t.name, Dims: t.dims, Role: Frozen}
		switch {
		case p.stats[t.name]:
			q.Role = Statistic
		case n.export.known && slices.Contains(n.export.Parameters, t.name), !n.export.known && !p.inputs[t.name]:
			q.Role = Trained
		}
		n.Params = append(n.Params, q)
		named = append(named, t.name)
	}
	n.Untrainable = n.untrainable(named)
	n.Dropout, n.ClassNames = n.export.Dropout, n.export.Classes
	for _, x := range n.nodes {
		if r := x.float("ratio", 0); x.op == "Dropout" && x.attrs["ratio"].f > 0 {
			n.Dropout = append(n.Dropout, r)
		}
	}
}

// untrainable returns the reason why a network should not be trained, or nil; named are its weights.
func (n *Network) untrainable(named []string) error {
	last := n.nodes[len(n.nodes)-1]
	switch {
	case last.op == "Softmax":
		return errors.New("it ends in a Softmax, which the loss would apply again: export the network without it")
	case n.export.known:
		var lost []string
		for _, name := range n.export.Parameters {
			if !slices.Contains(named, name) {
				lost = append(lost, name)
			}
		}
		if lost != nil {
			return fmt.Errorf(
				"%d of its %d parameters are not in the file, such as %s: they are folded into others or share their "+
					"tensors (exported with optimize=True?)",
				len(lost),
				len(n.export.Parameters),
				lost[0],
			)
		}
	case !n.allTrained:
		return errors.New(
			"the file does not say which weights are trained, and an exporter may have folded " +
				"batch norms into convolutions: " +
				"export it with to_smoothlab.py, or say trainable=True",
		)
	}
	if !slices.ContainsFunc(n.Params, func(p Param) bool { return p.Role == Trained }) {
		return errors.New("it has no weights to train")
	}
	return nil
}

// isWeight reports whether an initial value is a weight, an input of the compiled programs, and not a constant of the
// graph: whole numbers are sizes, and single numbers that the file does not call parameters are factors.
func (n *Network) isWeight(t *tensor) bool {
	if n.stored != nil {
		return n.stored[t.name]
	}
	if t.typ != typeFloat || n.constants[t.name] {
		return false
	}
	return t.size() > 1 || slices.Contains(n.export.Parameters, t.name) || slices.Contains(n.export.Buffers, t.name) ||
		len(t.dims) > 0 && strings.Contains(t.name, ".")
}

// forgetWeights leaves only the values of constants.
func (n *Network) forgetWeights() {
	for i, t := range n.inits {
		if n.isWeight(t) {
			c := *t
			c.data = nil
			n.inits[i] = &c
		}
	}
}

// array returns the value of a weight that a plan needs, and thereby makes the weight a constant.
func (n *Network) array(name string) (*array, error) {
	if a := n.arrays[name]; a != nil {
		return a, nil
	}
	for _, t := range n.inits {
		if t.name == name && t.data != nil && t.size() <= maxList {
			a, err := t.array()
			n.arrays[name] = a
			return a, err
		}
	}
	return nil, fmt.Errorf("it needs the values of %s before the network runs", name)
}

// finish sets the network's name, which contains a hash of its graph.
func (n *Network) finish() {
	sum := sha256.Sum256(n.Graph())
	n.Name = NamePrefix + hex.EncodeToString(sum[:])[:12]
}

// fileShape is the shape of the file's input for a batch.
func (n *Network) fileShape(batch int) []int {
	if len(n.inputDims) == 2 {
		return []int{batch, n.Input.Channels * n.Input.Height * n.Input.Width}
	}
	return []int{batch, n.Input.Channels, n.Input.Height, n.Input.Width}
}

// floats returns the values of a weight.
func floats(t *tensor) []float32 {
	v := make([]float32, t.size())
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.data[4*i:]))
	}
	return v
}
