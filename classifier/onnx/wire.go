package onnx

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// errDamaged reports bytes that are not a protocol buffer message.
var errDamaged = errors.New("it is cut short or damaged, or it is not an ONNX file")

// field is one field of a protocol buffer message: a number, or bytes.
type field struct {
	num   protowire.Number
	kind  protowire.Type
	value uint64
	bytes []byte
}

// fields calls f for each field of a message, in order. The bytes of a field are a slice of b, not a copy.
func fields(b []byte, f func(x field) error) error {
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errDamaged
		}
		b = b[n:]
		x := field{num: num, kind: kind}
		switch kind {
		case protowire.VarintType:
			x.value, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			x.value = uint64(v)
		case protowire.Fixed64Type:
			x.value, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			x.bytes, n = protowire.ConsumeBytes(b)
		default: // groups, which ONNX does not have
			return errDamaged
		}
		if n < 0 {
			return errDamaged
		}
		b = b[n:]
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

// ints appends the whole numbers of a repeated field, packed or not, to v; it refuses more than limit of them.
func (x field) ints(v []int64, limit int) ([]int64, error) {
	if x.kind == protowire.VarintType {
		v = append(v, int64(x.value))
	} else {
		for b := x.bytes; len(b) > 0; {
			u, n := protowire.ConsumeVarint(b)
			if n < 0 {
				return nil, errDamaged
			}
			v, b = append(v, int64(u)), b[n:]
			if len(v) > limit {
				break
			}
		}
	}
	if len(v) > limit {
		return nil, fmt.Errorf("a list in it has more than %d entries", limit)
	}
	return v, nil
}

// float returns the value of a float field.
func (x field) float() float64 { return float64(math.Float32frombits(uint32(x.value))) }

// floats appends the values of a repeated float field, packed or not, to v.
func (x field) floats(v []float64, limit int) ([]float64, error) {
	if x.kind == protowire.Fixed32Type {
		return append(v, x.float()), nil
	}
	if len(x.bytes)%4 != 0 {
		return nil, errDamaged
	}
	if len(v)+len(x.bytes)/4 > limit {
		return nil, fmt.Errorf("a list in it has more than %d entries", limit)
	}
	for b := x.bytes; len(b) > 0; {
		u, n := protowire.ConsumeFixed32(b)
		v, b = append(v, float64(math.Float32frombits(u))), b[n:]
	}
	return v, nil
}
