package certify

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"smoothlab/internal/lfs"
)

// parsedLog holds the contents of a log's lines.
type parsedLog struct {
	rows    []Row
	lines   []int    // line number of each row
	printed []string // three-digit radius of each row
	full    bool     // whether it has the columns that this program adds
	own     bool     // whether its header is one of this program's, so that lines of this program may follow
	rungs   bool     // whether it has the columns of rungs
	size    int64    // bytes of its complete lines; the rest is a torn line
}

const (
	maxLine   = 64 << 10
	maxRadius = 1e9 // of pixels in [0,1]; keeps absurd values out of sums and plots
)

// parser reads one log; name is its name in errors.
type parser struct {
	name    string
	line    int
	columns map[string]int
	lineOf  map[int]int // line on which an index was seen
	log     parsedLog
}

// parseLog reads a log of this program or a published one. It finds columns by the names in the header (in the
// published order if there is none) and ignores others. Separators are tabs, or semicolons or commas if there is no
// tab, or blanks if there is none of them. A byte order mark in front is skipped. In a log of this program an
// unterminated last line is torn and is left out.
func parseLog(name string, r io.Reader) (parsedLog, error) {
	p := &parser{name: name, lineOf: map[int]int{}}
	br := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := br.ReadSlice('\n')
		p.line++
		if p.line == 1 {
			if err := foreign(line); err != nil {
				return parsedLog{}, fmt.Errorf("%s: %w", name, err)
			}
		}
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			return parsedLog{}, p.errorf("the gzip file is cut short, or is followed by something else: copy it again")
		case strings.Contains(strings.TrimRight(string(line), " \r\n"), "\r"):
			return parsedLog{}, p.errorf("the line has carriage returns in it: end lines with line feeds")
		case errors.Is(err, bufio.ErrBufferFull):
			return parsedLog{}, p.errorf("the line is longer than %d bytes; this is not a certification log", maxLine)
		case err != nil && !errors.Is(err, io.EOF):
			return parsedLog{}, p.errorf("%w", err)
		}
		last := errors.Is(err, io.EOF)
		if last && (len(line) == 0 || p.log.full || p.columns == nil && beginsHeader(string(line))) {
			return p.log, nil
		}
		text := string(line)
		if p.line == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		if perr := p.take(strings.Trim(text, " \r\n")); perr != nil {
			return parsedLog{}, perr
		}
		p.log.size += int64(len(line))
		if last {
			return p.log, nil
		}
	}
}

// foreign returns why a file that begins with this line is not text.
func foreign(line []byte) error {
	begins := func(with string) bool { return bytes.HasPrefix(line, []byte(with)) }
	switch {
	case lfs.Is(line):
		return lfs.ErrPointer
	case begins("PK\x03\x04"):
		return errors.New("it is a zip archive or a spreadsheet: unpack it, or save it as text separated by tabs or commas")
	case begins("BZh"), begins("\xfd7zXZ"), begins("\x28\xb5\x2f\xfd"), begins("\x1f\x8b"):
		return errors.New("it is packed: unpack it; only .gz is read as it is, packed once")
	case begins("\xff\xfe"), begins("\xfe\xff"), bytes.IndexByte(line, 0) >= 0:
		return errors.New("it is not UTF-8 text, but UTF-16 or no text at all: save it as UTF-8")
	case !utf8.Valid(line):
		return errors.New("it is not UTF-8 text: save it as UTF-8")
	}
	return nil
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", p.name, p.line, fmt.Errorf(format, args...))
}

func (p *parser) take(line string) error {
	if strings.TrimSpace(line) == "" {
		return nil
	}
	fields := splitLine(line)
	if p.columns == nil {
		written := func(k ProcedureKind) bool { return header(k.empty) == line+"\n" }
		p.log.own = slices.ContainsFunc(Procedures(), written)
		header, err := p.takeHeader(fields)
		if header || err != nil {
			return err
		}
	}
	row, err := p.row(fields)
	if err != nil {
		return err
	}
	if before, seen := p.lineOf[row.Index]; seen {
		return p.errorf("image %d is already on line %d", row.Index, before)
	}
	p.lineOf[row.Index] = p.line
	p.log.rows, p.log.lines = append(p.log.rows, row), append(p.log.lines, p.line)
	p.log.printed = append(p.log.printed, strings.TrimSpace(fields[p.columns["radius"]]))
	return nil
}

// takeHeader reads the columns from the first line, and reports whether that was a header.
func (p *parser) takeHeader(fields []string) (header bool, err error) {
	p.columns = map[string]int{}
	if _, err := strconv.Atoi(strings.TrimSpace(fields[0])); err == nil {
		for i, name := range publishedColumns {
			p.columns[name] = i
		}
		return false, nil
	}
	for i, name := range fields {
		name = strings.ToLower(strings.TrimSpace(name))
		if at, twice := p.columns[name]; twice && name != "" {
			return false, p.errorf("the columns %d and %d are both named %s: remove one", at+1, i+1, name)
		}
		p.columns[name] = i
	}
	for _, name := range publishedColumns[:5] { // the time may be missing
		if _, found := p.columns[name]; !found {
			return false, p.errorf(
				"expected a header with the columns %s, but %q is missing; this is not a certification log",
				strings.Join(publishedColumns[:5], " "),
				name,
			)
		}
	}
	p.log.full = p.has(addedColumns)
	p.log.rungs = p.log.full && p.has(rungColumns)
	return true, nil
}

