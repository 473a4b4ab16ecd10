package repl

import (
	"context"

	"smoothlab/report"
)

// Evaluator is the language behind the prompt. Evaluate is called from one goroutine at a time; the others may be
// called at any time.
type Evaluator interface {
	// Evaluate runs an item and returns the value of its last expression, or nil if there is nothing to show. A failure
	// is a *report.Error; when ctx ends it returns soon, with the name report.Interrupted.
	Evaluate(ctx context.Context, source string, out report.Output) (report.Report, error)
	// Complete returns the completions at the cursor, whose position counts code points.
	Complete(source string, cursor int) report.Completion
	// Inspect returns help on the name at the cursor, and false if there is none.
	Inspect(source string, cursor int) (report.Report, bool)
	// IsComplete reports whether an item is finished, and if it is not, the indentation of the next line. An item that
	// begins a block is finished by an empty line.
	IsComplete(source string) (c report.Completeness, indent string)
	// Unsaved lists what would be lost if the session ended now, one line each.
	Unsaved() []string
}
