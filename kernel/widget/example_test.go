package widget_test

import (
	"encoding/json"
	"fmt"

	"smoothlab/kernel/comm"
	"smoothlab/kernel/widget"
)

// frontEnd prints the changes that are published.
type frontEnd struct{}

func (frontEnd) PublishComm(kind string, _ json.RawMessage, content, _ any, _ [][]byte) {
	text, err := json.Marshal(content)
	if err != nil {
		fmt.Println(err)
	}
	if kind == "comm_msg" {
		fmt.Println(string(text))
	}
}

// A slider whose values are rounded down to even numbers.
func ExampleBoard_New() {
	id := 0
	hub := comm.NewHub(frontEnd{}, func() string { id++; return fmt.Sprint(id) })
	board := widget.NewBoard(hub)
	slider := board.New(nil, widget.IntSlider, widget.State{"min": 0, "max": 10, "value": 4}, nil)
	slider.OnInput(func(value json.RawMessage) (any, bool) {
		var n int
		if err := json.Unmarshal(value, &n); err != nil {
			return nil, false
		}
		fmt.Println("the user has chosen", n)
		return n - n%2, true
	})
	moved := fmt.Sprintf(`{"comm_id": %q, "data": {"method": "update", "state": {"value": 7}}}`, slider.ID())
	if err := hub.Receive("comm_msg", json.RawMessage(moved), nil, nil); err != nil {
		fmt.Println(err)
	}
	// Output:
	// the user has chosen 7
	// {"comm_id":"3","data":{"method":"echo_update","state":{"value":6},"buffer_paths":[]}}
}
