package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// setting formats a setting as Starlark does: 1.0, 0.25, 4.0.
func setting(x float64) string {
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if strings.ContainsAny(s, ".eIN") {
		return s
	}
	return s + ".0"
}

// plain formats a number with as few digits as possible: 1, 0.25.
func plain(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// fixed formats a number with the given decimals, and NaN as a dash.
func fixed(x float64, decimals int) string {
	if math.IsNaN(x) {
		return "–"
	}
	return strings.Replace(strconv.FormatFloat(x, 'f', decimals, 64), "-", "−", 1)
}

// span formats the range of some numbers with two digits: "0.02 … 1.9".
func span(x []float64) string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range x {
		low, high = min(low, v), max(high, v)
	}
	if len(x) == 0 || math.IsNaN(low) {
		return "–"
	}
	if twoDigits(low) == twoDigits(high) {
		return twoDigits(low)
	}
	return twoDigits(low) + " … " + twoDigits(high)
}

func twoDigits(x float64) string {
	if math.Abs(x) >= 99.5 {
		return fixed(x, 0)
	}
	return strings.Replace(strconv.FormatFloat(x, 'g', 2, 64), "-", "−", 1)
}

// short formats a loss with two decimals, or with an exponent if they would show 0.00.
func short(x float64) string {
	if a := math.Abs(x); a > 0 && a < 0.005 {
		return strconv.FormatFloat(x, 'e', 1, 64)
	}
	return fixed(x, 2)
}

// duration formats seconds for people: "18 s", "26 min", "2 h 5 min".
func duration(seconds float64) string {
	s := int(math.Round(seconds))
	switch {
	case seconds < 0.95:
		return "under a second"
	case s < 120:
		return fmt.Sprintf("%d s", s)
	case s < 120*60:
		return fmt.Sprintf("%d min", (s+30)/60)
	}
	m := (s + 30) / 60
	return fmt.Sprintf("%d h %d min", m/60, m%60)
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// each returns one number per element.
func each[T any](list []T, of func(T) float64) []float64 {
	x := make([]float64, len(list))
	for i, v := range list {
		x[i] = of(v)
	}
	return x
}

// Listed joins the non-empty parts.
func Listed(separator string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, separator)
}

func imageName(index int) string { return "image " + strconv.Itoa(index) }

// labelName adds the class name if it differs from the number.
func labelName(label int, class string) string {
	n := strconv.Itoa(label)
	if class == "" || class == n {
		return n
	}
	return n + " (" + class + ")"
}

// where identifies an image: "mnist test image 300, label 4".
func where(dataset, split string, index, label int, class string) string {
	return Listed(" ", dataset, split, imageName(index)) + ", label " + labelName(label, class)
}