// has reports whether the log has all of the columns.
func (p *parser) has(columns []string) bool {
	return !slices.ContainsFunc(columns, func(name string) bool {
		_, found := p.columns[name]
		return !found
	})
}

// fits reports whether the log has the columns of a procedure, and of no other.
func (l parsedLog) fits(p Procedure) bool {
	var own []string
	if l.rungs {
		own = rungColumns
	}
	return slices.Equal(own, p.columns())
}

// beginsHeader reports whether a torn first line may be the beginning of this program's header.
func beginsHeader(line string) bool {
	begins := func(k ProcedureKind) bool { return strings.HasPrefix(header(k.empty), line) }
	return slices.ContainsFunc(Procedures(), begins)
}

// splitLine splits a line at tabs, at semicolons, at commas, or at blanks.
func splitLine(line string) []string {
	switch {
	case strings.Contains(line, "\t") && !strings.Contains(line, `"`):
		return strings.Split(line, "\t")
	case strings.Contains(line, "\t"):
		if fields := splitQuoted(line, '\t'); fields != nil {
			return fields
		}
		return strings.Split(line, "\t")
	}
	for _, separator := range ";," {
		if strings.ContainsRune(line, separator) {
			if fields := splitQuoted(line, separator); len(fields) >= len(publishedColumns)-1 {
				return fields
			}
		}
	}
	return strings.Fields(line)
}

// splitQuoted splits a line whose fields may be quoted, such as a time of "1 day, 2:03:04"; it returns nil if the
// quotes do not match.
func splitQuoted(line string, separator rune) []string {
	r := csv.NewReader(strings.NewReader(line))
	r.Comma, r.TrimLeadingSpace = separator, separator != '\t'
	fields, err := r.Read()
	if err != nil {
		return nil
	}
	return fields
}

// row reads one line and returns an error for the first wrong field.
func (p *parser) row(fields []string) (Row, error) {
	f := fieldReader{p: p, fields: fields}
	r := Row{
		Index:     f.integer("idx", 0, math.MaxInt32),
		Label:     f.integer("label", 0, math.MaxInt32),
		Predicted: f.integer("predict", Abstain, math.MaxInt32),
		Radius:    f.number("radius", maxRadius),
		Correct:   f.boolean("correct"),
		Time:      f.duration("time"),
	}
	if p.log.full {
		r.Radius = f.number("radius_full", maxRadius)
		r.Used = f.integer("used", 0, math.MaxInt)
		r.Votes = f.integer("votes", 0, r.Used)
		r.PLower = f.number("p_lower", 1)
	}
	if p.log.rungs {
		r.Rungs, r.Ended = f.rungs(), f.ended()
	}
	if f.err == nil && r.Correct != (r.Predicted == r.Label) {
		return Row{}, p.errorf(
			"correct is %t, but the label is %d and the prediction %d",
			r.Correct,
			r.Label,
			r.Predicted,
		)
	}
	return r, f.err
}

// fieldReader reads named fields of a line and keeps the first error.
type fieldReader struct {
	p      *parser
	fields []string
	err    error
}

func (f *fieldReader) text(column string) string {
	i := f.p.columns[column]
	if i < len(f.fields) {
		return strings.TrimSpace(f.fields[i])
	}
	if f.err == nil {
		f.err = f.p.errorf("the line has %d fields, and %s should be field %d", len(f.fields), column, i+1)
	}
	return ""
}

func (f *fieldReader) integer(column string, low, high int) int {
	s := f.text(column)
	x, err := strconv.Atoi(strings.TrimSuffix(s, ".0")) // other programs write ".0" after whole numbers
	if (err != nil || x < low || x > high) && f.err == nil {
		f.err = f.p.errorf("%s is %.60q, expected an integer from %d to %d", column, s, low, high)
	}
	return x
}

// boolean reads 0 or 1, or a truth value as Python and Go print it.
func (f *fieldReader) boolean(column string) bool {
	switch s := f.text(column); s {
	case "1", "True", "true", "1.0":
		return true
	case "0", "False", "false", "0.0":
	default:
		if f.err == nil {
			f.err = f.p.errorf("%s is %.60q, expected 0 or 1", column, s)
		}
	}
	return false
}

func (f *fieldReader) number(column string, high float64) float64 {
	s := f.text(column)
	x, err := strconv.ParseFloat(s, 64)
	if (err != nil || !(x >= 0 && x <= high)) && f.err == nil {
		f.err = f.p.errorf("%s is %.60q, expected a number from 0 to %v", column, s, high)
	}
	return x
}

// rungs reads a list of counts, or noRungs.
func (f *fieldReader) rungs() string {
	s := f.text("rungs")
	if s == noRungs {
		return ""
	}
	on, err := readCounts(s)
	if err != nil && f.err == nil {
		f.err = f.p.errorf("rungs: %w", err)
	}
	return joined(on)
}

func (f *fieldReader) ended() Ending {
	s := Ending(f.text("ended"))
	if !slices.Contains(endings[:], s) && f.err == nil {
		f.err = f.p.errorf("ended is %.60q, expected one of %q", s, endings)
	}
	return s
}

func (f *fieldReader) duration(column string) time.Duration {
	if _, found := f.p.columns[column]; !found {
		return 0
	}
	s := f.text(column)
	d, err := parseTime(s)
	if err != nil && f.err == nil {
		f.err = f.p.errorf("%w", err)
	}
	return d
}
