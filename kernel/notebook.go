package kernel

import (
	"context"
	"encoding/json"
	"maps"
	"time"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// followEvery is how often a report that changes is rendered.
const followEvery = 400 * time.Millisecond

// notebook is the output of a cell of a front end that replaces displays.
type notebook struct{ *output }

// Interact shows the controls as widgets. For a front end without widgets, such as nbclient, it shows a page of ready
// frames.
func (n *notebook) Interact(ctx context.Context, p report.Panel) error {
	if n.server.haveWidgets(n.request) || n.cell() != "" && n.server.awaitWidgets(ctx, n.request) {
		return n.server.panels.show(ctx, n, p)
	}
	return showFrames(ctx, n, p)
}

// display publishes a display of this cell and returns its id.
func (n *notebook) display(data map[string]any) (id string) {
	id = wire.NewID()
	n.server.iopub.publish("display_data", n.parent(), display{data, object{}, object{"display_id": id}})
	return id
}

// Follow shows a report in a display, and in the same place again when it has changed. It ends with done or the kernel.
func (n *notebook) Follow(now func() report.Report, done <-chan struct{}) (last func()) {
	data := mimeBundle(now())
	id := n.display(data)
	ended := make(chan struct{})
	show := func() {
		next := mimeBundle(now())
		if next["text/html"] == data["text/html"] {
			return
		}
		data = next
		n.server.iopub.publish(
			"update_display_data", n.parent(), display{maps.Clone(next), object{}, object{"display_id": id}})
	}
	go func() {
		defer close(ended)
		tick := time.NewTicker(followEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				show()
				return
			case <-n.server.ctx.Done():
				return
			case <-tick.C:
				show()
			}
		}
	}()
	return func() { <-ended }
}

// cell returns the id of the notebook's cell, or "" if the front end does not name it.
func (n *notebook) cell() string {
	var metadata struct {
		Cell string `json:"cellId"`
	}
	if json.Unmarshal(n.request.m.Metadata, &metadata) != nil {
		return ""
	}
	return metadata.Cell
}
