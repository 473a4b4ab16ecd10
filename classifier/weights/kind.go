package weights

import (
	"encoding/binary"
	"math"
)

// kind is a type of numbers in a file, little-endian.
type kind struct {
	name   string // PyTorch's and NumPy's
	size   int
	number func(b []byte) float32
}

var (
	float32s = kind{
		"float32",
		4,
		func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) },
	}
	float64s = kind{
		"float64",
		8,
		func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) },
	}
	float16s  = kind{"float16", 2, func(b []byte) float32 { return half(binary.LittleEndian.Uint16(b)) }}
	bfloat16s = kind{
		"bfloat16",
		2,
		func(b []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16) },
	}
	int64s = kind{"int64", 8, func(b []byte) float32 { return float32(int64(binary.LittleEndian.Uint64(b))) }}
	int32s = kind{"int32", 4, func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) }}
	int16s = kind{"int16", 2, func(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) }}
	int8s  = kind{"int8", 1, func(b []byte) float32 { return float32(int8(b[0])) }}
	bytes8 = kind{"uint8", 1, func(b []byte) float32 { return float32(b[0]) }}
	bools  = kind{"bool", 1, func(b []byte) float32 { return float32(b[0]) }}
)

// decode converts little-endian bytes.
func (k kind) decode(b []byte) []float32 {
	v := make([]float32, len(b)/k.size)
	for i := range v {
		v[i] = k.number(b[i*k.size:])
	}
	return v
}

// half is a number of IEEE 754's binary16: a sign, 5 bits of exponent, 10 of fraction.
func half(b uint16) float32 {
	sign, exponent, fraction := uint32(b>>15)<<31, int(b>>10)&31, float64(b&1023)
	var v float64
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -24)
	case 31:
		if fraction != 0 {
			return math.Float32frombits(sign | 0x7fc00000)
		}
		v = math.Inf(1)
	default:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	return math.Float32frombits(sign | math.Float32bits(float32(v)))
}
