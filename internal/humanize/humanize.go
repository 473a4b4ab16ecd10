// Package humanize formats numbers for people. Reports, tables and messages use it, files with data do not.
package humanize

import (
	"fmt"
	"math"
	"strconv"
)

// Grouped formats 10000 as 10,000.
func Grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Count formats a number of things that a regular noun names: 1 image, 10,000 images.
func Count(n int, noun string) string { return Grouped(n) + " " + Plural(n, noun) }

// Plural returns a regular noun as it follows n.
func Plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// OrDash formats a number, and NaN, for which there are too few values, as a dash.
func OrDash(format string, x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return fmt.Sprintf(format, x)
}

// Setting formats a setting with at most four significant digits: 0.25, 1, 0.3333.
func Setting(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }

// Signed formats a number with its sign and some digits after the point. The minus is U+2212; a number that is rounded
// to zero has a plus.
func Signed(x float64, digits int) string {
	s := fmt.Sprintf("%+.*f", digits, x)
	if s[0] != '-' {
		return s
	}
	if math.Round(x*math.Pow10(digits)) == 0 {
		return "+" + s[1:]
	}
	return "−" + s[1:]
}

// Bytes formats a number of bytes with three digits: 0.5 MB, 1.23 GB.
func Bytes(n int64) string {
	if n < 1e8 {
		return fmt.Sprintf("%.3g MB", float64(n)/1e6)
	}
	return Gigabytes(float64(n))
}

// Gigabytes formats a number of bytes with three digits, or as whole gigabytes: 0.02 GB, 1.23 GB, 1200 GB.
func Gigabytes(bytes float64) string {
	if bytes < 999.5e9 {
		return fmt.Sprintf("%.3g GB", bytes/1e9)
	}
	return fmt.Sprintf("%.0f GB", bytes/1e9)
}

// Round rounds to some significant decimal digits, to the nearest: 0.1+0.2 to twelve is 0.3.
func Round(x float64, digits int) float64 { return reparsed(x, digits, 64) }

// Float32 returns the number with the shortest decimal that is read as the same float32: 0.1 of 0.10000000149.
func Float32(x float64) float64 { return reparsed(x, -1, 32) }

func reparsed(x float64, digits, bits int) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, bits), 64)
	if err != nil { // the rounded value overflows
		return x
	}
	return y
}
