package report

// Error is why an evaluation failed. It is a Report and a Go error.
type Error struct {
	Name    string   `json:"name"`             // "error", "syntax error", "interrupted", "internal error", "exit"
	Message string   `json:"message"`          // one sentence or two
	Trace   []string `json:"trace"`            // where, outermost first; empty if it is plain from what was typed
	Status  int      `json:"status,omitempty"` // of an exit: that of the program
}

// Names of errors that front ends treat differently.
const (
	Failed      = "error"
	Syntax      = "syntax error"
	Interrupted = "interrupted"
	Internal    = "internal error"
	Exit        = "exit" // exit() was called: the program or the prompt is left
)

func (e *Error) Error() string { return e.Name + ": " + e.Message }

func (*Error) Type() string { return "smoothlab.error/1" }

func (e *Error) Blocks() []Block {
	var b []Block
	for _, t := range e.Trace {
		b = append(b, Line(t))
	}
	return append(b, Line(e.Error()))
}
