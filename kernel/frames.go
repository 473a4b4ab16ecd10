package kernel

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// maxFrames is the maximum number of drawings on a page of ready frames.
const maxFrames = 36

// framesScript shows the frame that belongs to the positions of a page's controls.
//
//go:embed frames.js
var framesScript string

// showFrames draws a panel at positions of its controls, and shows a page on which the controls choose between these
// drawings. The page needs no kernel.
func showFrames(ctx context.Context, n *notebook, p report.Panel) error {
	positions := chosen(p.Controls, maxFrames)
	total := 1
	for _, list := range positions {
		total *= len(list)
	}
	work := report.Progress{ID: wire.NewID(), Part: "drawing frames", Total: total}
	defer func() {
		work.End = true
		n.Progress(work)
	}()
	var frames []*drawing
	var first *drawing
	for i := range total {
		work.Done = i
		n.Progress(work)
		at := positionsOf(p.Controls, positions, i)
		d := &drawing{}
		if err := guarded(func() error { return p.Draw(ctx, at, d) }); err != nil {
			return err
		}
		frames = append(frames, d)
		if first == nil && isFirst(p.Controls, positions, i) {
			first = d
		}
	}
	n.display(first.bundle(page(p.Controls, positions, frames)))
	return nil
}

// chosen returns, for each control, the numbers of the positions that are drawn. If there are more than limit
// combinations, controls with many positions have only evenly spaced ones. The first position is always among them.
func chosen(controls []report.Control, limit int) [][]int {
	counts := make([]int, len(controls))
	for i, c := range controls {
		counts[i] = min(c.Count(), limit)
	}
	for {
		product, largest := 1, 0
		for i, n := range counts {
			product *= n
			if n > counts[largest] {
				largest = i
			}
		}
		if product <= limit || counts[largest] <= 1 {
			break
		}
		counts[largest]--
	}
	positions := make([][]int, len(controls))
	for i, c := range controls {
		positions[i] = spread(c.Count(), counts[i], c.Index(c.First))
	}
	return positions
}

// spread returns k evenly spaced numbers below n with both ends; the one nearest to keep is replaced by it.
func spread(n, k, keep int) []int {
	if k == 1 {
		return []int{keep}
	}
	list := make([]int, k)
	nearest := 0
	for i := range list {
		list[i] = (i*(n-1) + (k-1)/2) / (k - 1)
		if distance(list[i], keep) < distance(list[nearest], keep) {
			nearest = i
		}
	}
	list[nearest] = keep
	return list
}

func distance(a, b int) int { return max(a-b, b-a) }

// positionsOf returns the positions of the i-th frame. The last control changes fastest.
func positionsOf(controls []report.Control, positions [][]int, i int) []float64 {
	at := make([]float64, len(controls))
	for k := len(controls) - 1; k >= 0; k-- {
		n := len(positions[k])
		at[k] = controls[k].At(positions[k][i%n])
		i /= n
	}
	return at
}

// isFirst reports whether the i-th frame has the first positions of all controls.
func isFirst(controls []report.Control, positions [][]int, i int) bool {
	for k := len(controls) - 1; k >= 0; k-- {
		n := len(positions[k])
		if positions[k][i%n] != controls[k].Index(controls[k].First) {
			return false
		}
		i /= n
	}
	return true
}

// page returns the frames with a slider per control, as HTML that needs nothing else. Without JavaScript the first
// frame is shown.
func page(controls []report.Control, positions [][]int, frames []*drawing) string {
	id := "smoothlab-" + wire.NewID()
	var b strings.Builder
	fmt.Fprintf(&b, `<div class="smoothlab" id="%s">`, id)
	for k, c := range controls {
		labels := make([]string, len(positions[k]))
		at := 0
		for i, n := range positions[k] {
			labels[i] = c.Label(c.At(n))
			if n == c.Index(c.First) {
				at = i
			}
		}
		list, _ := json.Marshal(labels) // strings always have a JSON form
		name, all, first := html.EscapeString(c.Name), html.EscapeString(string(list)), html.EscapeString(labels[at])
		fmt.Fprintf(&b, `<div><label style="display: inline-block; min-width: 6em">%s</label> `+
			`<input type="range" min="0" max="%d" value="%d" data-labels="%s" `+
			`style="width: 20em; vertical-align: middle"/> `+
			`<span>%s</span></div>`,
			name, len(labels)-1, at, all, first)
	}
	for i, f := range frames {
		hidden := " hidden"
		if isFirst(controls, positions, i) {
			hidden = ""
		}
		fmt.Fprintf(&b, `<div class="smoothlab-frame"%s>%s</div>`, hidden, f.page.String())
	}
	fmt.Fprintf(&b, `</div><script>(%s)(document.getElementById(%q))</script>`, strings.TrimSpace(framesScript), id)
	return b.String()
}
