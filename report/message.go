package report

// Message is what a function says that has nothing else to give.
type Message struct {
	Text string `json:"text"`
}

func (Message) Type() string { return "smoothlab.message/1" }

func (m Message) Blocks() []Block { return []Block{Line(m.Text)} }
