package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Bounds on what is read into memory. The largest classifiers of torchvision and timm are a factor of ten below them.
const (
	maxNodes    = 100_000
	maxTensors  = 100_000
	maxRank     = 8
	maxElements = 1 << 30 // of one tensor
	maxList     = 1 << 16 // entries of one attribute, and inputs of one node
)

// parse reads a file without checking the network in it; an error means that the file is damaged or not ONNX.
func parse(b []byte) (*model, error) {
	m := &model{meta: map[string]string{}}
	graphs := 0
	err := fields(b, func(x field) error {
		switch x.num {
		case 7: // graph
			graphs++
			return m.graph(x.bytes)
		case 8: // opset_import
			return m.opsetImport(x.bytes)
		case 14: // metadata_props
			key, value, err := entry(x.bytes)
			m.meta[key] = value
			return err
		case 25: // functions
			return fields(x.bytes, func(y field) error {
				if y.num == 1 {
					m.functions = append(m.functions, string(y.bytes))
				}
				return nil
			})
		}
		return nil
	})
	if err == nil && (graphs != 1 || len(m.nodes) == 0) {
		err = errDamaged
	}
	return m, err
}

func (m *model) opsetImport(b []byte) error {
	domain, version := "", int64(0)
	err := fields(b, func(x field) error {
		switch x.num {
		case 1:
			domain = string(x.bytes)
		case 2:
			version = int64(x.value)
		}
		return nil
	})
	if domain == "" || domain == "ai.onnx" {
		m.opset = int(min(max(version, 0), math.MaxInt32))
	}
	return err
}

// entry reads a StringStringEntryProto.
func entry(b []byte) (key, value string, err error) {
	err = fields(b, func(x field) error {
		switch x.num {
		case 1:
			key = string(x.bytes)
		case 2:
			value = string(x.bytes)
		}
		return nil
	})
	return key, value, err
}

func (m *model) graph(b []byte) error {
	return fields(b, func(x field) error {
		switch x.num {
		case 1: // node
			n, err := parseNode(x.bytes)
			if err == nil && len(m.nodes) == maxNodes {
				err = fmt.Errorf("it has more than %d operations", maxNodes)
			}
			m.nodes = append(m.nodes, n)
			return err
		case 5: // initializer
			t, err := parseTensor(x.bytes)
			if err == nil && len(m.inits) == maxTensors {
				err = fmt.Errorf("it has more than %d weights", maxTensors)
			}
			m.inits = append(m.inits, t)
			return err
		case 15: // sparse_initializer
			return errors.New("it has sparse weights, which are not supported")
		case 11, 12: // input, output
			p, err := parsePort(x.bytes)
			if x.num == 11 {
				m.inputs = append(m.inputs, p)
			} else {
				m.outputs = append(m.outputs, p)
			}
			if len(m.inputs)+len(m.outputs) > 2*maxTensors {
				err = fmt.Errorf("it has more than %d inputs and outputs", 2*maxTensors)
			}
			return err
		}
		return nil
	})
}

// parsePort reads a ValueInfoProto: type (2) → tensor_type (1) → elem_type (1) and shape (2) → dim (1) → dim_value (1).
func parsePort(b []byte) (port, error) {
	var p port
	var inner func(depth int, b []byte) error
	inner = func(depth int, b []byte) error {
		return fields(b, func(x field) error {
			switch {
			case depth == 0 && x.num == 1:
				p.name = string(x.bytes)
			case depth == 0 && x.num == 2, depth == 1 && x.num == 1, depth == 2 && x.num == 2:
				return inner(depth+1, x.bytes)
			case depth == 2 && x.num == 1:
				p.typ = elementType(x.value)
			case depth == 3 && x.num == 1:
				if len(p.dims) == maxRank {
					return fmt.Errorf("%s has more than %d axes", p.name, maxRank)
				}
				p.dims = append(p.dims, -1)
				return inner(4, x.bytes)
			case depth == 4 && x.num == 1:
				if x.value > maxElements {
					return fmt.Errorf("%s has an axis of %d elements", p.name, int64(x.value))
				}
				p.dims[len(p.dims)-1] = int(x.value)
			}
			return nil
		})
	}
	return p, inner(0, b)
}

