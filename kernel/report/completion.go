package report

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
