package onnx

// model is an ONNX file as far as a network needs it.
type model struct {
	opset     int // of ONNX's own domain; 0 if the file names none
	nodes     []*node
	inits     []*tensor
	inputs    []port
	outputs   []port
	meta      map[string]string
	functions []string // names of functions that the file defines

	byName map[string]*tensor // made by init
}

// node is one operation.
type node struct {
	name, op, domain string
	in, out          []string // names of values; an empty name is an input left out
	attrs            map[string]attribute
}

// at describes the node's position to a user.
func (n *node) at() string {
	if n.name != "" {
		return n.op + " " + n.name
	}
	if len(n.out) > 0 {
		return n.op + " that computes " + n.out[0]
	}
	return n.op
}

// attribute is a parameter of a node that the file states.
type attribute struct {
	f      float64
	i      int64
	s      string
	t      *tensor
	ints   []int64
	floats []float64
	graph  bool // it holds a graph
}

// port is an input or output of the network. A dimension of -1 is not fixed.
type port struct {
	name string
	typ  elementType
	dims []int
}

// elementType is ONNX's number for the type of a tensor's elements (TensorProto.DataType).
type elementType int

// The element types that have a meaning here.
const (
	typeFloat    elementType = 1
	typeUint8    elementType = 2
	typeInt8     elementType = 3
	typeInt32    elementType = 6
	typeInt64    elementType = 7
	typeBool     elementType = 9
	typeFloat16  elementType = 10
	typeDouble   elementType = 11
	typeBfloat16 elementType = 16
)

// typeNames name the types that files have been seen with; others are given by number.
var typeNames = map[elementType]string{
	typeFloat:    "float32",
	typeUint8:    "uint8",
	typeInt8:     "int8",
	4:            "uint16",
	5:            "int16",
	typeInt32:    "int32",
	typeInt64:    "int64",
	8:            "string",
	typeBool:     "bool",
	typeFloat16:  "float16",
	typeDouble:   "float64",
	12:           "uint32",
	13:           "uint64",
	14:           "complex64",
	15:           "complex128",
	typeBfloat16: "bfloat16",
}

// width is the number of bytes of an element; 0 for types that are not read.
func (t elementType) width() int {
	switch t {
	case typeFloat, typeInt32:
		return 4
	case typeInt64, typeDouble:
		return 8
	case typeUint8, typeInt8, typeBool:
		return 1
	}
	return 0
}

// kind is what the elements are for the network: numbers that it computes with, whole numbers, or truth values.
func (t elementType) kind() kind {
	switch t {
	case typeFloat, typeDouble:
		return float32s
	case typeBool:
		return truth
	}
	return whole
}

// tensor is a constant or an initial value of the file. data holds its elements, little-endian, row-major; nil in the
// graph of a checkpoint, where the values of weights are elsewhere.
type tensor struct {
	name     string
	dims     []int
	typ      elementType
	data     []byte
	external bool // its data is in another file
}

// size is the number of elements; parsing has checked that it is an int.
func (t *tensor) size() int { return product(t.dims) }

func product(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}
