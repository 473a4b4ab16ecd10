package kernel

import (
	"smoothlab/report"
)

// The contents of messages, with fields named as in the protocol. Each type belongs to the message of its name.

type object map[string]any

type executeRequest struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    *bool             `json:"store_history"`
	UserExpressions map[string]string `json:"user_expressions"`
	AllowStdin      *bool             `json:"allow_stdin"`
	StopOnError     *bool             `json:"stop_on_error"`
}

// or returns the value of an optional field, or a default.
func or(b *bool, otherwise bool) bool {
	if b == nil {
		return otherwise
	}
	return *b
}

type executeReply struct {
	Status          string         `json:"status"`
	ExecutionCount  int            `json:"execution_count"`
	Payload         []any          `json:"payload"`
	UserExpressions map[string]any `json:"user_expressions"`
	*failure
}

// failure holds what an error adds to a reply. It is also the content of an error message.
type failure struct {
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

type cursorRequest struct {
	Code   string `json:"code"`
	Cursor *int   `json:"cursor_pos"` // the end, if it is missing
}

func (r cursorRequest) cursor() int {
	if n := len([]rune(r.Code)); r.Cursor == nil || *r.Cursor > n {
		return n
	}
	return max(0, *r.Cursor)
}

type completeReply struct {
	Status   string   `json:"status"`
	Matches  []string `json:"matches"`
	Start    int      `json:"cursor_start"`
	End      int      `json:"cursor_end"`
	Metadata object   `json:"metadata"`
}

// typedMatch is one completion in the form in which JupyterLab shows kinds and help.
type typedMatch struct {
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Text      string `json:"text"`
	Type      string `json:"type"`
	Signature string `json:"signature"`
}

type inspectReply struct {
	Status   string         `json:"status"`
	Found    bool           `json:"found"`
	Data     map[string]any `json:"data"`
	Metadata object         `json:"metadata"`
}

type isCompleteReply struct {
	Status report.Completeness `json:"status"`
	Indent string              `json:"indent"`
}

type historyRequest struct {
	Output  bool   `json:"output"`
	Access  string `json:"hist_access_type"`
	Session int    `json:"session"`
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"`
	N       int    `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

type display struct {
	Data      map[string]any `json:"data"`
	Metadata  object         `json:"metadata"`
	Transient object         `json:"transient"`
}

type executeResult struct {
	ExecutionCount int `json:"execution_count"`
	display
}
