package onnx

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Opsets that are supported: operations have other attributes in older opsets, and newer opsets are not known.
const (
	minOpset = 13
	maxOpset = 26
)

// check lists everything that is wrong with a file before it is planned.
func (n *Network) check(m *model, o Options) error {
	var wrong []string
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if m.opset < minOpset || m.opset > maxOpset {
		add("it uses opset %d; opsets %d to %d are supported", m.opset, minOpset, maxOpset)
	}
	wrong = append(wrong, n.checkTypes(m)...)
	wrong = append(wrong, n.checkOperations(m)...)
	if err := n.checkInput(m, o); err != nil {
		add("%v", err)
	}
	if len(m.outputs) == 0 {
		add("it has no output")
	} else {
		n.output = m.outputs[0].name
		for _, other := range m.outputs[1:] {
			n.unused = append(n.unused, other.name)
		}
	}
	wrong = append(wrong, n.checkWeights()...)
	if wrong != nil {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

// counted lists names, each with the number of its occurrences.
func counted(names []string) string {
	n := map[string]int{}
	for _, name := range names {
		n[name]++
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(n)) {
		all = append(all, fmt.Sprintf("%s (%d)", name, n[name]))
	}
	return strings.Join(all, ", ")
}

// checkOperations lists operations, and attributes of them, that are not understood.
func (n *Network) checkOperations(m *model) []string {
	var unknown, random, wrong, functions []string
	for _, x := range n.nodes {
		name := x.op
		if x.domain != "" {
			name = x.domain + "." + x.op
		}
		o, ok := operations[x.op]
		switch {
		case slices.Contains(randomOperations, x.op) && x.domain == "":
			random = append(random, name)
		case slices.Contains(m.functions, x.op):
			functions = append(functions, name)
		case !ok || x.domain != "":
			unknown = append(unknown, name)
		default:
			wrong = append(wrong, x.check(o)...)
		}
	}
	var all []string
	if random != nil {
		all = append(all, "it draws random numbers: "+counted(random))
	}
	if functions != nil {
		all = append(all, "it defines operations of its own, which are not supported: "+counted(functions))
	}
	if unknown != nil {
		all = append(
			all,
			fmt.Sprintf(
				"it uses operations that are not supported: %s (docs/networks.md lists those that are)",
				counted(unknown),
			),
		)
	}
	return append(all, wrong...)
}

// randomOperations draw numbers.
var randomOperations = []string{
	"RandomNormal",
	"RandomNormalLike",
	"RandomUniform",
	"RandomUniformLike",
	"Multinomial",
	"Bernoulli",
}

// check lists what is wrong with the inputs, outputs and attributes of a supported operation.
func (x *node) check(o operation) []string {
	var wrong []string
	if len(x.in) < o.fewest || o.most >= 0 && len(x.in) > o.most || len(x.out) == 0 {
		wrong = append(wrong, fmt.Sprintf("%s has %d inputs and %d outputs", x.at(), len(x.in), len(x.out)))
	}
	for i := range min(o.fewest, len(x.in)) {
		if x.in[i] == "" {
			wrong = append(wrong, fmt.Sprintf("%s lacks input %d", x.at(), i))
		}
	}
	if o.most < 0 && slices.Contains(x.in, "") {
		wrong = append(wrong, fmt.Sprintf("%s lacks an input", x.at()))
	}
	for _, name := range slices.Sorted(maps.Keys(x.attrs)) {
		switch {
		case x.attrs[name].graph:
			wrong = append(wrong, fmt.Sprintf("%s holds a graph, %s", x.at(), name))
		case !slices.Contains(o.attrs, name):
			wrong = append(wrong, fmt.Sprintf("%s has the attribute %s, which is not supported", x.at(), name))
		}
	}
	return wrong
}

// checkTypes lists element types other than float32 that the network would compute with, and weights in other files.
func (n *Network) checkTypes(m *model) []string {
	types := map[elementType]bool{}
	var elsewhere []string
	for _, p := range m.inputs {
		if m.init(p.name) == nil && p.typ != typeFloat {
			types[p.typ] = true
		}
	}
	var wrong []string
	for _, t := range n.inits {
		switch {
		case n.stored[t.name] && t.typ != typeFloat:
			wrong = append(wrong, "its weight "+t.name+" is "+t.typ.String())
		case t.external:
			elsewhere = append(elsewhere, t.name)
		case t.typ.width() == 0:
			types[t.typ] = true
		case t.data == nil && t.size() > 0 && !n.stored[t.name]:
			wrong = append(wrong, "its weight "+t.name+" has no values")
		}
	}
	if elsewhere != nil {
		wrong = append(
			wrong,
			fmt.Sprintf(
				"%d of its weights are in another file, such as %s: export it with external_data=False",
				len(elsewhere),
				elsewhere[0],
			),
		)
	}
	for _, t := range slices.Sorted(maps.Keys(types)) {
		wrong = append(wrong, fmt.Sprintf("it uses %s, not float32: export net.float()", t))
	}
	return wrong
}

// checkInput finds the one input that is the images, and determines their shape. It is long because each case has its
// own message.
func (n *Network) checkInput(m *model, o Options) error {
	var names []string
	var images port
	for _, p := range m.inputs {
		if m.init(p.name) == nil { // older files list weights among the inputs
			names, images = append(names, p.name), p
		}
	}
	if len(names) != 1 {
		return fmt.Errorf("it has %d inputs (%s); a classifier has one, the images",
			len(names), strings.Join(names, ", "))
	}
	n.input, n.inputDims = images.name, images.dims
	d := images.dims
	if len(d) > 0 && d[0] > 0 {
		return fmt.Errorf("its batch size is fixed to %d: %s", d[0], dynamicBatch)
	}
	stated := o.Input != Shape{}
	if stated && min(o.Input.Height, o.Input.Width, o.Input.Channels) < 1 {
		return fmt.Errorf("images of %v are impossible", o.Input)
	}
	switch {
	case len(d) == 4:
		n.Input = Shape{Channels: d[1], Height: d[2], Width: d[3]}
		for _, s := range []struct{ file, said *int }{
			{&n.Input.Channels, &o.Input.Channels}, {&n.Input.Height, &o.Input.Height},
			{&n.Input.Width, &o.Input.Width},
		} {
			if *s.file < 0 && stated {
				*s.file = *s.said
			}
			if stated && *s.file != *s.said {
				return fmt.Errorf("its images are [batch, %d, %d, %d], which differs from %d×%d×%d (height, width, channels)",
					d[1], d[2], d[3], o.Input.Height, o.Input.Width, o.Input.Channels)
			}
		}
	case len(d) == 2 && stated && (d[1] < 0 || d[1] == o.Input.Height*o.Input.Width*o.Input.Channels):
		n.Input = o.Input
	case len(d) == 2 && !stated:
		return fmt.Errorf("its input is [batch, %d]: give the shape of an image, shape=[channels, height, width]", d[1])
	default:
		return fmt.Errorf("its input has the shape %v; images are [batch, channels, height, width]", d)
	}
	if min(n.Input.Height, n.Input.Width, n.Input.Channels) < 1 ||
		max(n.Input.Height, n.Input.Width, n.Input.Channels) > maxList {
		return fmt.Errorf("the size of its images, %v, is not stated: give shape=[channels, height, width]", d[1:])
	}
	return nil
}

// checkWeights lists weights and constants that are not finite. Infinities in constants are allowed, because masks have
// them.
func (n *Network) checkWeights() []string {
	var bad []string
	for _, t := range n.inits {
		if t.typ != typeFloat || len(t.data) != 4*t.size() {
			continue
		}
		for i := range t.size() {
			x := float64(math.Float32frombits(binary.LittleEndian.Uint32(t.data[4*i:])))
			if math.IsNaN(x) || math.IsInf(x, 0) {
				bad = append(bad, t.name)
				break
			}
		}
	}
	if bad == nil {
		return nil
	}
	return []string{
		fmt.Sprintf("%d of its weights hold NaN or infinity: %s", len(bad), strings.Join(bad[:min(3, len(bad))], ", ")),
	}
}

// export is the metadata that to_smoothlab.py writes into a file.
type export struct {
	Parameters []string  `json:"parameters"`
	Absent     []string  `json:"absent,omitempty"`
	Buffers    []string  `json:"buffers"`
	Dropout    []float64 `json:"dropout"`
	Classes    []string  `json:"classes"`
	Torch      string    `json:"torch"`

	known bool
}

const metadataKey = "smoothlab"

// exported reads the metadata.
func (n *Network) exported(meta map[string]string) error {
	text, ok := meta[metadataKey]
	if !ok {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &n.export); err != nil {
		return fmt.Errorf("its metadata %q is damaged: %w", metadataKey, err)
	}
	n.export.known = true
	return nil
}
