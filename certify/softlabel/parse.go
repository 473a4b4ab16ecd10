package softlabel

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// magic begins the first line of a file; the settings follow as JSON.
const magic = "# smoothlab soft labels 1 "

// maxLine bounds a line: 65,536 classes of 6 characters, and settings with as many names.
const maxLine = 16 << 20

// columns precede the votes in a row.
var columns = [...]string{"index", "label", "digest"}

// IsFile reports whether text begins like a file of soft labels.
func IsFile(text []byte) bool { return strings.HasPrefix(string(text), magic) }

// head returns the two lines before the rows.
func (s Settings) head() (string, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	names := columns[:]
	for k := range s.Classes {
		names = append(names[:len(names):len(names)], strconv.Itoa(k))
	}
	return magic + string(data) + "\n" + strings.Join(names, "\t") + "\n", nil
}

// line returns the line of a row.
func (r Row) line() string {
	b := fmt.Appendf(nil, "%d\t%d\t%s", r.Index, r.Label, r.Digest)
	for _, n := range r.Votes {
		b = strconv.AppendInt(append(b, '\t'), int64(n), 10)
	}
	return string(append(b, '\n'))
}

// errNotLabels is the error for a file of another kind.
var errNotLabels = errors.New("it is not a file of soft labels: name another file")

// parse reads labels, and the number of bytes of complete lines: a torn last line is left out.
func parse(from io.Reader) (l *Labels, size int64, err error) {
	lines := bufio.NewReader(from)
	number := 0
	next := func() (string, error) {
		line, err := readLine(lines)
		if err == nil {
			size += int64(len(line)) + 1
			number++
		}
		return line, err
	}
	first, err := next()
	if err != nil || !strings.HasPrefix(first, magic) {
		return nil, 0, firstError(err)
	}
	l = &Labels{}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(first, magic)), &l.Settings); err != nil {
		return nil, 0, fmt.Errorf("its settings cannot be read: %w", err)
	}
	if err := l.Settings.check(); err != nil {
		return nil, 0, err
	}
	head, err := l.head()
	if err != nil {
		return nil, 0, err
	}
	names, err := next()
	if err != nil || !strings.HasSuffix(head, "\n"+names+"\n") {
		return nil, 0, errors.Join(errors.New("its second line does not name the columns of its classes"), notEnd(err))
	}
	for {
		line, err := next()
		switch {
		case errors.Is(err, io.EOF):
			return l, size, nil
		case err != nil:
			return nil, 0, err
		}
		row, err := parseRow(line, l.Classes)
		if err == nil {
			err = l.checkNext(row)
		}
		if err != nil {
			return nil, 0, fmt.Errorf("line %d: %w", number, err)
		}
		l.Rows = append(l.Rows, row)
	}
}

// firstError returns the error for a file without the first line.
func firstError(err error) error {
	if notEnd(err) != nil {
		return err
	}
	return errNotLabels
}

// notEnd returns an error other than the end of the file.
func notEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// readLine reads a complete line, without its end; io.EOF if there is none.
func readLine(from *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := from.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return string(line[:len(line)-1]), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", err
		case len(line) > maxLine:
			return "", errNotLabels
		}
	}
}

// check returns an error if the settings are impossible.
func (s Settings) check() error {
	switch {
	case s.Classes < 2 || s.Classes > 1<<16 || len(s.ClassNames) > 0 && len(s.ClassNames) != s.Classes:
		return fmt.Errorf("its settings have %d classes with %d names", s.Classes, len(s.ClassNames))
	case s.Votes < 1 || s.Votes > MaxVotes || s.Images < 1 || !(s.Sigma > 0):
		return fmt.Errorf("its settings have %d votes on %d images at sigma %g", s.Votes, s.Images, s.Sigma)
	case s.Shard.Of != 0 && s.Shard.Check() != nil:
		return s.Shard.Check()
	}
	return nil
}

// parseRow reads the line of a row.
func parseRow(line string, classes int) (Row, error) {
	cells := strings.Split(line, "\t")
	if len(cells) != len(columns)+classes {
		return Row{}, fmt.Errorf("it has %d columns, expected %d", len(cells), len(columns)+classes)
	}
	row := Row{Digest: cells[2]}
	for at, cell := range cells {
		if at == 2 {
			continue
		}
		n, err := strconv.ParseUint(cell, 10, 31)
		if err != nil || cell != strconv.FormatUint(n, 10) {
			return Row{}, fmt.Errorf("column %d is %q, expected a whole number", at+1, cell)
		}
		switch at {
		case 0:
			row.Index = int(n)
		case 1:
			row.Label = int(n)
		default:
			row.Votes = append(row.Votes, int(n))
		}
	}
	return row, nil
}

// checkNext returns an error if a row cannot follow the rows so far.
func (l *Labels) checkNext(row Row) error {
	if n := len(l.Rows); n > 0 && l.Rows[n-1].Index >= row.Index {
		return fmt.Errorf("image %d follows image %d", row.Index, l.Rows[n-1].Index)
	}
	if l.Finished() {
		return fmt.Errorf("there are more rows than %d images", l.Planned())
	}
	return l.check(row)
}

// check returns an error if a row is impossible.
func (l *Labels) check(row Row) error {
	sum := 0
	for _, n := range row.Votes {
		sum += n
	}
	switch {
	case sum != l.Votes:
		return fmt.Errorf("image %d has %d votes, expected %d", row.Index, sum, l.Votes)
	case row.Label >= l.Classes:
		return fmt.Errorf("image %d has label %d of %d classes", row.Index, row.Label, l.Classes)
	case len(row.Digest) != shortDigest || strings.Trim(row.Digest, "0123456789abcdef") != "":
		return fmt.Errorf("image %d has the digest %q, expected %d hexadecimal digits",
			row.Index, row.Digest, shortDigest)
	}
	return nil
}
