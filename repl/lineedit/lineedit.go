// Package lineedit edits items of several lines on a terminal: keys, completion, history and its search, pastes, and
// the drawing of what is typed. It does not know how items are run.
//
// A [Terminal] is raw while [Terminal.Read] reads an item, and as it was found at any other time. It draws on a
// [Screen], of which it asks only that text shown meanwhile goes above the item. A [Language] completes, and decides
// whether Enter ends an item. [Keys] reads single keys while no item is typed.
//
// The editing of one line is chzyer/readline's, which draws nothing here; see [editor] for how the two share a text.
package lineedit

import (
	"errors"
	"os"

	"smoothlab/report"
)

// Language is what the editor asks about a text. Both methods are called on another goroutine than Read's; a panic in
// one ends the process.
type Language interface {
	// Complete returns the completions at the cursor, whose position counts code points.
	Complete(source string, cursor int) report.Completion
	// IsComplete reports whether an item is finished, and if it is not, the indentation of the next line.
	IsComplete(source string) (c report.Completeness, indent string)
}

// Options are the settings of a Terminal. All fields but CutsRows are required.
type Options struct {
	In       *os.File // the terminal that is typed at
	Screen   Screen
	Language Language
	History  *History
	CutsRows bool // the terminal cuts rows that do not fit a narrower window; most break them anew
}

// Item is what was typed.
type Item struct {
	Text    string
	Touched bool // a key other than Ctrl-D was pressed
}

var (
	// ErrInterrupted means that Ctrl-C has cleared the item.
	ErrInterrupted = errors.New("interrupted")
	// ErrClosed means that the terminal is gone or that End was called. The item's text was typed and not run.
	ErrClosed = errors.New("the terminal is closed")
)
