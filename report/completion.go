package report

import (
	"regexp"
	"strings"
)

// Completion is what could stand at the cursor. Positions count Unicode code points of the source.
type Completion struct {
	Start, End int // the text between is replaced by an item
	Items      []Item
}

// Item is one possible completion.
type Item struct {
	Text string // replaces source[Start:End]
	Kind string // "function", "variable", "attribute", "argument", "keyword", "name" (in a string), "file"
	Help string // a line, may be empty
}

// Completeness says whether source is ready to be evaluated.
type Completeness string

// The values are those of Jupyter's is_complete_reply.
const (
	Complete   Completeness = "complete"
	Incomplete Completeness = "incomplete"
	Invalid    Completeness = "invalid" // evaluating it will say what is wrong
)

// question is a name with a question mark before or behind it.
var question = regexp.MustCompile(`^(?:\?{1,2}\s*([\pL_][\pL\pN_.]*)|([\pL_][\pL\pN_.]*)\s*\?{1,2})$`)

// Question splits a source whose last line asks about a name, as people type it who know IPython: train?, ?train.
// before is what comes above that line.
func Question(source string) (before, name string, asked bool) {
	text := strings.TrimRight(source, " \t\n")
	at := strings.LastIndexByte(text, '\n') + 1
	m := question.FindStringSubmatch(strings.TrimSpace(text[at:]))
	if m == nil {
		return source, "", false
	}
	return text[:at], m[1] + m[2], true
}