func parseNode(b []byte) (*node, error) {
	n := &node{attrs: map[string]attribute{}}
	return n, fields(b, func(x field) error {
		switch x.num {
		case 1:
			n.in = append(n.in, string(x.bytes))
		case 2:
			n.out = append(n.out, string(x.bytes))
		case 3:
			n.name = string(x.bytes)
		case 4:
			n.op = string(x.bytes)
		case 5:
			name, a, err := parseAttribute(x.bytes)
			n.attrs[name] = a
			return err
		case 7:
			n.domain = string(x.bytes)
			if n.domain == "ai.onnx" { // another name of the same
				n.domain = ""
			}
		}
		if len(n.in)+len(n.out) > maxList {
			return fmt.Errorf("an operation has more than %d inputs", maxList)
		}
		return nil
	})
}

func parseAttribute(b []byte) (string, attribute, error) {
	var name string
	var a attribute
	err := fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			name = string(x.bytes)
		case 2:
			a.f = x.float()
		case 3:
			a.i = int64(x.value)
		case 4:
			a.s = string(x.bytes)
		case 5:
			a.t, err = parseTensor(x.bytes)
		case 6, 11: // g, graphs
			a.graph = true
		case 7:
			a.floats, err = x.floats(a.floats, maxList)
		case 8:
			a.ints, err = x.ints(a.ints, maxList)
		}
		return err
	})
	return name, a, err
}

func parseTensor(b []byte) (*tensor, error) {
	t := &tensor{}
	var dims []int64
	var listed []byte // elements that are not in raw_data, made little-endian
	err := fields(b, func(x field) (err error) {
		switch x.num {
		case 1:
			dims, err = x.ints(dims, maxRank)
		case 2:
			t.typ = elementType(x.value)
		case 4, 10: // float_data, double_data
			listed = x.little(listed)
		case 5, 7: // int32_data, int64_data
			listed, err = x.narrow(listed, t.typ.width())
		case 8:
			t.name = string(x.bytes)
		case 9:
			t.data = x.bytes
		case 14:
			t.external = x.value == 1
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if t.data == nil {
		t.data = listed
	}
	return t, t.shape(dims)
}

// shape checks the dimensions against the data, and sets them.
func (t *tensor) shape(dims []int64) error {
	size := int64(1)
	for _, d := range dims {
		if d < 0 || d > maxElements || size*d > maxElements {
			return fmt.Errorf("%s has the impossible shape %v", t.label(), dims)
		}
		size *= d
		t.dims = append(t.dims, int(d))
	}
	w := t.typ.width()
	if w == 0 || t.external || t.data == nil { // judged later, with the others
		return nil
	}
	if int64(len(t.data)) != size*int64(w) {
		return fmt.Errorf("%s has %d bytes of data, its shape %v needs %d", t.label(), len(t.data), dims, size*int64(w))
	}
	return nil
}

func (t *tensor) label() string {
	if t.name == "" {
		return "a constant"
	}
	return t.name
}

// little appends the elements of a repeated float or double field, which are little-endian already.
func (x field) little(b []byte) []byte {
	switch x.kind {
	case protowire.Fixed32Type:
		return binary.LittleEndian.AppendUint32(b, uint32(x.value))
	case protowire.Fixed64Type:
		return binary.LittleEndian.AppendUint64(b, x.value)
	}
	return append(b, x.bytes...)
}

// narrow appends the elements of a repeated field of whole numbers with width bytes each.
func (x field) narrow(b []byte, width int) ([]byte, error) {
	if width == 0 { // a type that is refused later
		return b, nil
	}
	v, err := x.ints(nil, maxElements)
	for _, k := range v {
		b = append(b, binary.LittleEndian.AppendUint64(nil, uint64(k))[:width]...)
	}
	return b, err
}
