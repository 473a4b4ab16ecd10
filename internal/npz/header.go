package npz

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxHeader bounds a header; NumPy itself refuses more than 10,000 bytes.
const maxHeader = 1 << 16

// maxAxes is NumPy's own bound, NPY_MAXDIMS.
const maxAxes = 64

// header is what precedes the numbers of an array (numpy.lib.format).
type header struct {
	descr   string // "" for a record
	fortran bool
	shape   []int
	size    int64 // bytes before the numbers
}

// holds describes the values of an unreadable type.
func (h *header) holds() string {
	switch {
	case h.descr == "":
		return "records"
	case strings.HasSuffix(h.descr, "O"):
		return "Python objects"
	}
	return fmt.Sprintf("values of type %q", h.descr)
}

var errHeader = errors.New("damaged: its header cannot be read")

// readHeader reads the magic bytes, the version, the length of the header, and the header.
func readHeader(r io.Reader) (*header, error) {
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return nil, damaged(err)
	}
	if string(start[:6]) != "\x93NUMPY" || start[6] < 1 || start[6] > 3 {
		return nil, errors.New("damaged: it does not begin as an array of NumPy does")
	}
	length := make([]byte, 2)
	if start[6] > 1 {
		length = make([]byte, 4)
	}
	if _, err := io.ReadFull(r, length); err != nil {
		return nil, damaged(err)
	}
	n := uint32(binary.LittleEndian.Uint16(length))
	if len(length) == 4 {
		n = binary.LittleEndian.Uint32(length)
	}
	if n > maxHeader {
		return nil, fmt.Errorf("damaged: its header has %d bytes, expected at most %d", n, maxHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, damaged(err)
	}
	h, err := parseHeader(string(text))
	if err != nil {
		return nil, err
	}
	h.size = int64(len(start) + len(length) + len(text))
	return h, nil
}

// parseHeader reads a dict with the keys descr, fortran_order and shape, as NumPy prints it.
func parseHeader(text string) (*header, error) {
	p := &literal{strings.TrimSpace(text)}
	h, seen := &header{}, map[string]bool{}
	if !p.take("{") {
		return nil, errHeader
	}
	for !p.take("}") {
		key, ok := p.quoted()
		if !ok || !p.take(":") || seen[key] {
			return nil, errHeader
		}
		seen[key] = true
		switch key {
		case "descr":
			if h.descr, ok = p.quoted(); !ok {
				return &header{}, nil // a list of fields; its shape is not needed
			}
		case "fortran_order":
			h.fortran = p.take("True")
			if !h.fortran && !p.take("False") {
				return nil, errHeader
			}
		case "shape":
			if h.shape, ok = p.tuple(); !ok {
				return nil, errHeader
			}
		default:
			return nil, errHeader
		}
		if !p.take(",") && !strings.HasPrefix(p.rest, "}") {
			return nil, errHeader
		}
	}
	if p.rest != "" || !seen["descr"] || !seen["fortran_order"] || !seen["shape"] {
		return nil, errHeader
	}
	return h, nil
}

// literal reads the Python literals of a header.
type literal struct{ rest string }

// take moves past a token and the spaces after it.
func (p *literal) take(token string) bool {
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = strings.TrimLeft(rest, " \t\r\n")
	}
	return ok
}

// quoted reads a string without escapes.
func (p *literal) quoted() (string, bool) {
	for _, mark := range []string{"'", `"`} {
		if rest, ok := strings.CutPrefix(p.rest, mark); ok {
			text, rest, ok := strings.Cut(rest, mark)
			if !ok || strings.Contains(text, `\`) {
				return "", false
			}
			p.rest = rest
			return text, p.take("")
		}
	}
	return "", false
}

// tuple reads whole numbers, which Python 2 ended with an L.
func (p *literal) tuple() ([]int, bool) {
	if !p.take("(") {
		return nil, false
	}
	numbers := []int{}
	for !p.take(")") {
		end := strings.IndexFunc(p.rest, func(r rune) bool { return r < '0' || r > '9' })
		if end < 1 || len(numbers) == maxAxes {
			return nil, false
		}
		n, err := strconv.Atoi(p.rest[:end])
		if err != nil {
			return nil, false
		}
		numbers = append(numbers, n)
		p.rest = p.rest[end:]
		p.take("L")
		p.take("")
		if !p.take(",") && !strings.HasPrefix(p.rest, ")") {
			return nil, false
		}
	}
	return numbers, true
}
