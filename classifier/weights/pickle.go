package weights

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"smoothlab/internal/pickle"

	"github.com/nlpodyssey/gopickle/types"
)

// storage holds the numbers that tensors are views of: their type and key, and the bytes once they are known.
type storage struct {
	key   string
	kind  kind
	count int
	data  []byte

	inline bool // the pickle itself held the data
}

// view is a tensor as a pickle describes it; strides count numbers.
type view struct {
	of             *storage
	offset         int
	shape, strides []int
}

// inert represents an object that a file may hold next to weights, and whose contents are ignored.
type inert struct{}

func (inert) PySetState(any) error             { return nil }
func (inert) PyDictSet(any, any) error         { return nil }
func (inert) Call(...interface{}) (any, error) { return inert{}, nil }
func (inert) Set(_, _ any)                     {}
func (inert) Append(any)                       {}
func (inert) Add(any)                          {}

// kinds are PyTorch's names of types.
var kinds = map[string]kind{
	"FloatStorage":    float32s,
	"DoubleStorage":   float64s,
	"HalfStorage":     float16s,
	"BFloat16Storage": bfloat16s,
	"LongStorage":     int64s,
	"IntStorage":      int32s,
	"ShortStorage":    int16s,
	"CharStorage":     int8s,
	"ByteStorage":     bytes8,
	"BoolStorage":     bools,
}

// known returns the value for a name that a file may use: the parts of tensors, and a few harmless companions of
// weights. Everything else is refused.
func known(module, name string) any {
	if k, ok := kinds[name]; ok && module == "torch" {
		return k
	}
	if c := numpyClass(module + "." + name); c != nil {
		return c
	}
	switch module + "." + name {
	case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor":
		return pickle.Class(rebuild)
	case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
		return pickle.Class(func(args []any) (any, error) {
			if len(args) == 0 {
				return nil, errors.New("a parameter without a tensor")
			}
			return args[0], nil
		})
	case "torch._tensor._rebuild_from_type_v2": // of a function, a subclass, its arguments, and attributes
		return pickle.Class(func(args []any) (any, error) {
			if len(args) < 3 {
				return nil, errors.New("a tensor of a subclass with too few arguments")
			}
			f, ok := args[0].(pickle.Class)
			t, ok2 := args[2].(*types.Tuple)
			if !ok || !ok2 {
				return nil, errors.New("a tensor of a subclass that cannot be read")
			}
			return f(*t)
		})
	case "collections.defaultdict":
		return pickle.Class(func([]any) (any, error) { return types.NewDict(), nil })
	}
	if slices.Contains(companions, module+"."+name) {
		return pickle.Class(func([]any) (any, error) { return inert{}, nil })
	}
	return nil
}

// companions lists names of objects that checkpoints often hold next to weights. Their contents are ignored.
var companions = []string{
	"argparse.Namespace",
	"torch.device",
	"torch.Size",
	"torch.Tensor",
	"torch.nn.parameter.Parameter",
	"torch.nn.parameter.Buffer",
	"torch.float32",
	"torch.float64",
	"torch.float16",
	"torch.bfloat16",
	"torch.int64",
	"numpy.core.multiarray.scalar",
	"numpy._core.multiarray.scalar",
	"numpy.float64",
	"numpy.float32",
	"numpy.int64",
	"__builtin__.set",
	"builtins.set",
	"collections.Counter",
	"pathlib.PosixPath",
	"pathlib.WindowsPath",
	"pathlib._local.PosixPath",
	"pathlib._local.WindowsPath",
	"datetime.datetime",
	"datetime.date",
	"datetime.timedelta",
	"types.SimpleNamespace",
	"pytorch_lightning.utilities.parsing.AttributeDict",
	"lightning_fabric.utilities.data.AttributeDict",
	"lightning.fabric.utilities.data.AttributeDict",
}

