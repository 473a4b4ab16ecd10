package npz

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Values is an array to be written.
type Values struct {
	Name  string
	Shape []int
	// Values are in C order: []int, []uint64, []float64, []float32, []uint8, []bool or []string.
	Values any
}

// Write writes an .npz file as numpy.savez does, without compression. Equal arrays give equal bytes.
func Write(to io.Writer, arrays []Values) error {
	z := zip.NewWriter(to)
	for _, a := range arrays {
		member, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := a.write(member); err != nil {
			return fmt.Errorf("array %s: %w", a.Name, err)
		}
	}
	return z.Close()
}

// headerSize is the multiple of bytes that numbers begin at, as in NumPy.
const headerSize = 64

// write writes the header and the values of an array.
func (a Values) write(w io.Writer) error {
	descr, n, put := a.encoding()
	if descr == "" {
		return fmt.Errorf("values of type %T have no form in NumPy", a.Values)
	}
	if Size(a.Shape) != n {
		return fmt.Errorf("%d values for the shape %v", n, a.Shape)
	}
	shape := make([]string, len(a.Shape))
	for i, d := range a.Shape {
		shape[i] = fmt.Sprint(d)
	}
	axes := strings.Join(shape, ", ")
	if len(shape) == 1 {
		axes += ","
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, axes)
	const before = 10 // magic bytes, version, length
	pad := (headerSize - (before+len(text)+1)%headerSize) % headerSize
	text += strings.Repeat(" ", pad) + "\n"
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(text)))
	b = append(b, text...)
	for i := range n {
		if b = put(b, i); len(b) >= piece {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}

// encoding returns NumPy's type, the number of values, and how to append the bytes of one of them.
func (a Values) encoding() (descr string, n int, put func(b []byte, i int) []byte) {
	le := binary.LittleEndian
	switch v := a.Values.(type) {
	case []int:
		return "<i8", len(v), func(b []byte, i int) []byte { return le.AppendUint64(b, uint64(v[i])) }
	case []uint64:
		return "<u8", len(v), func(b []byte, i int) []byte { return le.AppendUint64(b, v[i]) }
	case []float64:
		return "<f8", len(v), func(b []byte, i int) []byte { return le.AppendUint64(b, math.Float64bits(v[i])) }
	case []float32:
		return "<f4", len(v), func(b []byte, i int) []byte { return le.AppendUint32(b, math.Float32bits(v[i])) }
	case []uint8:
		return "|u1", len(v), func(b []byte, i int) []byte { return append(b, v[i]) }
	case []bool:
		return "|b1", len(v), func(b []byte, i int) []byte {
			if v[i] {
				return append(b, 1)
			}
			return append(b, 0)
		}
	case []string:
		return textEncoding(v)
	}
	return "", 0, nil
}

// textEncoding encodes strings as UTF-32, padded with zeros to the longest.
func textEncoding(list []string) (descr string, n int, put func(b []byte, i int) []byte) {
	longest := 1
	for _, s := range list {
		longest = max(longest, utf8.RuneCountInString(s))
	}
	return fmt.Sprintf("<U%d", longest), len(list), func(b []byte, i int) []byte {
		end := len(b) + 4*longest
		for _, r := range list[i] {
			b = binary.LittleEndian.AppendUint32(b, uint32(r))
		}
		return append(b, make([]byte, end-len(b))...)
	}
}
