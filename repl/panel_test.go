package repl

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"smoothlab/report"
)

// panelOf is a panel of two controls that prints its positions; at n=7 it fails, at n=9 it waits for its interrupt.
func panelOf(first string) report.Panel {
	p := report.Panel{Controls: []report.Control{
		{Name: "n", Min: 0, Max: 30, Step: 1, Whole: true, First: 2},
		{Name: "net", Kind: report.Choice, Options: []string{"near", "far"}},
	}}
	p.Draw = func(ctx context.Context, at []float64, out report.Output) error {
		switch {
		case at[0] == 7 || first == "fail":
			return &report.Error{Name: report.Failed, Message: "seven"}
		case at[0] == 9:
			<-ctx.Done()
			return &report.Error{Name: report.Interrupted, Message: "stopped"}
		}
		out.Print(fmt.Sprintf("at %v\n", at))
		if first == "tall" {
			out.Print(strings.Repeat("line\n", 30))
		}
		return nil
	}
	return p
}

// Arrow keys move the controls; the drawing is replaced in place, and the last one stays.
func TestPanelKeys(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("panel\r")
	s.has("▸ n    ◂ 2 ▸   0 … 30\n  net  ◂ near ▸   1 of 2\n↑ ↓ choose · ← → move")
	s.has("at [2 0]\n█")
	s.typed("\x1b[C\x1b[C")
	s.has("◂ 4 ▸   0 … 30")
	s.has("at [4 0]\n█")
	s.typed("\x1b[B\x1b[C\x1b[C") // the choice has no third
	s.has("▸ net  ◂ far ▸   2 of 2")
	s.has("at [4 1]\n█")
	fmt.Fprintln(s.console, "run 1 has ended")
	s.has("run 1 has ended\n  n    ◂ 4 ▸")
	s.typed("\x1b[A\x1b[5~\x1b[D\x1b[F")
	s.has("at [30 1]\n█")
	s.typed("r\x1b[H\x1b[C\r") // moves before Enter count
	s.shows(">>> panel\nrun 1 has ended\nn=1, net=near\nat [1 0]\n>>> █")
	s.typed("after\r")
	s.has("<after>")
}

// An error stands in place of the drawing; Ctrl-C ends a drawing and the panel; the terminal is as it was.
func TestPanelEnds(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("panel fail\r")
	s.has("error: seven\n>>> █")
	s.typed("panel\r")
	s.has("at [2 0]\n█")
	s.typed("\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C")
	s.has("error: seven\n█")
	s.typed("\x1b[C\x1b[C")
	s.has("◂ 9 ▸")
	s.typed("\x03")
	s.has("n=7, net=near\nerror: seven\n>>> █")
	s.typed("panel\r")
	s.has("▸ n")
	s.typed("q")
	s.has("n=2, net=near\nat [2 0]\n>>> █")
	s.typed("after\r")
	s.has("<after>")
}

// Rows that the screen does not have are left out while keys move, and printed at the end.
func TestTallPanel(t *testing.T) {
	s := newSession(t)
	s.shows(">>> █")
	s.typed("panel tall\r")
	s.has("▸ n    ◂ 2 ▸   0 … 30\n")
	s.has("line\n…\n█")
	s.typed("\x1b[C")
	s.has("▸ n    ◂ 3 ▸   0 … 30\n")
	s.typed("\r")
	s.has("line\nline\n>>> █")
	if n := strings.Count(s.sent(), "line\r\n"); n < 30 {
		t.Errorf("%d lines are printed", n)
	}
}
