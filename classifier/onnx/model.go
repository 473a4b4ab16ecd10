package onnx

// model is the part of an ONNX file that a network needs.
type model struct {
	opset     int // version of ONNX's own operator set; 0 if the file states none
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

// at describes a node to the user, by its name or by what it computes.
func (n *node) at() string {
	if n.name != "" {
		return n.op + " " + n.name
	}
	if len(n.out) > 0 {
		return n.op + " that computes " + n.out[0]
	}
	return n.op
}

// attribute is an attribute of a node, as the file states it.
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

// elementType is ONNX's code for the type of a tensor's elements (TensorProto.DataType).
type elementType int

// The element types that are read, or that have messages of their own.
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

// typeNames has the names of types that occur in files; messages give others by number.
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

// width returns the number of bytes of an element; 0 for types that are not read.
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

// kind returns the kind of the elements in a plan: numbers that the network computes with, whole numbers, or truth
// values.
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

// size returns the number of elements; parsing has checked that it fits into an int.
func (t *tensor) size() int { return product(t.dims) }

func product(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}
