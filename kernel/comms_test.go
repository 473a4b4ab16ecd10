package kernel

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothlab/kernel/widget"
	"smoothlab/kernel/wire"
)

// commData is the data of a message of a comm.
type commData struct {
	Method string                     `json:"method"`
	State  map[string]json.RawMessage `json:"state"`
	States map[string]struct {
		Name  string                     `json:"model_name"`
		State map[string]json.RawMessage `json:"state"`
	} `json:"states"`
	Paths [][]string `json:"buffer_paths"`
}

func dataOf(t testing.TB, m *wire.Message) commData { return field[commData](t, m, "data") }

// twins holds the models of a front end, as comm messages create and change them.
type twins struct {
	f     *frontend
	state map[string]map[string]json.RawMessage // by comm id
	order []string
	echo  *wire.Message // message whose echo has not come
}

// hear processes a message of a comm.
func (w *twins) hear(m *wire.Message) {
	id := field[string](w.f.t, m, "comm_id")
	d := dataOf(w.f.t, m)
	switch m.Header.Type {
	case "comm_open":
		w.state[id] = d.State
		w.order = append(w.order, id)
	case "comm_close":
		delete(w.state, id)
	case "comm_msg":
		if w.echo != nil && d.Method == "echo_update" && m.ParentID() == w.echo.Header.ID {
			w.echo = nil
		}
		for name, value := range d.State {
			w.state[id][name] = value
		}
		for i, path := range d.Paths {
			w.state[id][path[0]] = m.Buffers[i]
		}
	}
}

// model returns the id of the only open model of a class.
func (w *twins) model(class string) string {
	w.f.t.Helper()
	found := ""
	for _, id := range w.order {
		if s, open := w.state[id]; open && string(s["_model_name"]) == `"`+class+`"` {
			if found != "" {
				w.f.t.Fatalf("there are two %s", class)
			}
			found = id
		}
	}
	if found == "" {
		w.f.t.Fatalf("there is no %s", class)
	}
	return found
}

// until processes messages until a condition holds.
func (w *twins) until(what string, is func() bool) {
	w.f.t.Helper()
	for !is() {
		if m := w.f.next(w.f.news); strings.HasPrefix(m.Header.Type, "comm_") {
			w.hear(m)
		}
	}
}

// shows reports whether the output widget holds these words.
func (w *twins) shows(words string) func() bool {
	return func() bool { return strings.Contains(string(w.state[w.model("OutputModel")]["outputs"]), words) }
}

// move sends the message that a front end sends when a user moves a control.
func (w *twins) move(class, trait string, value any) *wire.Message {
	return w.f.send(w.f.shell, "comm_msg", map[string]any{
		"comm_id": w.model(class),
		"data":    map[string]any{"method": "update", "state": map[string]any{trait: value}, "buffer_paths": []any{}},
	})
}

// widgets attaches a front end that shows widgets, and runs a cell with a panel.
func widgets(t testing.TB, k *kernel) (*twins, []*wire.Message) {
	t.Helper()
	f := attach(t, k)
	f.heard(f.send(f.shell, "comm_open", map[string]any{
		"comm_id": "control-" + f.session, "target_name": widget.ControlTarget, "data": struct{}{},
	}))
	w := &twins{f: f, state: map[string]map[string]json.RawMessage{}}
	reply, news, _ := f.run("panel")
	if field[string](t, reply, "status") != "ok" {
		t.Fatalf("%s", reply.Content)
	}
	for _, m := range news {
		if strings.HasPrefix(m.Header.Type, "comm_") {
			w.hear(m)
		}
	}
	return w, news
}

