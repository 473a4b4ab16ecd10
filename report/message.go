package report

// Message is the text shown by a function that has no other result.
type Message struct {
	Text string `json:"text"`
}

func (Message) Type() string { return "smoothlab.message/1" }

func (m Message) Blocks() []Block { return []Block{Line(m.Text)} }
