package weights

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/nlpodyssey/safetensors"
)

// parseSafetensors reads tensors of any type; values of types without a [kind] are left out.
func parseSafetensors(data []byte) (*File, error) {
	st, err := safetensors.Deserialize(data)
	if err != nil {
		if unknown := newType.FindStringSubmatch(err.Error()); unknown != nil {
			return nil, fmt.Errorf("%s holds numbers of type %s, which are not read: convert it to float32",
				unknown[1], unknown[2])
		}
		return nil, fmt.Errorf("damaged safetensors: %w", err)
	}
	tensors := map[string]Tensor{}
	for _, name := range st.Names() {
		t, _ := st.Tensor(name)
		dims := make([]int, len(t.Shape()))
		for i, d := range t.Shape() {
			dims[i] = int(d)
		}
		k, ok := safetensorsKinds[t.DType()]
		if !ok {
			tensors[name] = Tensor{Dims: dims, Type: strings.ToLower(fmt.Sprint(t.DType()))}
			continue
		}
		tensors[name] = Tensor{dims, k.name, k.decode(t.Data())}
	}
	f := &File{Format: "safetensors", Sets: []Set{{Tensors: tensors}}}
	if _, header, err := safetensors.ReadMetadata(data); err == nil {
		f.Meta = header.Metadata()
		f.Arch = f.Meta["arch"]
	}
	return f, nil
}

// newType is what the library's error says of types that came after it, such as 8-bit floats.
var newType = regexp.MustCompile(`tensor "(.*)": invalid DType string value "(\w+)"`)

var safetensorsKinds = map[safetensors.DType]kind{
	safetensors.F32:  float32s,
	safetensors.F64:  float64s,
	safetensors.F16:  float16s,
	safetensors.BF16: bfloat16s,
	safetensors.I64:  int64s,
	safetensors.I32:  int32s,
	safetensors.I16:  int16s,
	safetensors.I8:   int8s,
	safetensors.U8:   bytes8,
	safetensors.BOOL: bools,
}