// rebuild implements torch._utils._rebuild_tensor_v2(storage, offset, size, stride, …).
func rebuild(args []any) (any, error) {
	if len(args) < 4 {
		return nil, errors.New("a tensor with too few arguments")
	}
	of, ok := args[0].(*storage)
	offset, ok2 := args[1].(int)
	shape, err := numbers(args[2])
	strides, err2 := numbers(args[3])
	if !ok || !ok2 || err != nil || err2 != nil || len(shape) != len(strides) {
		return nil, errors.New("a tensor whose shape cannot be read")
	}
	return &view{of: of, offset: offset, shape: shape, strides: strides}, nil
}

func numbers(v any) ([]int, error) {
	t, ok := v.(*types.Tuple)
	if !ok {
		return nil, errors.New("no tuple")
	}
	list := make([]int, 0, t.Len())
	for _, x := range *t {
		n, ok := x.(int)
		if !ok {
			return nil, errors.New("no number")
		}
		list = append(list, n)
	}
	return list, nil
}

// unpickle runs the interpreter on the next pickle of r. persistent returns a tensor's storage for its persistent id.
func unpickle(r *bytes.Reader, persistent func(id []any) (any, error)) (any, error) {
	return pickle.Load(r, pickle.Options{Find: known, Persistent: persistent, MaxBytes: maxPickle, Holds: "weights",
		Remedy: ". Save weights alone: torch.save(model.state_dict(), path)"})
}

// newStorage reads ("storage", type, key, location, count, …).
func newStorage(id []any, known map[string]*storage) (*storage, error) {
	if len(id) < 5 || id[0] != "storage" {
		return nil, errors.New("its pickle refers to something that is not a storage")
	}
	k, ok := id[1].(kind)
	key, ok2 := id[2].(string)
	count, ok3 := id[4].(int)
	if !ok || !ok2 || !ok3 || count < 0 || count > maxFile {
		return nil, errors.New("its pickle has a storage that cannot be read")
	}
	if len(id) > 5 && id[5] != nil {
		return nil, errors.New(
			"it was saved by a PyTorch older than 0.4, whose storages are views of others: save it again by a newer one",
		)
	}
	if s, ok := known[key]; ok {
		if s.count != count || s.kind.size != k.size {
			return nil, fmt.Errorf("its storage %q is described in two ways", key)
		}
		return s, nil
	}
	s := &storage{key: key, kind: k, count: count}
	known[key] = s
	return s, nil
}

// maxAxes is the largest number of axes of a PyTorch tensor (ATen/WrapDimUtilsMulti.h, dim_bitset_size).
const maxAxes = 64

// tensor copies the numbers of a view.
func (v *view) tensor() (Tensor, error) {
	if len(v.shape) > maxAxes {
		return Tensor{}, fmt.Errorf("it has %d axes, more than the %d of PyTorch", len(v.shape), maxAxes)
	}
	if slices.Contains(v.shape, 0) && slices.Min(v.shape) == 0 {
		return Tensor{Dims: slices.Clone(v.shape), Type: v.of.kind.name, Values: []float32{}}, nil
	}
	n, last, held := 1, v.offset, len(v.of.data)/v.of.kind.size
	wrong := fmt.Errorf("shape %v does not fit the %d numbers it was saved with", v.shape, held)
	for i, d := range v.shape {
		if d < 0 || v.strides[i] < 0 || d > 0 && n > held/d || d > 1 && v.strides[i] > held {
			return Tensor{}, wrong
		}
		n *= d
		last += max(0, d-1) * v.strides[i]
	}
	if v.offset < 0 || v.offset > held || n > 0 && last >= held {
		return Tensor{}, wrong
	}
	t := Tensor{Dims: slices.Clone(v.shape), Type: v.of.kind.name, Values: make([]float32, 0, n)}
	at := make([]int, len(v.shape))
	for range n {
		position := v.offset
		for i, k := range at {
			position += k * v.strides[i]
		}
		t.Values = append(t.Values, v.of.kind.number(v.of.data[position*v.of.kind.size:]))
		for i := len(at) - 1; i >= 0; i-- {
			if at[i]++; at[i] < v.shape[i] {
				break
			}
			at[i] = 0
		}
	}
	return t, nil
}
