package report

import (
	"regexp"
	"strings"
)

// Completion holds the completions at the cursor. Positions count Unicode code points of the source.
type Completion struct {
	Start, End int // range of the text that an item replaces
	Items      []Item
}

// Item is one possible completion.
type Item struct {
	Text string // replaces source[Start:End]
	Kind string // "function", "variable", "attribute", "argument", "keyword", "name" (in a string), "file"
	Help string // one line; may be empty
}

// Completeness is the readiness of source code for evaluation.
type Completeness string

// Values of Completeness, as in Jupyter's is_complete_reply.
const (
	Complete   Completeness = "complete"
	Incomplete Completeness = "incomplete"
	Invalid    Completeness = "invalid" // evaluation will report the error
)

// question matches a name with a question mark before or after it.
var question = regexp.MustCompile(`^(?:\?{1,2}\s*([\pL_][\pL\pN_.]*)|([\pL_][\pL\pN_.]*)\s*\?{1,2})$`)

// Question splits a source whose last line asks for help on a name as in IPython: train?, ?train. before is the source
// above that line.
func Question(source string) (before, name string, asked bool) {
	text := strings.TrimRight(source, " \t\n")
	at := strings.LastIndexByte(text, '\n') + 1
	m := question.FindStringSubmatch(strings.TrimSpace(text[at:]))
	if m == nil {
		return source, "", false
	}
	return text[:at], m[1] + m[2], true
}
