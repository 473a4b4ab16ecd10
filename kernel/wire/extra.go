package wire

import "encoding/json"

// KernelName is the name of the kernelspec and of the kernel's implementation.
const KernelName = "smoothlab"

// Media types of reports and progress in displays and results.
const (
	ReportType   = "application/vnd.smoothlab+json"          // report.JSON
	ProgressType = "application/vnd.smoothlab.progress+json" // a report.Progress
)

// Extra holds what this project's client adds to the metadata of a request, and the kernel to the metadata of a reply.
// Other front ends see ordinary messages.
type Extra struct {
	Result  bool            `json:"result,omitempty"`  // in an execute_request: the value is wanted in the reply
	Notices bool            `json:"notices,omitempty"` // in an execute_request: notices are read as they come
	Only    string          `json:"only,omitempty"`    // in an interrupt_request: the request that is meant
	Dropped bool            `json:"dropped,omitempty"` // in an interrupt_reply: that request waited for its turn, and is not run
	Value   json.RawMessage `json:"value,omitempty"`   // in a reply: the value's or the error's JSON form
	Full    bool            `json:"full,omitempty"`    // in a display: with its collapsed parts
}

type extended struct {
	Extra *Extra `json:"smoothlab,omitempty"`
}

// Extend puts e into m's metadata.
func (m *Message) Extend(e Extra) { m.Metadata = object(extended{&e}) }

// Extension returns the Extra in the metadata of m. Metadata of other programs may have any form.
func (m *Message) Extension() Extra {
	var e extended
	if json.Unmarshal(m.Metadata, &e) != nil || e.Extra == nil {
		return Extra{}
	}
	return *e.Extra
}
