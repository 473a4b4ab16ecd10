package language

import (
	"strings"
	"unicode"
)

// cursor describes the text before a position of a cell, for completion.
type cursor struct {
	comment bool
	text    string // whether the cursor is inside a string literal: its text so far
	quoted  bool   // whether the cursor is inside a string literal
	word    string // outside strings: the dotted name that ends at the cursor, such as "c.arch" or "tra"
	calls   []call // calls around the cursor, innermost last
}

// call is a call whose parentheses are open at the cursor.
type call struct {
	callee string   // dotted name; "" for any other expression
	args   int      // position of the argument at the cursor
	key    string   // keyword of that argument, if any
	used   []string // keywords of the earlier arguments
	plain  bool     // parentheses or an index, not a call
	start  int      // start of the argument at the cursor
}

// before scans the text before the cursor. It is a light scanner and not a parser, because the text is seldom a whole
// program.
func before(source string) cursor {
	var c cursor
	runes := []rune(source)
	for i := 0; i < len(runes); {
		switch r := runes[i]; {
		case r == '#':
			end := i
			for end < len(runes) && runes[end] != '\n' {
				end++
			}
			if end == len(runes) {
				return cursor{comment: true}
			}
			i = end
		case r == '"' || r == '\'':
			next, text, closed := quoted(runes, i)
			if !closed {
				c.quoted, c.text = true, text
				c.keyword(runes[:i])
				return c
			}
			i = next
		case r == '(' || r == '[' || r == '{':
			callee := dotted(runes[:i])
			c.calls = append(c.calls, call{callee: callee, plain: r != '(' || callee == "", start: i + 1})
			i++
		case r == ')' || r == ']' || r == '}':
			if len(c.calls) > 0 {
				c.calls = c.calls[:len(c.calls)-1]
			}
			i++
		case r == ',':
			if len(c.calls) > 0 {
				c.next(runes[:i])
			}
			i++
		default:
			i++
		}
	}
	c.word = dotted(runes)
	if c.word == "" && len(runes) > 0 && runes[len(runes)-1] == '.' {
		c.word = "." // attribute of an expression other than a name
	}
	c.keyword(runes)
	return c
}

// next counts the argument that ends where typed ends.
func (c *cursor) next(typed []rune) {
	inner := &c.calls[len(c.calls)-1]
	if key := keyword(typed[inner.start:]); key != "" {
		inner.used = append(inner.used, key)
	}
	inner.args++
	inner.start = len(typed) + 1
}

// keyword records the keyword of the argument at the end of typed.
func (c *cursor) keyword(typed []rune) {
	if len(c.calls) > 0 {
		inner := &c.calls[len(c.calls)-1]
		inner.key = keyword(typed[min(inner.start, len(typed)):])
	}
}

// keyword returns the name before the = of an argument.
func keyword(argument []rune) string {
	name, value, ok := strings.Cut(string(argument), "=")
	name = strings.TrimSpace(name)
	if !ok || strings.HasPrefix(value, "=") || name == "" || dotted([]rune(name)) != name ||
		strings.Contains(name, ".") {
		return ""
	}
	return name
}

// quoted reads a string literal. It returns its end, its text, and whether it is closed.
func quoted(runes []rune, at int) (next int, text string, closed bool) {
	q := runes[at]
	triple := at+2 < len(runes) && runes[at+1] == q && runes[at+2] == q
	i := at + 1
	if triple {
		i = at + 3
	}
	begin := i
	for i < len(runes) {
		switch {
		case runes[i] == '\\' && i+1 < len(runes):
			i++
		case triple && runes[i] == q && i+2 < len(runes) && runes[i+1] == q && runes[i+2] == q:
			return i + 3, string(runes[begin:i]), true
		case !triple && (runes[i] == q || runes[i] == '\n'):
			return i + 1, string(runes[begin:i]), true
		}
		i++
	}
	return i, string(runes[begin:]), false
}

// dotted returns the dotted name at the end of a text.
func dotted(runes []rune) string {
	i := len(runes)
	for i > 0 && (name(runes[i-1]) || runes[i-1] == '.') {
		i--
	}
	word := string(runes[i:])
	if word == "" || unicode.IsDigit([]rune(word)[0]) || word[0] == '.' {
		return ""
	}
	return word
}

func name(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
