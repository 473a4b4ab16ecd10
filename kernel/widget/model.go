package widget

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"smoothlab/kernel/comm"
)

// Model is one widget.
type Model struct {
	kind  Kind
	board *Board
	comm  *comm.Comm
	parts []*Model // layout and style

	mu    sync.Mutex
	state State
	input func(value json.RawMessage) (any, bool)
}

// ID returns the id of the model.
func (m *Model) ID() string { return m.comm.ID }

// Ref returns the form in which another model's state refers to this model.
func (m *Model) Ref() string { return "IPY_MODEL_" + m.comm.ID }

// OnInput sets the function that receives what users do to the widget. It gets the JSON form of the new value and
// returns the value to keep, or false to refuse it. For the click of a button the value is null.
func (m *Model) OnInput(f func(value json.RawMessage) (any, bool)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.input = f
}

// Set changes traits, in the kernel and in the front ends. Parent is the header of the message that caused the change.
func (m *Model) Set(parent json.RawMessage, changed State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.Copy(m.state, changed)
	m.send(parent, "update", changed)
}

// Replace is Set for one trait with a list of references. It sends nothing if they are the same.
func (m *Model) Replace(parent json.RawMessage, trait string, refs []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.state[trait].([]string); ok && slices.Equal(old, refs) {
		return
	}
	m.state[trait] = refs
	m.send(parent, "update", State{trait: refs})
}

// part makes another model a part of this one.
func (m *Model) part(trait string, part *Model) {
	m.parts = append(m.parts, part)
	m.state[trait] = part.Ref()
}

// Close removes the widget from the front ends.
func (m *Model) Close(parent json.RawMessage) {
	for _, part := range m.parts {
		part.Close(parent)
	}
	m.board.forget(m)
	m.comm.Close(parent)
}

// snapshot returns a copy of the state.
func (m *Model) snapshot() State {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.state)
}

// update is the data of messages with states in them.
type update struct {
	Method string     `json:"method,omitempty"`
	State  State      `json:"state"`
	Paths  [][]string `json:"buffer_paths"`
}

// send sends traits; m.mu must be held, so that front ends get the changes in order.
func (m *Model) send(parent json.RawMessage, method string, state State) {
	plain, paths, buffers := withoutBuffers(state)
	m.comm.Send(parent, update{method, plain, paths}, buffers...)
}

// withoutBuffers returns a state without its binary values, their paths, and the values.
func withoutBuffers(s State) (plain State, paths [][]string, buffers [][]byte) {
	plain, paths = State{}, [][]string{}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if b, ok := s[name].([]byte); ok {
			paths, buffers = append(paths, []string{name}), append(buffers, b)
			continue
		}
		plain[name] = s[name]
	}
	return plain, paths, buffers
}

// incoming is the data of a message from a front end.
type incoming struct {
	Method  string                     `json:"method"`
	State   map[string]json.RawMessage `json:"state"`
	Content struct {
		Event string `json:"event"`
	} `json:"content"`
}

// receive handles a message from a front end. Malformed ones are ignored: front ends send none.
func (m *Model) receive(got comm.Message) {
	var in incoming
	if json.Unmarshal(got.Data, &in) != nil {
		return
	}
	switch {
	case in.Method == "request_state":
		m.mu.Lock()
		defer m.mu.Unlock()
		m.send(got.Header, "update", m.state)
	case in.Method == "update":
		if value, ok := in.State[m.kind.Input]; ok {
			m.changed(got.Header, value)
		}
	case in.Method == "custom" && in.Content.Event == click && m.kind.Input == click:
		m.mu.Lock()
		input := m.input
		m.mu.Unlock()
		if input != nil {
			input(json.RawMessage("null"))
		}
	}
}

// changed handles a change of the input by a user. The echo answers the message, by which a front end recognizes its
// own changes. A refused value is set back.
func (m *Model) changed(header, value json.RawMessage) {
	m.mu.Lock()
	input, name := m.input, m.kind.Input
	m.mu.Unlock()
	var kept any
	ok := input != nil
	if ok {
		kept, ok = input(value)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !ok {
		m.send(header, "update", State{name: m.state[name]})
		return
	}
	m.state[name] = kept
	m.send(header, "echo_update", State{name: kept})
}
