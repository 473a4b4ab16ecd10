package report

import "context"

// Report is a result of a function of the session that can be shown. Implementations are structs of plain data with
// JSON tags. The JSON form is the struct with its type name.
type Report interface {
	// Type returns the versioned name of the JSON form, such as "smoothlab.dataset/1". A change that readers of the old
	// form would misread requires a new version.
	Type() string
	// Blocks returns the parts of the rendered report, from top to bottom.
	Blocks() []Block
}

// Output receives what an evaluation shows while it runs. It must be safe for concurrent use.
type Output interface {
	// Print writes text unchanged. The text of print() ends in a newline.
	Print(text string)
	// Show displays a report at once.
	Show(r Report)
	// Progress replaces the displayed progress of the same ID. It does not block and may be called at any rate, because
	// the output throttles updates.
	Progress(p Progress)
}

// Asker is an Output with an interactive user.
type Asker interface {
	// Ask shows a prompt and returns the line that the user types. If hidden is set, the typed text is not shown. Ask
	// returns early if ctx ends.
	Ask(ctx context.Context, prompt string, hidden bool) (string, error)
}

// Clearer is an Output that can be cleared.
type Clearer interface{ Clear() }

// Progress is the progress of one piece of work.
type Progress struct {
	ID     string `json:"id"` // identifies the piece of work
	Part   string `json:"part"`
	Done   int    `json:"done"`
	Total  int    `json:"total"` // 0 if unknown
	Detail string `json:"detail"`
	Left   int    `json:"left"` // estimated seconds left; 0 if unknown
	End    bool   `json:"end"`  // the work has ended, and its display can be removed
}

// Shown wraps a report that was already displayed. An evaluation returns it for programs; front ends do not display it
// again.
type Shown struct{ Report }