// A panel is made of widgets that refer to each other, shown by one display, and drawn once.
func TestPanelOpens(t *testing.T) {
	w, news := widgets(t, serve(t))
	last := news[len(news)-1]
	data := field[map[string]json.RawMessage](t, last, "data")
	var view struct {
		Model string `json:"model_id"`
	}
	if err := json.Unmarshal(data["application/vnd.jupyter.widget-view+json"], &view); err != nil || view.Model != w.model("VBoxModel") {
		t.Errorf("the display holds %s", last.Content)
	}
	if string(data["text/plain"]) != `"n=2, x=0.5, pick=a, rung=10, on=True"` {
		t.Errorf("without widgets one sees %s", data["text/plain"])
	}
	for _, m := range news {
		if m.Header.Type == "comm_open" && !strings.Contains(string(m.Metadata), `"version":"2.1.0"`) {
			t.Errorf("metadata %s", m.Metadata)
		}
	}
	for id, state := range w.state { // references go to models that were opened before
		for name, value := range state {
			for _, part := range strings.Split(string(value), `"`) {
				ref, is := strings.CutPrefix(part, "IPY_MODEL_")
				if _, open := w.state[ref]; is && !open {
					t.Errorf("%s of %s refers to %s, which is not open", name, id, ref)
				}
			}
		}
	}
	var classes, kinds []string
	for _, state := range w.state {
		if name := strings.TrimSuffix(strings.Trim(string(state["_model_name"]), `"`), "Model"); !slices.Contains(classes, name) {
			classes = append(classes, name)
		}
	}
	for _, k := range widget.Kinds() {
		kinds = append(kinds, k.Name)
	}
	slices.Sort(classes)
	slices.Sort(kinds)
	if !slices.Equal(classes, kinds) {
		t.Errorf("a panel uses %v of %v", classes, kinds)
	}
	if !w.shows(`n=2, x=0.5, pick=a, rung=10, on=True\n`)() {
		t.Errorf("it shows %s", w.state[w.model("OutputModel")]["outputs"])
	}
}

// Every control can be moved. The echo names the front end's message, and refused values are reset.
func TestPanelMoves(t *testing.T) {
	w, _ := widgets(t, serve(t))
	for _, c := range []struct {
		class, trait string
		value        any
		shown        string
	}{
		{"IntSliderModel", "value", 5, "n=5, x=0.5, pick=a, rung=10, on=True"},
		{"FloatSliderModel", "value", 0.3, "n=5, x=0.3, pick=a, rung=10, on=True"},
		{"DropdownModel", "index", 1, "n=5, x=0.3, pick=b, rung=10, on=True"},
		{"SelectionSliderModel", "index", 0, "n=5, x=0.3, pick=b, rung=1, on=True"},
		{"CheckboxModel", "value", false, "n=5, x=0.3, pick=b, rung=1, on=False"},
	} {
		w.echo = w.move(c.class, c.trait, c.value)
		w.until(c.shown, w.shows(c.shown))
		if w.echo != nil {
			t.Errorf("%s: no echo", c.class)
		}
		want, _ := json.Marshal(c.value)
		if got := w.state[w.model(c.class)][c.trait]; string(got) != string(want) {
			t.Errorf("%s is %s", c.class, got)
		}
	}
	for _, c := range []struct {
		class, trait, value, kept string
	}{
		{"IntSliderModel", "value", "10", "5"},
		{"IntSliderModel", "value", "2.5", "5"},
		{"IntSliderModel", "value", `"5"`, "5"},
		{"IntSliderModel", "value", `null`, "5"},
		{"FloatSliderModel", "value", "1e300", "0.3"},
		{"DropdownModel", "index", "null", "1"},
		{"DropdownModel", "index", "-1", "1"},
		{"CheckboxModel", "value", "1", "false"},
	} {
		request := w.move(c.class, c.trait, json.RawMessage(c.value))
		news := w.f.heard(request)
		if len(news) != 1 || dataOf(t, news[0]).Method != "update" || string(dataOf(t, news[0]).State[c.trait]) != c.kept {
			t.Errorf("%s=%s: %v", c.class, c.value, news)
		}
	}
	w.move("IntSliderModel", "_view_count", 3)
	w.f.send(w.f.shell, "comm_msg", map[string]any{
		"comm_id": w.model("ButtonModel"), "data": map[string]any{"method": "custom", "content": map[string]any{"event": "click"}},
	})
	w.until("reset", w.shows("n=2, x=0.5, pick=a, rung=10, on=True"))
}

