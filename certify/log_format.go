package certify

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The first six columns are as in published logs; [Row] explains the others. A procedure may add more.
var (
	publishedColumns = []string{"idx", "label", "predict", "radius", "correct", "time"}
	addedColumns     = []string{"votes", "used", "p_lower", "radius_full"}
)

// header returns the first line of a log of the plan.
func (p Plan) header() string { return header(p.Procedure()) }

func header(p Procedure) string {
	return strings.Join(slices.Concat(publishedColumns, addedColumns, p.columns()), "\t") + "\n"
}

// line formats a row for a log of the plan.
func (p Plan) line(r Row) string {
	cells := append([]string{strings.TrimSuffix(r.line(), "\n")}, p.Procedure().cells(r)...)
	return strings.Join(cells, "\t") + "\n"
}

func (r Row) line() string {
	correct := 0
	if r.Correct {
		correct = 1
	}
	return fmt.Sprintf(
		"%d\t%d\t%d\t%s\t%d\t%s\t%d\t%d\t%s\t%s\n",
		r.Index,
		r.Label,
		r.Predicted,
		threeDigitsDown(r.Radius),
		correct,
		formatTime(r.Time),
		r.Votes,
		r.Used,
		fullPrecision(r.PLower),
		fullPrecision(r.Radius),
	)
}

func fullPrecision(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// threeDigitsDown formats a radius >= 0 with three significant digits, rounded down, as Python's {:.3} does: at least
// one decimal, an exponent below 1e-4 and from 100 on.
func threeDigitsDown(x float64) string {
	if x == 0 {
		return "0.0"
	}
	// The shortest digits that read back as x, cut to three.
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', -1, 64), "e")
	digits := strings.Replace(mantissa, ".", "", 1)
	digits = strings.TrimRight(digits[:min(3, len(digits))], "0")
	exp, _ := strconv.Atoi(exponent)
	switch {
	case exp < -4 || exp > 1:
		if len(digits) > 1 {
			digits = digits[:1] + "." + digits[1:]
		}
		return fmt.Sprintf("%se%+03d", digits, exp)
	case exp < 0:
		return "0." + strings.Repeat("0", -exp-1) + digits
	}
	digits += strings.Repeat("0", max(0, exp+2-len(digits)))
	return digits[:exp+1] + "." + digits[exp+1:]
}

// formatTime formats a time as h:mm:ss.ffffff.
func formatTime(d time.Duration) string {
	d = d.Round(time.Microsecond)
	return fmt.Sprintf("%d:%02d:%02d.%06d", d/time.Hour, d/time.Minute%60, d/time.Second%60, d/time.Microsecond%1e6)
}

// parseTime reads h:mm:ss with or without a fraction, perhaps after "2 days, " (as Python prints), or plain seconds.
func parseTime(s string) (time.Duration, error) {
	days := 0.0
	if before, after, found := strings.Cut(s, ","); found {
		n, err := strconv.ParseFloat(strings.TrimRight(before, " days"), 64)
		if err != nil {
			return 0, fmt.Errorf("time %q is not h:mm:ss.ffffff", s)
		}
		days, s = n, strings.TrimSpace(after)
	}
	seconds := 0.0
	for part := range strings.SplitSeq(s, ":") {
		x, err := strconv.ParseFloat(part, 64)
		if err != nil || x < 0 {
			return 0, fmt.Errorf("time %q is not h:mm:ss.ffffff", s)
		}
		seconds = seconds*60 + x
	}
	ns := math.Round((days*86400+seconds)*1e6) * 1e3
	if !(ns >= 0 && ns < math.MaxInt64) {
		return 0, fmt.Errorf("time %q is out of range", s)
	}
	return time.Duration(ns), nil
}
