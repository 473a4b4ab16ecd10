package repl

import (
	"sync"

	"smoothlab/report"
)

// itemOutput is the output of one evaluation. It records which progress the evaluation has reported, so that a failed
// evaluation leaves no progress line.
type itemOutput struct {
	console *Console
	mu      sync.Mutex
	ids     map[string]bool
	over    bool
}

func (c *Console) item() *itemOutput { return &itemOutput{console: c, ids: map[string]bool{}} }

func (o *itemOutput) Print(text string)    { o.console.Print(text) }
func (o *itemOutput) Show(r report.Report) { o.console.Show(r) }

func (o *itemOutput) Progress(p report.Progress) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.over { // background work may report progress after the evaluation
		o.ids[p.ID] = true
	}
	o.console.Progress(p)
}

func (o *itemOutput) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = true
	o.console.tasks.forget(o.ids)
	o.console.freshLine()
}
