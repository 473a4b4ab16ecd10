// Package humanize writes numbers as people read them.
package humanize

import "strconv"

// Grouped writes 10000 as 10,000.
func Grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
