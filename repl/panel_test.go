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
	s.Shows(">>> █")
	s.Type("panel\r")
	s.Has("▸ n    ◂ 2 ▸   0 … 30\n  net  ◂ near ▸   1 of 2\n↑ ↓ choose · ← → move")
	s.Has("at [2 0]\n█")
	s.Type("\x1b[C\x1b[C")
	s.Has("◂ 4 ▸   0 … 30")
	s.Has("at [4 0]\n█")
	s.Type("\x1b[B\x1b[C\x1b[C") // the choice has no third
	s.Has("▸ net  ◂ far ▸   2 of 2")
	s.Has("at [4 1]\n█")
	fmt.Fprintln(s.console, "run 1 has ended")
	s.Has("run 1 has ended\n  n    ◂ 4 ▸")
	s.Type("\x1b[A\x1b[5~\x1b[D\x1b[F")
	s.Has("at [30 1]\n█")
	s.Type("r\x1b[H\x1b[C\r") // moves before Enter count
	s.Shows(">>> panel\nrun 1 has ended\nn=1, net=near\nat [1 0]\n>>> █")
	s.Type("after\r")
	s.Has("<after>")
}

// An error is shown in place of the drawing, Ctrl-C ends a drawing and the panel, and the terminal's modes are
// restored.
func TestPanelEnds(t *testing.T) {
	s := newSession(t)
	s.Shows(">>> █")
	s.Type("panel fail\r")
	s.Has("error: seven\n>>> █")
	s.Type("panel\r")
	s.Has("at [2 0]\n█")
	s.Type("\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C")
	s.Has("error: seven\n█")
	s.Type("\x1b[C\x1b[C")
	s.Has("◂ 9 ▸")
	s.Type("\x03")
	s.Has("n=7, net=near\nerror: seven\n>>> █")
	s.Type("panel\r")
	s.Has("▸ n")
	s.Type("q")
	s.Has("n=2, net=near\nat [2 0]\n>>> █")
	s.Type("after\r")
	s.Has("<after>")
}

// Rows that do not fit on the screen are left out while keys move the controls, and printed at the end.
func TestTallPanel(t *testing.T) {
	s := newSession(t)
	s.Shows(">>> █")
	s.Type("panel tall\r")
	s.Has("▸ n    ◂ 2 ▸   0 … 30\n")
	s.Has("line\n…\n█")
	s.Type("\x1b[C")
	s.Has("▸ n    ◂ 3 ▸   0 … 30\n")
	s.Type("\r")
	s.Has("line\nline\n>>> █")
	if n := strings.Count(s.Sent(), "line\r\n"); n < 30 {
		t.Errorf("%d lines are printed", n)
	}
}
