package kernel

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"smoothlab/internal/toylanguage"
	"smoothlab/kernel/comm"
	"smoothlab/kernel/widget"
	"smoothlab/kernel/wire"
)

// published is a publisher that keeps the JSON forms of its messages.
type published struct {
	t testing.TB

	mu   sync.Mutex
	list []json.RawMessage
}

func (p *published) PublishComm(_ string, _ json.RawMessage, content, _ any, _ [][]byte) {
	data, err := json.Marshal(content)
	if err != nil {
		p.t.Errorf("a message has no JSON form: %v", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, data)
}

// FuzzComms sends messages of any content to a panel; #0 … #4 in them are replaced by the ids of its controls. Every
// control keeps a valid position, and every published message has a JSON form.
func FuzzComms(f *testing.F) {
	for _, content := range []string{
		`{"comm_id":"#0","data":{"method":"update","state":{"value":5},"buffer_paths":[]}}`,
		`{"comm_id":"#1","data":{"method":"update","state":{"value":1e-320}}}`,
		`{"comm_id":"#2","data":{"method":"update","state":{"index":1}}}`,
		`{"comm_id":"#4","data":{"method":"update","state":{"value":null}}}`,
		`{"comm_id":"#3","data":{"method":"request_state"}}`,
		`{"comm_id":"a","target_name":"jupyter.widget.control","data":{}}`,
	} {
		for kind := range uint8(3) {
			f.Add(kind, content)
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, content string) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		p := &published{t: t}
		hub := comm.NewHub(p, wire.NewID)
		all := newPanels(ctx, widget.NewBoard(hub))
		m := wire.NewMessage(wire.NewHeader("execute_request", "s"), nil, struct{}{})
		v := newPanel(all, &notebook{&output{request: &request{m: m}}}, toylanguage.Panel(""))
		for i, input := range v.inputs {
			content = strings.ReplaceAll(content, "#"+string(rune('0'+i)), input.ID())
		}
		name := []string{"comm_open", "comm_msg", "comm_close"}[kind%3]
		_ = hub.Receive(name, json.RawMessage(content), nil, [][]byte{[]byte(content)}) // an error is an answer, too
		v.mu.Lock()
		defer v.mu.Unlock()
		for i, c := range v.Controls {
			if !c.Valid(v.at[i]) {
				t.Errorf("%s is at %v after %s %s", c.Name, v.at[i], name, content)
			}
		}
	})
}
