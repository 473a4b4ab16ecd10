package kernel

import (
	"context"

	"smoothlab/report"
)

// Evaluator is the language behind the kernel. Evaluate is called from one goroutine at a time; the others may be
// called at any time.
type Evaluator interface {
	// Evaluate runs a cell and returns what its last expression gave: nil if there is nothing to show. A failure is a
	// *report.Error; when ctx ends it returns soon, with the name report.Interrupted. An out that is a [report.Asker]
	// has somebody to ask.
	Evaluate(ctx context.Context, source string, out report.Output) (report.Report, error)
	// Complete says what could stand at the cursor, counted in code points.
	Complete(source string, cursor int) report.Completion
	// Inspect explains what stands at the cursor; false if there is nothing to say.
	Inspect(source string, cursor int) (report.Report, bool)
	// IsComplete tells whether a cell is finished, and if it is not, the indentation of the next line.
	IsComplete(source string) (c report.Completeness, indent string)
}
