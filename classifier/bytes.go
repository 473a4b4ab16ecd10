package classifier

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/nlpodyssey/safetensors"
)

// stored returns the type that a parameter has in a file: PyTorch counts batches in whole numbers.
func (p Param) stored() safetensors.DType {
	if p.Role == Counter {
		return safetensors.I64
	}
	return safetensors.F32
}

// addTensor adds a parameter's values in little-endian order, as the format requires.
func addTensor(to map[string]safetensors.TensorView, name string, p Param, v []float32) error {
	shape := make([]uint64, len(p.Dims))
	for i, d := range p.Dims {
		shape[i] = uint64(d)
	}
	data := make([]byte, 0, 8*len(v))
	for _, x := range v {
		if p.Role == Counter {
			data = binary.LittleEndian.AppendUint64(data, uint64(int64(x)))
		} else {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
		}
	}
	view, err := tensorView(p.stored(), shape, data)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	to[name] = view
	return nil
}

// tensorView does what safetensors.NewTensorView does. That function takes a scalar to have no elements, so a scalar is
// made as the library reads one.
func tensorView(d safetensors.DType, shape []uint64, data []byte) (safetensors.TensorView, error) {
	if len(shape) > 0 {
		return safetensors.NewTensorView(d, shape, data)
	}
	header := fmt.Sprintf(`{"scalar":{"dtype":"%v","shape":[],"data_offsets":[0,%d]}}`, d, len(data))
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	st, err := safetensors.Deserialize(append(append(file, header...), data...))
	view, _ := st.Tensor("scalar")
	return view, err
}

// fromBytes is the inverse of addTensor.
func fromBytes(role Role, data []byte) []float32 {
	if role == Counter {
		v := make([]float32, len(data)/8)
		for i := range v {
			v[i] = float32(int64(binary.LittleEndian.Uint64(data[8*i:])))
		}
		return v
	}
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
