package report

import "context"

// Report is something that a function of the session gave back, ready to be shown. Implementations are structs of
// plain data with JSON tags; the JSON form is the struct with its type name.
type Report interface {
	// Type is the versioned name of the JSON form, such as "smoothlab.dataset/1". A change that a reader of the old
	// form would misread makes it another version.
	Type() string
	// Blocks say how it looks, from top to bottom.
	Blocks() []Block
}

// Output is where an evaluation shows things while it goes. Calls may come from several goroutines.
type Output interface {
	// Print writes text as it is; print() ends it with a newline.
	Print(text string)
	// Show shows a report at once.
	Show(r Report)
	// Progress says how far something is; it replaces what was last said of the same ID. Callers are not held up, and
	// may call as often as they like: the output thins it out.
	Progress(p Progress)
}

// Asker is an Output behind which somebody sits who can be asked.
type Asker interface {
	// Ask shows a prompt and returns the line that is typed; hidden lines are not shown while they are. It ends with
	// ctx.
	Ask(ctx context.Context, prompt string, hidden bool) (string, error)
}

// Clearer is an Output that can take back what it has shown.
type Clearer interface{ Clear() }

// Progress is how far one piece of work is.
type Progress struct {
	ID     string `json:"id"` // of the piece of work
	Part   string `json:"part"`
	Done   int    `json:"done"`
	Total  int    `json:"total"` // 0: unknown
	Detail string `json:"detail"`
	Left   int    `json:"left"` // seconds; 0: unknown
	End    bool   `json:"end"`  // it is over: whatever shows it may go
}

// Shown is a report that was shown while it was made: an evaluation returns it for programs, and front ends do not show
// it again.
type Shown struct{ Report }
