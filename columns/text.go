package columns

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
)

// writeCSV writes RFC 4180 with a header line and the shortest decimals that give the same numbers again.
func writeCSV(to io.Writer, t Table) error {
	w := csv.NewWriter(to)
	var head []string
	for _, c := range t.Columns {
		head = append(head, c.flatNames()...)
	}
	if err := w.Write(head); err != nil {
		return err
	}
	line := make([]string, 0, len(head))
	for row := range t.Rows() {
		line = line[:0]
		for _, c := range t.Columns {
			for i := range c.size() {
				line = append(line, text(c.at(row*c.size()+i)))
			}
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// text formats a value for CSV: True and False as Python writes them.
func text(value any) string {
	switch v := value.(type) {
	case float32:
		return decimal(float64(v), 32)
	case float64:
		return decimal(v, 64)
	case bool:
		if v {
			return "True"
		}
		return "False"
	}
	return fmt.Sprint(value)
}

// decimal returns the shortest decimal that a number of some bits is read from.
func decimal(x float64, bits int) string {
	switch {
	case math.IsInf(x, 1):
		return "inf"
	case math.IsInf(x, -1):
		return "-inf"
	}
	return strconv.FormatFloat(x, 'g', -1, bits)
}

// writeJSON writes one object: the columns by name.
func writeJSON(to io.Writer, t Table) error {
	w := pieces{to: to}
	for i, c := range t.Columns {
		begin := ",\n"
		if i == 0 {
			begin = "{"
		}
		w.add(begin + encoded(c.Name) + ": [")
		for row := range c.rows() {
			if row > 0 {
				w.add(", ")
			}
			w.add(c.cell(row))
		}
		w.add("]")
	}
	w.add("}\n")
	return w.flush()
}

// writeLines writes one object per row.
func writeLines(to io.Writer, t Table) error {
	w := pieces{to: to}
	for row := range t.Rows() {
		for i, c := range t.Columns {
			begin := ", "
			if i == 0 {
				begin = "{"
			}
			w.add(begin + encoded(c.Name) + ": " + c.cell(row))
		}
		w.add("}\n")
	}
	return w.flush()
}

// pieces writes text in large pieces and keeps the first error.
type pieces struct {
	to  io.Writer
	b   []byte
	err error
}

// pieceSize is the number of bytes from which a piece is written.
const pieceSize = 1 << 16

func (p *pieces) add(text string) {
	if p.b = append(p.b, text...); len(p.b) >= pieceSize {
		p.err = p.flush()
	}
}

// flush writes what is left and returns the first error.
func (p *pieces) flush() error {
	if p.err == nil {
		_, p.err = p.to.Write(p.b)
	}
	p.b = p.b[:0]
	return p.err
}

// cell returns a cell as JSON: a value, or nested lists of its shape.
func (c Column) cell(row int) string {
	return string(c.nested(nil, row*c.size(), c.Shape))
}

func (c Column) nested(b []byte, at int, shape []int) []byte {
	if len(shape) == 0 {
		return append(b, encoded(c.at(at))...)
	}
	size := Column{Shape: shape[1:]}.size()
	b = append(b, '[')
	for i := range shape[0] {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = c.nested(b, at+i*size, shape[1:])
	}
	return append(b, ']')
}

// encoded returns a value as JSON. Invalid UTF-8 becomes U+FFFD.
func encoded(value any) string {
	x, ok := value.(float64)
	if y, short := value.(float32); short {
		x, ok = float64(y), true
	}
	if ok {
		switch {
		case math.IsNaN(x):
			return "null"
		case math.IsInf(x, 1):
			return `"Infinity"`
		case math.IsInf(x, -1):
			return `"-Infinity"`
		}
	}
	data, err := json.Marshal(value)
	if err != nil { // no value of a column has none
		return "null"
	}
	return string(data)
}
