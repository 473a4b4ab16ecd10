package certify

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"slices"

	"smoothlab/internal/atomicfile"
	"smoothlab/smoothing"
)

// ReadLog reads a certification log: this program's, with the JSON file next to it, or a published one of six columns,
// plain or gzipped. Published logs have neither noise nor plan: pass what is known (nil and zero fields otherwise). It
// returns an error if the JSON file contradicts that. It recomputes the rows of this program's logs from their votes,
// and refuses a radius that noise and plan cannot give in any log. A log without all planned images is
// [Certificates.Unfinished].
func ReadLog(path string, under smoothing.Smoothing, plan Plan) (*Certificates, error) {
	parsed, err := readRows(path)
	if err != nil {
		return nil, err
	}
	c := &Certificates{Rows: parsed.rows, Planned: len(parsed.rows), Printed: !parsed.full}
	side, err := readSidecar(path)
	if err != nil {
		return nil, err
	}
	if side != nil {
		if parsed.size > 0 && !parsed.fits(side.Plan.Procedure()) {
			return nil, fmt.Errorf(
				"%s lacks the columns of the %s plan in %s: the two files do not belong together",
				path,
				side.Plan.Procedure().Name(),
				sidecarPath(path),
			)
		}
		if err := side.checkRows(path, parsed.rows); err != nil {
			return nil, err
		}
		c = side.certificates(parsed.rows)
		c.Printed = !parsed.full
	} else {
		if parsed.rungs {
			return nil, fmt.Errorf(
				"%s is the log of a ladder, and the file %s, which has the ladder, is missing: keep the two together",
				path,
				sidecarPath(path),
			)
		}
		if len(parsed.rows) == 0 {
			return nil, fmt.Errorf("%s holds no rows of a certification log", path)
		}
		c.Rows = slices.Clone(c.Rows)
		slices.SortFunc(c.Rows, func(a, b Row) int { return cmp.Compare(a.Index, b.Index) })
	}
	if err := c.fillSettings(path, under, plan); err != nil {
		return nil, err
	}
	if err := parsed.verify(path, c.Settings); err != nil {
		return nil, err
	}
	return c, nil
}

// IsLog reports whether a file is a certification log: one of this program, with its JSON file, or rows of another one.
// Results that are saved under its name would replace votes that took hours.
func IsLog(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	if side, _ := readSidecar(path); side != nil && side.Format == sidecarFormat {
		return true
	}
	parsed, err := readRows(path)
	return err == nil && len(parsed.rows) > 0
}

// readRows reads the lines of a plain or gzipped file.
func readRows(path string) (parsedLog, error) {
	file, err := atomicfile.Open(path)
	if err != nil {
		return parsedLog{}, err
	}
	defer file.Close()
	var r io.Reader = bufio.NewReader(file)
	magic, _ := r.(*bufio.Reader).Peek(2)
	if bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if r, err = gzip.NewReader(r); err != nil {
			return parsedLog{}, fmt.Errorf("%s looks like a gzip file, but cannot be unpacked: %w", path, err)
		}
		parsed, err := parseLog(path, r)
		parsed.own = false
		return parsed, err
	}
	return parseLog(path, r)
}

// fillSettings fills in the settings that the caller knows, and refuses those that contradict the log.
func (c *Certificates) fillSettings(path string, under smoothing.Smoothing, plan Plan) error {
	if under != nil {
		if err := smoothing.CheckUnits(under); err != nil {
			return err
		}
		if have := c.Smoothing; have != nil && have != under {
			return fmt.Errorf(
				"%s was made with %s (see %s), not %s",
				path,
				smoothing.Describe(have),
				sidecarPath(path),
				smoothing.Describe(under),
			)
		}
		c.Smoothing = under
	}
	if plan.Alpha != 0 {
		if err := checkUsedAlpha(plan.Alpha); err != nil {
			return err
		}
	}
	known := c.Settings
	for _, fact := range []struct {
		name  string
		have  float64
		given float64
	}{
		{"n0", float64(known.Plan.N0), float64(plan.N0)},
		{"n", float64(known.Plan.N), float64(plan.N)},
		{"alpha", known.Plan.Alpha, plan.Alpha},
	} {
		if fact.have != 0 && fact.given != 0 && fact.have != fact.given {
			return fmt.Errorf(
				"%s was made with %s %v (see %s), not %v",
				path,
				fact.name,
				fact.have,
				sidecarPath(path),
				fact.given,
			)
		}
	}
	c.Plan.N0 = cmp.Or(c.Plan.N0, plan.N0)
	c.Plan.N = cmp.Or(c.Plan.N, plan.N)
	c.Plan.Alpha = cmp.Or(c.Plan.Alpha, plan.Alpha)
	return nil
}
