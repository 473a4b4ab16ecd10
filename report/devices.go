package report

import (
	"strconv"

	"smoothlab/internal/humanize"
)

// Devices describes the engine and its devices.
type Devices struct {
	Engine   string   `json:"engine"` // "xla:cpu, PJRT API 0.81"
	Plugin   string   `json:"plugin"` // file name
	Devices  []Device `json:"devices"`
	Compiled int      `json:"compiled"` // graphs compiled so far
	Calls    int      `json:"calls"`    // calls of compiled graphs so far
}

// Device is one device of the engine.
type Device struct {
	Number int    `json:"number"`
	Kind   string `json:"kind"`   // "cpu", "NVIDIA H100"
	Detail string `json:"detail"` // instruction sets, memory
}

func (Devices) Type() string { return "smoothlab.devices/1" }

func (d Devices) Blocks() []Block {
	blocks := []Block{Line(Listed(" · ", d.Engine, d.Plugin))}
	if len(d.Devices) > 0 {
		t := Table{Head: []string{"device", "kind", ""}, Left: 3}
		for _, one := range d.Devices {
			t.Rows = append(t.Rows, []string{strconv.Itoa(one.Number), one.Kind, one.Detail})
		}
		blocks = append(blocks, t)
	}
	return append(
		blocks,
		Line(humanize.Count(d.Compiled, "graph")+" compiled, "+humanize.Count(d.Calls, "call")),
	)
}
