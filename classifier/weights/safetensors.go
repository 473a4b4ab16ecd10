package weights

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/nlpodyssey/safetensors"
)

// parseSafetensors reads tensors of floating-point numbers, and whole ones of 64 bits.
func parseSafetensors(data []byte) (*File, error) {
	st, err := safetensors.Deserialize(data)
	if err != nil {
		return nil, fmt.Errorf("damaged safetensors: %w", err)
	}
	f := &File{Format: "safetensors", Tensors: map[string]Tensor{}}
	for _, name := range st.Names() {
		t, _ := st.Tensor(name)
		kind, ok := map[safetensors.DType]kind{safetensors.F32: float32s, safetensors.F64: float64s, safetensors.F16: float16s,
			safetensors.BF16: bfloat16s, safetensors.I64: int64s}[t.DType()]
		if !ok {
			return nil, fmt.Errorf("%s holds values of type %v, expected floating-point numbers", name, t.DType())
		}
		dims := make([]int, len(t.Shape()))
		for i, d := range t.Shape() {
			dims[i] = int(d)
		}
		f.Tensors[name] = Tensor{dims, kind.decode(t.Data())}
	}
	_, header, err := safetensors.ReadMetadata(data)
	if err == nil {
		f.Arch = header.Metadata()["arch"]
	}
	return f, nil
}

// kind is a type of numbers in a file, little-endian.
type kind struct {
	size   int
	number func(b []byte) float32
}

var (
	float32s  = kind{4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }}
	float64s  = kind{8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }}
	float16s  = kind{2, func(b []byte) float32 { return half(binary.LittleEndian.Uint16(b)) }}
	bfloat16s = kind{2, func(b []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16) }}
	int64s    = kind{8, func(b []byte) float32 { return float32(int64(binary.LittleEndian.Uint64(b))) }}
	int32s    = kind{4, func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) }}
	int16s    = kind{2, func(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) }}
	int8s     = kind{1, func(b []byte) float32 { return float32(int8(b[0])) }}
	bytes8    = kind{1, func(b []byte) float32 { return float32(b[0]) }}
)

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
