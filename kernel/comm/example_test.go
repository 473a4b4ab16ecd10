package comm_test

import (
	"encoding/json"
	"fmt"

	"smoothlab/kernel/comm"
)

// wire prints what a kernel would publish.
type wire struct{}

func (wire) PublishComm(kind string, _ json.RawMessage, content, _ any, _ [][]byte) {
	text, err := json.Marshal(content)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(kind, string(text))
}

// A front end opens a comm; the kernel answers each of its messages.
func ExampleHub_Accept() {
	hub := comm.NewHub(wire{}, func() string { return "unused" })
	hub.Accept("echo", func(c *comm.Comm) func(comm.Message) {
		return func(m comm.Message) { c.Send(m.Header, map[string]any{"received": m.Data}) }
	})
	for _, m := range []struct{ kind, content string }{
		{"comm_open", `{"comm_id": "1", "target_name": "echo", "data": {}}`},
		{"comm_msg", `{"comm_id": "1", "data": {"n": 7}}`},
		{"comm_close", `{"comm_id": "1", "data": {}}`},
	} {
		if err := hub.Receive(m.kind, json.RawMessage(m.content), nil, nil); err != nil {
			fmt.Println(err)
		}
	}
	// Output: comm_msg {"comm_id":"1","data":{"received":{"n":7}}}
}
