package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const tabWidth = 4

// clean makes untrusted strings safe for a terminal. It writes control characters, escape sequences, bidirectional
// overrides and broken UTF-8 as Go escapes, "\x1b". Newlines stay if lines is set; tabs become spaces.
func clean(s string, lines bool) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !shown(r) }) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\t':
			b.WriteString(strings.Repeat(" ", tabWidth))
		case r == '\n' && lines, shown(r):
			b.WriteRune(r)
		case r == '\r' && lines && strings.HasPrefix(s[i:], "\r\n"):
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		i += size
	}
	return b.String()
}

func shown(r rune) bool { return strconv.IsPrint(r) || unicode.Is(unicode.Zs, r) }
