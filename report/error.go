package report

// Error describes why an evaluation failed. It is a Report and a Go error.
type Error struct {
	Name    string   `json:"name"`             // "error", "syntax error", "interrupted", "internal error", "exit"
	Message string   `json:"message"`          // one or two sentences
	Trace   []string `json:"trace"`            // lines of the error, outermost first; empty if the line is obvious from the input
	Status  int      `json:"status,omitempty"` // exit status of the program, for Exit
}

// Names of errors that front ends treat differently.
const (
	Failed      = "error"
	Syntax      = "syntax error"
	Interrupted = "interrupted"
	Internal    = "internal error"
	Exit        = "exit" // exit() was called to leave the program or the prompt
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