// A failed drawing is replaced by its error, a picture is sent as it is, and an interrupt ends a drawing.
func TestPanelDraws(t *testing.T) {
	w, _ := widgets(t, serve(t))
	w.move("IntSliderModel", "value", 7)
	w.until("error", w.shows("seven is too many"))
	w.move("IntSliderModel", "value", 8)
	w.until("picture", func() bool {
		return strings.HasPrefix(string(w.state[w.model("ImageModel")]["value"]), "\x89PNG") &&
			strings.Contains(string(w.state[w.model("VBoxModel")]["children"]), w.model("ImageModel"))
	})
	w.move("IntSliderModel", "value", 9)
	time.Sleep(50 * time.Millisecond)
	w.move("FloatSliderModel", "value", 0.25) // waits
	w.move("FloatSliderModel", "value", 0.75)
	w.move("IntSliderModel", "value", 3)
	w.f.alive()
	w.f.send(w.f.control, "interrupt_request", struct{}{})
	w.until("latest", w.shows("n=3, x=0.75"))
	if status := string(w.state[w.model("HTMLModel")]["value"]); !strings.Contains(status, "2 changes skipped") {
		t.Errorf("the status is %s", status)
	}
}

// A front end that connects later gets the states of all widgets, from each widget or all at once.
func TestStatesOfWidgets(t *testing.T) {
	k := serve(t)
	w, _ := widgets(t, k)
	w.move("IntSliderModel", "value", 8)
	w.until("picture", func() bool { return len(w.state[w.model("ImageModel")]["value"]) > 8 })
	later := attach(t, k)
	later.send(later.shell, "comm_open", map[string]any{"comm_id": "c", "target_name": widget.ControlTarget, "data": struct{}{}})
	news := later.heard(later.send(later.shell, "comm_msg", map[string]any{
		"comm_id": "c", "data": map[string]any{"method": "request_states"},
	}))
	if len(news) != 1 {
		t.Fatalf("%d messages", len(news))
	}
	d := dataOf(t, news[0])
	if d.Method != "update_states" || len(d.States) != len(w.state) {
		t.Errorf("%s of %d states, there are %d", d.Method, len(d.States), len(w.state))
	}
	for i, path := range d.Paths {
		if path[0] != w.model("ImageModel") || path[1] != "state" || path[2] != "value" ||
			!strings.HasPrefix(string(news[0].Buffers[i]), "\x89PNG") {
			t.Errorf("buffer at %v", path)
		}
	}
	if got := string(d.States[w.model("IntSliderModel")].State["value"]); got != "8" {
		t.Errorf("the slider is at %s", got)
	}
	id := w.model("DropdownModel")
	news = later.heard(later.send(later.shell, "comm_msg", map[string]any{
		"comm_id": id, "data": map[string]any{"method": "request_state"},
	}))
	if len(news) != 1 || string(dataOf(t, news[0]).State["_options_labels"]) != `["a","b"]` {
		t.Errorf("%v", news)
	}
	later.send(later.shell, "comm_info_request", map[string]any{"target_name": widget.Target})
	if m := later.expect(later.replies, "comm_info_reply"); len(field[map[string]any](t, m, "comms")) != len(w.state) {
		t.Errorf("%s", m.Content)
	}
}

// A cell that is run again replaces its panel, and the number of panels is limited.
func TestPanelsAreReplaced(t *testing.T) {
	w, _ := widgets(t, serve(t))
	inCell := func(id string) {
		m := wire.NewMessage(wire.NewHeader("execute_request", w.f.session), nil, map[string]any{"code": "panel"})
		m.Describe(map[string]any{"cellId": id})
		if err := w.f.shell.Send(w.f.codec.Encode(m)); err != nil {
			t.Fatal(err)
		}
		for _, m := range w.f.heard(m) {
			if strings.HasPrefix(m.Header.Type, "comm_") {
				w.hear(m)
			}
		}
		w.f.expect(w.f.replies, "execute_reply")
	}
	open := len(w.state)
	inCell("one")
	inCell("one")
	inCell("two")
	if len(w.state) != 3*open {
		t.Errorf("%d widgets are open, want %d", len(w.state), 3*open)
	}
	for range maxPanels {
		inCell("")
	}
	if len(w.state) != maxPanels*open {
		t.Errorf("%d widgets are open, want %d", len(w.state), maxPanels*open)
	}
}

