package npz

import (
	"archive/zip"
	"bufio"
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
		w := bufio.NewWriter(member)
		if err := a.write(w); err != nil {
			return fmt.Errorf("array %s: %w", a.Name, err)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return z.Close()
}

// headerSize is the multiple of bytes that numbers begin at, as in NumPy.
const headerSize = 64

// write writes the header and the values of an array. Errors of w are kept by it until Flush.
func (a Values) write(w *bufio.Writer) error {
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
	w.WriteString("\x93NUMPY\x01\x00")
	w.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(text))))
	w.WriteString(text)
	for i := range n {
		put(w, i)
	}
	return nil
}

// encoding returns NumPy's type, the number of values, and how to write one of them.
func (a Values) encoding() (descr string, n int, put func(w *bufio.Writer, i int)) {
	le := binary.LittleEndian
	var buf [8]byte
	word := func(bits func(i int) uint64) func(w *bufio.Writer, i int) {
		return func(w *bufio.Writer, i int) { w.Write(le.AppendUint64(buf[:0], bits(i))) }
	}
	switch v := a.Values.(type) {
	case []int:
		return "<i8", len(v), word(func(i int) uint64 { return uint64(v[i]) })
	case []uint64:
		return "<u8", len(v), word(func(i int) uint64 { return v[i] })
	case []float64:
		return "<f8", len(v), word(func(i int) uint64 { return math.Float64bits(v[i]) })
	case []float32:
		return "<f4", len(v), func(w *bufio.Writer, i int) { w.Write(le.AppendUint32(buf[:0], math.Float32bits(v[i]))) }
	case []uint8:
		return "|u1", len(v), func(w *bufio.Writer, i int) { w.WriteByte(v[i]) }
	case []bool:
		return "|b1", len(v), func(w *bufio.Writer, i int) {
			b := byte(0)
			if v[i] {
				b = 1
			}
			w.WriteByte(b)
		}
	case []string:
		return textEncoding(v)
	}
	return "", 0, nil
}

// textEncoding writes strings as UTF-32, padded with zeros to the longest.
func textEncoding(list []string) (descr string, n int, put func(w *bufio.Writer, i int)) {
	longest := 1
	for _, s := range list {
		longest = max(longest, utf8.RuneCountInString(s))
	}
	return fmt.Sprintf("<U%d", longest), len(list), func(w *bufio.Writer, i int) {
		left := longest
		for _, r := range list[i] {
			w.Write(binary.LittleEndian.AppendUint32(nil, uint32(r)))
			left--
		}
		for range left {
			w.Write(make([]byte, 4))
		}
	}
}
