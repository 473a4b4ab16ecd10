package kernel

import (
	"context"

	"smoothlab/report"
)

// Evaluator is the language that the kernel runs. Evaluate is called from one goroutine at a time; the other methods
// may be called at any time.
type Evaluator interface {
	// Evaluate runs a cell and returns the value of its last expression, or nil if there is nothing to show. A failure
	// is a *report.Error. When ctx ends, Evaluate returns soon, with the error name report.Interrupted. If out is a
	// [report.Asker], the front end can answer questions.
	Evaluate(ctx context.Context, source string, out report.Output) (report.Report, error)
	// Complete returns the completions at the cursor, whose position counts code points.
	Complete(source string, cursor int) report.Completion
	// Inspect returns help on the name at the cursor, and false if there is none.
	Inspect(source string, cursor int) (report.Report, bool)
	// IsComplete reports whether a cell is complete and, if it is not, the indentation of the next line.
	IsComplete(source string) (c report.Completeness, indent string)
}
