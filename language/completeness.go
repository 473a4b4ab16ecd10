package language

import (
	"errors"
	"regexp"
	"strings"

	"smoothlab/report"

	"go.starlark.net/syntax"
)

// atEnd matches the parser's messages at an unexpected end.
var atEnd = regexp.MustCompile(`got end of file|want indent|stray backslash`)

// IsComplete reports whether a cell is ready to run, and how to indent the next line if it is not. A cell that ends in
// a block is complete after an empty line.
func IsComplete(source string) (report.Completeness, string) {
	source, unreadable := readable(cell{source: source})
	if unreadable != nil {
		return report.Invalid, ""
	}
	source = dedent(source)
	file, err := options().Parse("", source+"\n", 0)
	lines := strings.Split(source, "\n")
	lastLine := lines[len(lines)-1]
	if endsInBackslash(source) {
		return report.Incomplete, ""
	}
	if err == nil {
		if len(file.Stmts) > 0 && block(file.Stmts[len(file.Stmts)-1]) && strings.TrimSpace(lastLine) != "" {
			return report.Incomplete, indentation(lines)
		}
		return report.Complete, ""
	}
	var s syntax.Error
	switch {
	case !errors.As(err, &s):
		return report.Invalid, ""
	case strings.Contains(s.Msg, "EOF in string"): // the position is the start of the string
		return report.Incomplete, ""
	case strings.Contains(s.Msg, "not an identifier") && insideParams(source):
		return report.Incomplete, indentation(lines)
	case int(s.Pos.Line) > lastTyped(lines) && atEnd.MatchString(s.Msg):
		return report.Incomplete, indentation(lines)
	}
	return report.Invalid, ""
}

// endsInBackslash reports whether a source ends in a backslash that continues its line, so not in one of a comment.
func endsInBackslash(source string) bool {
	if !strings.HasSuffix(source, `\`) {
		return false
	}
	_, err := options().Parse("", source+"x\n", 0)
	return err != nil && strings.Contains(err.Error(), "stray backslash")
}

// insideParams reports whether a source ends within the parameters of a def, where the parser only reports a missing
// name.
func insideParams(source string) bool {
	_, err := options().Parse("", source+"\n_):\n  pass\n", 0)
	return err == nil
}

// block reports whether a statement contains other statements.
func block(s syntax.Stmt) bool {
	switch s.(type) {
	case *syntax.DefStmt, *syntax.ForStmt, *syntax.WhileStmt, *syntax.IfStmt:
		return true
	}
	return false
}

// lastTyped returns the number, from 1, of the last line that is not blank.
func lastTyped(lines []string) int {
	for n := len(lines); n > 0; n-- {
		if strings.TrimSpace(lines[n-1]) != "" {
			return n
		}
	}
	return 1
}

var leaves = regexp.MustCompile(`^(return|break|continue|pass)\b`)

// indentation returns the indentation for the next line: the last non-blank line's, one level deeper after a colon, one
// shallower after a statement that leaves its block.
func indentation(lines []string) string {
	text := lines[lastTyped(lines)-1]
	body := strings.TrimLeft(text, " \t")
	indent := text[:len(text)-len(body)]
	code, _, _ := strings.Cut(body, "#")
	switch {
	case strings.HasSuffix(strings.TrimSpace(code), ":"):
		return indent + "    "
	case leaves.MatchString(body):
		return strings.TrimSuffix(indent, "    ")
	}
	return indent
}

// dedent removes the indentation of the first non-blank line from all lines, if all have it, so that a cell copied out
// of a block runs.
func dedent(source string) string {
	lines := strings.Split(source, "\n")
	margin := ""
	for _, l := range lines {
		if body := strings.TrimLeft(l, " \t"); body != "" {
			margin = l[:len(l)-len(body)]
			break
		}
	}
	if margin == "" {
		return source
	}
	for n, l := range lines {
		rest, had := strings.CutPrefix(l, margin)
		if !had && strings.TrimSpace(l) != "" {
			return source
		}
		lines[n] = rest
	}
	return strings.Join(lines, "\n")
}
