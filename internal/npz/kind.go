package npz

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// kind is a type of values.
type kind struct {
	letter byte // 'b' truth value, 'i' signed, 'u' unsigned, 'f' floating-point, 'S' bytes, 'U' UTF-32
	width  int  // bytes of a value
	order  binary.ByteOrder
}

// maxText bounds the characters of one string.
const maxText = 1 << 16

// parseKind reads a type as NumPy writes it, such as "<f4".
func parseKind(descr string) (kind, bool) {
	if len(descr) < 3 {
		return kind{}, false
	}
	k := kind{letter: descr[1], order: binary.LittleEndian}
	switch descr[0] {
	case '<', '|', '=':
	case '>':
		k.order = binary.BigEndian
	default:
		return kind{}, false
	}
	n, err := strconv.Atoi(descr[2:])
	if err != nil || n < 1 || n > maxText {
		return kind{}, false
	}
	k.width = n
	switch k.letter {
	case 'S', 'a':
		k.letter = 'S'
		return k, true
	case 'U':
		k.width = 4 * n
		return k, true
	}
	widths, ok := map[byte][]int{'b': {1}, 'i': {1, 2, 4, 8}, 'u': {1, 2, 4, 8}, 'f': {2, 4, 8}}[k.letter]
	for _, w := range widths {
		if w == n {
			return k, ok
		}
	}
	return kind{}, false
}

// String names the type as NumPy prints it, such as "float32".
func (k kind) String() string {
	names := map[byte]string{'b': "bool", 'i': "int", 'u': "uint", 'f': "float", 'S': "bytes", 'U': "str"}
	if k.letter == 'b' || k.text() {
		return names[k.letter]
	}
	return names[k.letter] + strconv.Itoa(8*k.width)
}

func (k kind) text() bool { return k.letter == 'S' || k.letter == 'U' }

// decode appends the numbers in b.
func (k kind) decode(to []float64, b []byte) []float64 {
	for ; len(b) > 0; b = b[k.width:] {
		to = append(to, k.number(b))
	}
	return to
}

func (k kind) number(b []byte) float64 {
	var word uint64
	switch k.width {
	case 1:
		word = uint64(b[0])
	case 2:
		word = uint64(k.order.Uint16(b))
	case 4:
		word = uint64(k.order.Uint32(b))
	default:
		word = k.order.Uint64(b)
	}
	switch k.letter {
	case 'b':
		return float64(min(word, 1))
	case 'u':
		return float64(word)
	case 'i':
		unused := 64 - 8*k.width
		return float64(int64(word<<unused) >> unused)
	}
	switch k.width {
	case 2:
		return half(uint16(word))
	case 4:
		return float64(math.Float32frombits(uint32(word)))
	}
	return math.Float64frombits(word)
}

// half is the value of IEEE 754 binary16.
func half(b uint16) float64 {
	sign, exponent, fraction := 1.0, int(b>>10&31), float64(b&1023)
	if b>>15 == 1 {
		sign = -1
	}
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction > 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// decodeText reads one string. Bytes that are not UTF-8 stay as they are, so that different strings stay different.
func (k kind) decodeText(b []byte) string {
	if k.letter == 'S' {
		return strings.TrimRight(string(b), "\x00")
	}
	var text strings.Builder
	for ; len(b) > 0; b = b[4:] {
		text.WriteRune(rune(k.order.Uint32(b))) // what is not a character becomes U+FFFD
	}
	return strings.TrimRight(text.String(), "\x00")
}
