// Package npz reads and writes the arrays of NumPy's .npz files. Nothing in a file is executed: arrays of Python
// objects are refused.
//
// [Open] reads the headers only, so that the caller can decide, from names, shapes and types, which arrays to read and
// whether there is memory for them. The numbers are then read in pieces ([Array.Each], [Array.Bytes]), without a second
// copy.
//
// Traps. Headers are checked against the length of the file: a shape that the archive's member cannot hold is an error
// of that array. Arrays in Fortran order are read in the order of the file, columns first; [RowMajor] transposes them.
//
// Entry points: [Open], [Read], and for writing [Write].
package npz

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// File is the directory of an .npz file, in the order of the archive.
type File struct{ Arrays []*Array }

// Array is one array, of which only the header was read.
type Array struct {
	Name    string
	Shape   []int
	Type    string // as NumPy writes it: "<f4", "|u1"
	Fortran bool   // whether the numbers are stored columns first
	Err     error  // why the numbers cannot be read; nil if they can

	kind   kind
	member *zip.File
	begin  int64 // offset of the numbers in the member
}

// Open reads the headers of an .npz file of size bytes.
func Open(r io.ReaderAt, size int64) (*File, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("not an .npz file: %w", err)
	}
	var f File
	for _, m := range z.File {
		name, isArray := strings.CutSuffix(m.Name, ".npy")
		if !isArray {
			continue
		}
		a := &Array{Name: name, member: m}
		if err := a.open(size); err != nil {
			a.Err = fmt.Errorf("array %s: %w", name, err)
		}
		if twin := f.Array(name); twin != nil {
			twin.Err = fmt.Errorf("array %s: the archive has it twice, and NumPy reads the last: save the file anew", name)
			continue
		}
		f.Arrays = append(f.Arrays, a)
	}
	return &f, nil
}

// Array returns the array of that name, nil if there is none.
func (f *File) Array(name string) *Array {
	for _, a := range f.Arrays {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// maxExpansion is the largest expansion by DEFLATE: 258 bytes from two bits.
const maxExpansion = 1032

// open reads the header and checks that the archive can hold what it declares. fileSize bounds the packed size.
func (a *Array) open(fileSize int64) error {
	m := a.member
	packed, unpacked := int64(m.CompressedSize64), int64(m.UncompressedSize64)
	largest := packed
	switch m.Method {
	case zip.Store:
	case zip.Deflate:
		if packed < math.MaxInt64/maxExpansion {
			largest = packed * maxExpansion
		}
	default:
		return fmt.Errorf("it is packed by method %d of zip, expected numpy.savez or numpy.savez_compressed", m.Method)
	}
	if packed < 0 || packed > fileSize || unpacked < 0 || unpacked > largest {
		return fmt.Errorf(
			"damaged: the archive declares %d bytes for it, in a file of %d",
			m.UncompressedSize64,
			fileSize,
		)
	}
	r, err := m.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	h, err := readHeader(r)
	if err != nil {
		return err
	}
	a.Shape, a.Type, a.Fortran, a.begin = h.shape, h.descr, h.fortran && len(h.shape) > 1, h.size
	var ok bool
	if a.kind, ok = parseKind(h.descr); !ok {
		return fmt.Errorf("it holds %s, not numbers", h.holds())
	}
	if n := Size(a.Shape); n < 0 || int64(n) > (unpacked-a.begin)/int64(a.kind.width) ||
		int64(n)*int64(a.kind.width) != unpacked-a.begin {
		return fmt.Errorf("damaged: %d bytes cannot be %v values of type %s", unpacked-a.begin, a.Shape, a.Type)
	}
	return nil
}

// Foreign reports whether the array is whole but holds neither numbers nor strings, such as Python's objects. Where it
// is not and Err is set, what the array holds is not known.
func (a *Array) Foreign() bool { return a.Err != nil && a.Type != "" && a.kind.width == 0 }

// Len returns the number of values.
func (a *Array) Len() int { return max(0, Size(a.Shape)) }

// Width returns the bytes of one value in the file.
func (a *Array) Width() int { return a.kind.width }

// Text reports whether the values are strings, to be read with [Array.Strings].
func (a *Array) Text() bool { return a.kind.text() }

// Floating reports whether the numbers are floating-point numbers.
func (a *Array) Floating() bool { return a.kind.letter == 'f' }

// Bool reports whether the values are truth values, which are read as 0 and 1.
func (a *Array) Bool() bool { return a.kind.letter == 'b' }

// Unsigned8 reports whether the numbers are bytes, which [Array.Bytes] returns unchanged.
func (a *Array) Unsigned8() bool { return a.kind.letter == 'u' && a.kind.width == 1 }

// piece is the approximate number of bytes read between two checks of the context; the longest string has the same
// size.
const piece = 1 << 18

// Bytes calls f with the bytes of the values, piece by piece, whole values each time; f must not keep them. It returns
// soon after ctx is done. The archive's checksum is compared at the end.
func (a *Array) Bytes(ctx context.Context, f func([]byte) error) error {
	if a.Err != nil {
		return a.Err
	}
	if err := a.bytes(ctx, f); err != nil {
		return fmt.Errorf("array %s: %w", a.Name, err)
	}
	return nil
}

func (a *Array) bytes(ctx context.Context, f func([]byte) error) error {
	r, err := a.member.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err := io.CopyN(io.Discard, r, a.begin); err != nil {
		return damaged(err)
	}
	left := int64(a.Len()) * int64(a.kind.width)
	buf := make([]byte, min(left, int64(piece-piece%a.kind.width)))
	for left > 0 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		b := buf[:min(left, int64(len(buf)))]
		if _, err := io.ReadFull(r, b); err != nil {
			return damaged(err)
		}
		if err := f(b); err != nil {
			return err
		}
		left -= int64(len(b))
	}
	var end [1]byte
	switch n, err := io.ReadFull(r, end[:]); { // the checksum is compared at the end
	case n > 0:
		return errors.New("damaged: it is longer than its shape")
	case !errors.Is(err, io.EOF):
		return damaged(err)
	}
	return nil
}

func damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("damaged: it is cut short")
	}
	return fmt.Errorf("damaged: %w", err)
}

