package classifier

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/nlpodyssey/safetensors"
)

// addTensor adds float32 values, little-endian as the format wants them.
func addTensor(to map[string]safetensors.TensorView, name string, dims []int, v []float32) error {
	shape := make([]uint64, len(dims))
	for i, d := range dims {
		shape[i] = uint64(d)
	}
	data := make([]byte, 0, 4*len(v))
	for _, x := range v {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
	}
	view, err := safetensors.NewTensorView(safetensors.F32, shape, data)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	to[name] = view
	return nil
}

func fromBytes(data []byte) []float32 {
	v := make([]float32, len(data)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return v
}

func toInts(shape []uint64) []int {
	dims := make([]int, len(shape))
	for i, d := range shape {
		dims[i] = int(d)
	}
	return dims
}
