package widget

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"smoothlab/kernel/comm"
)

// Targets of comms: each widget has a comm of the first; a front end asks for all states on one of the second.
const (
	Target        = "jupyter.widget"
	ControlTarget = "jupyter.widget.control"
)

// Version is the version of the widgets' messages. Front ends require this number.
const Version = "2.1.0"

// Board makes models and keeps those that are open.
type Board struct {
	hub *comm.Hub

	mu     sync.Mutex
	models map[string]*Model
}

// NewBoard returns a board whose models use the comms of hub.
func NewBoard(hub *comm.Hub) *Board {
	b := &Board{hub: hub, models: map[string]*Model{}}
	hub.Accept(ControlTarget, func(c *comm.Comm) func(comm.Message) {
		return func(m comm.Message) { b.control(c, m) }
	})
	return b
}

// New opens a widget with its layout and its style. The values in set replace those of the kind; layout may be nil.
func (b *Board) New(parent json.RawMessage, class Class, set, layout State) *Model {
	k := Kinds()[class]
	m := &Model{kind: k, board: b, state: k.State()}
	if k.module != base && k.view == "" { // layouts and styles have no layout
		m.part("layout", b.New(parent, layoutClass, layout, nil))
	}
	if k.style != unstyled {
		style := State{}
		if _, ok := Kinds()[k.style].Traits[described]; ok {
			style[described] = labelWidth
		}
		m.part("style", b.New(parent, k.style, style, nil))
	}
	maps.Copy(m.state, set)
	plain, paths, buffers := withoutBuffers(m.state)
	m.mu.Lock() // a message may arrive before the comm is set
	version := map[string]string{"version": Version}
	m.comm = b.hub.Open(Target, parent, update{State: plain, Paths: paths}, version, buffers, m.receive)
	m.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.models[m.ID()] = m
	return m
}

func (b *Board) forget(m *Model) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.models, m.ID())
}

// states is the answer to request_states.
type states struct {
	Method string            `json:"method"`
	States map[string]object `json:"states"`
	Paths  [][]string        `json:"buffer_paths"`
}

// object is the complete state of a model.
type object struct {
	Name    any   `json:"model_name"`
	Module  any   `json:"model_module"`
	Version any   `json:"model_module_version"`
	State   State `json:"state"`
}

// control answers a front end that asks for the states of all models.
func (b *Board) control(c *comm.Comm, got comm.Message) {
	var in incoming
	if json.Unmarshal(got.Data, &in) != nil || in.Method != "request_states" {
		return
	}
	b.mu.Lock()
	models := maps.Clone(b.models)
	b.mu.Unlock()
	answer := states{Method: "update_states", States: map[string]object{}, Paths: [][]string{}}
	var all [][]byte
	for _, id := range slices.Sorted(maps.Keys(models)) {
		plain, paths, buffers := withoutBuffers(models[id].snapshot())
		answer.States[id] = object{plain["_model_name"], plain["_model_module"], plain["_model_module_version"], plain}
		for _, p := range paths {
			answer.Paths = append(answer.Paths, append([]string{id, "state"}, p...))
		}
		all = append(all, buffers...)
	}
	c.Send(got.Header, answer, all...)
}
