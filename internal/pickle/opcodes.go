package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxArgument bounds one text, number or array inside a pickle.
const maxArgument = 1 << 30

// maxOpcodes bounds the steps of the interpreter, which keeps about 50 bytes for each.
const maxOpcodes = 4 << 20

// argument is what follows an opcode: a number of bytes, lines, or a length that takes some bytes and then that many
// more.
type argument struct{ bytes, lines, length int }

// opcodes returns pickletools.opcodes of Python 3.13, sorted by their arguments.
func opcodes() map[byte]argument {
	table := map[byte]argument{}
	add := func(a argument, codes string) {
		for i := range len(codes) {
			table[codes[i]] = a
		}
	}
	add(argument{}, "(.012NQRabd}elost)u]\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98")
	add(argument{lines: 1}, "FILPSVgp")
	add(argument{lines: 2}, "ci")
	add(argument{bytes: 1}, "Khq\x80\x82")
	add(argument{bytes: 2}, "M\x83")
	add(argument{bytes: 4}, "Jjr\x84")
	add(argument{bytes: 8}, "G")
	add(argument{length: 1}, "UC\x8a\x8c")
	add(argument{length: 4}, "TXB\x8b")
	add(argument{length: 8}, "\x8d\x8e\x96")
	return table
}

// frame is the opcode of a frame; its contents are opcodes.
const frame = 0x95

// checkLengths scans a pickle of at most limit bytes, up to its end, before the interpreter runs, which would allocate
// whatever length an opcode declares. It restores the position of the reader.
func checkLengths(r *bytes.Reader, limit int64) error {
	begin := r.Size() - int64(r.Len())
	defer r.Seek(begin, io.SeekStart)
	table := opcodes()
	for steps := 0; ; steps++ {
		if steps > maxOpcodes {
			return fmt.Errorf("its pickle is longer than %d steps", maxOpcodes)
		}
		if r.Size()-int64(r.Len())-begin > limit {
			return fmt.Errorf("its pickle is longer than %d bytes", limit)
		}
		code, err := r.ReadByte()
		if err != nil {
			return errors.New("its pickle is cut short")
		}
		a, ok := table[code]
		switch {
		case code == '.':
			return nil
		case code == frame:
			if n, err := length(r, 8); err != nil || n > uint64(r.Len()) {
				return errors.New("its pickle is cut short")
			}
		case !ok:
			return fmt.Errorf("its pickle is damaged: there is no opcode %#x", code)
		default:
			if err := a.skip(r); err != nil {
				return err
			}
		}
	}
}

// skip moves past an argument.
func (a argument) skip(r *bytes.Reader) error {
	n := uint64(a.bytes)
	if a.length > 0 {
		var err error
		if n, err = length(r, a.length); err != nil {
			return errors.New("its pickle is cut short")
		}
	}
	switch {
	case n > maxArgument:
		return fmt.Errorf("its pickle is damaged: it declares a text of %d bytes", n)
	case n > uint64(r.Len()):
		return errors.New("its pickle is cut short")
	}
	r.Seek(int64(n), io.SeekCurrent)
	for range a.lines {
		for k := 0; ; k++ {
			b, err := r.ReadByte()
			if err != nil || k > maxArgument {
				return errors.New("its pickle is cut short")
			}
			if b == '\n' {
				break
			}
		}
	}
	return nil
}

// length reads a little-endian number of the given number of bytes.
func length(r *bytes.Reader, bytes int) (uint64, error) {
	var b [8]byte
	_, err := io.ReadFull(r, b[:bytes])
	return binary.LittleEndian.Uint64(b[:]), err
}