// Each calls f with the numbers, piece by piece, in the order of the file; f must not keep them. Whole numbers beyond
// 2⁵³ are rounded, truth values are 0 and 1. It returns soon after ctx is done.
func (a *Array) Each(ctx context.Context, f func([]float64) error) error {
	if a.Err == nil && a.Text() {
		return fmt.Errorf("array %s: it holds strings, not numbers", a.Name)
	}
	var numbers []float64
	return a.Bytes(ctx, func(b []byte) error {
		numbers = a.kind.decode(numbers[:0], b)
		return f(numbers)
	})
}

// Strings reads an array of strings. Trailing zero characters are padding.
func (a *Array) Strings(ctx context.Context) ([]string, error) {
	if a.Err == nil && !a.Text() {
		return nil, fmt.Errorf("array %s: it holds numbers, not strings", a.Name)
	}
	var list []string
	err := a.Bytes(ctx, func(b []byte) error {
		for ; len(b) > 0; b = b[a.kind.width:] {
			list = append(list, a.kind.decodeText(b[:a.kind.width]))
		}
		return nil
	})
	return list, err
}

// Size returns the product of a shape, or −1 where that is not the size of an array in memory.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt32*64/d {
			return -1
		}
		n *= d
	}
	return n
}

// RowMajor converts values from columns first to rows first.
func RowMajor[T any](values []T, shape []int) []T {
	out := make([]T, len(values))
	at := make([]int, len(shape)) // index of the value in the file; the first index changes fastest
	strides := make([]int, len(shape))
	stride := 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = stride
		stride *= shape[i]
	}
	to := 0
	for _, v := range values {
		out[to] = v
		for i := range at {
			at[i]++
			to += strides[i]
			if at[i] < shape[i] {
				break
			}
			to -= at[i] * strides[i]
			at[i] = 0
		}
	}
	return out
}