// After a restart the cells of a notebook may arrive before its front end asks for widgets.
func TestWidgetsAreAwaited(t *testing.T) {
	f := attach(t, serve(t))
	m := wire.NewMessage(wire.NewHeader("execute_request", f.session), nil, map[string]any{"code": "panel plain"})
	m.Describe(map[string]any{"cellId": "one"})
	if err := f.shell.Send(f.codec.Encode(m)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	f.send(f.shell, "comm_open", map[string]any{
		"comm_id": "control", "target_name": widget.ControlTarget, "data": struct{}{},
	})
	news := f.heard(m)
	if data := field[map[string]any](t, news[len(news)-1], "data"); data[viewType] == nil {
		t.Error("the panel has no widgets")
	}
}

// A first drawing that fails is the error of the cell, and leaves no widget.
func TestPanelFails(t *testing.T) {
	w, _ := widgets(t, serve(t))
	open := len(w.state)
	reply, news, _ := w.f.run("panel fail")
	if field[string](t, reply, "evalue") != "seven is too many" {
		t.Errorf("%s", reply.Content)
	}
	for _, m := range news {
		if strings.HasPrefix(m.Header.Type, "comm_") {
			w.hear(m)
		}
	}
	if len(w.state) != open {
		t.Errorf("%d widgets are open", len(w.state))
	}
}

// Invalid comm messages are logged, and the kernel continues.
func TestDamagedComms(t *testing.T) {
	k := serve(t)
	w, _ := widgets(t, k)
	f := w.f
	news := f.heard(f.send(f.shell, "comm_open", map[string]any{"comm_id": "7", "target_name": "jupyter.widget"}))
	if len(news) != 1 || news[0].Header.Type != "comm_close" || field[string](t, news[0], "comm_id") != "7" {
		t.Errorf("%v", news)
	}
	slider, _ := json.Marshal(w.model("IntSliderModel"))
	for _, c := range []struct{ kind, content string }{
		{"comm_msg", `{}`}, {"comm_close", `{"comm_id":7}`}, {"comm_open", `{"comm_id":""}`}, {"comm_msg", `{"comm_id":"unknown"}`},
		{"comm_msg", `{"comm_id":` + string(slider) + `}`},
		{"comm_msg", `{"comm_id":` + string(slider) + `,"data":[1]}`},
		{"comm_msg", `{"comm_id":` + string(slider) + `,"data":{"method":7}}`},
		{"comm_msg", `{"comm_id":` + string(slider) + `,"data":{"method":"update","state":{"min":3}}}`},
		{"comm_msg", `{"comm_id":` + string(slider) + `,"data":{"method":"custom","content":{"event":"click"}}}`},
		{"comm_open", `{"comm_id":` + string(slider) + `,"target_name":"jupyter.widget.control"}`},
		{"unheard_of", `{}`},
	} {
		if news := f.heard(f.send(f.shell, c.kind, json.RawMessage(c.content))); len(news) != 0 {
			t.Errorf("%s %s: %v", c.kind, c.content, news)
		}
	}
	for _, words := range []string{`"unheard_of" is not supported`, `no comm target "jupyter.widget"`, "has no comm_id", "is already open", "has invalid content"} {
		if !k.logged(words) {
			t.Errorf("not logged: %s", words)
		}
	}
	f.heard(f.send(f.shell, "comm_close", map[string]any{"comm_id": w.model("IntSliderModel")}))
	f.alive()
}
