// Package humanize formats numbers for people.
package humanize

import "strconv"

// Grouped formats 10000 as 10,000.
func Grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
