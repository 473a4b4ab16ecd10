package client

import (
	"fmt"
	"html"
	"os"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui"

	"smoothlab/report"
)

// defaultOutput returns the notebook's output in a GoNB cell, and the standard output elsewhere.
func defaultOutput() report.Output {
	if gonbui.IsNotebook {
		return &notebook{displays: map[string]string{}}
	}
	return text{}
}

// text shows reports on the standard output.
type text struct{}

func (text) Print(s string)           { fmt.Print(s) }
func (text) Show(r report.Report)     { fmt.Print(report.Text(r, report.StyleFor(os.Stdout, os.Getenv))) }
func (text) Progress(report.Progress) {}

// notebook shows reports in the output of a GoNB cell.
type notebook struct {
	mu       sync.Mutex
	displays map[string]string // by the ID of the piece of work in progress
}

func (*notebook) Print(s string)       { fmt.Print(s) }
func (*notebook) Show(r report.Report) { gonbui.DisplayHTML(report.HTML(r)) }

// Progress updates one display per piece of work. The kernel limits how often it sends progress.
func (n *notebook) Progress(p report.Progress) {
	n.mu.Lock()
	defer n.mu.Unlock()
	id, known := n.displays[p.ID]
	switch {
	case p.End && !known:
	case p.End:
		delete(n.displays, p.ID)
		gonbui.UpdateHTML(id, "")
	default:
		if !known {
			id = "smoothlab-" + gonbui.UniqueId()
			n.displays[p.ID] = id
		}
		gonbui.UpdateHTML(id, "<div>"+html.EscapeString(p.Line(20))+"</div>")
	}
}

// close waits until the notebook has received everything, or has ended.
func (*notebook) close() {
	done := make(chan struct{})
	go func() {
		gonbui.Sync()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(time.Second):
	}
}
