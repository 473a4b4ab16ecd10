package repl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"smoothlab/internal/textwidth"
	"smoothlab/repl/lineedit"
	"smoothlab/report"
)

// keyboard is the output of an evaluation on a terminal whose keys can be read meanwhile.
type keyboard struct {
	*itemOutput
	in *os.File
}

// Interact moves controls with the arrow keys, until Enter, q or an interrupt. The last drawing stays on the screen.
// Keys that are pressed during a drawing take effect together after it.
func (k *keyboard) Interact(ctx context.Context, p report.Panel) error {
	drawing, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &sliders{panel: p, at: p.First()}
	shown := k.draw(drawing, p, s.at)
	if shown.err != nil {
		return shown.err
	}
	keys, err := lineedit.OpenKeys(k.in)
	if err != nil {
		return err
	}
	defer keys.Close()
	drawn := make(chan *sketch, 1)
	busy, moved := false, false
	for !s.over || busy && !s.interrupted {
		k.console.setBoard(s.view(shown))
		select {
		case <-ctx.Done():
			s.over, s.interrupted = true, true
		case pressed, open := <-keys.Pressed():
			s.over = s.over || !open
			moved = s.press(pressed) || moved
		case shown = <-drawn:
			busy = false
		}
		if moved && !busy && !s.interrupted {
			busy, moved = true, false
			at := append([]float64(nil), s.at...)
			go func() { drawn <- k.draw(drawing, p, at) }()
		}
	}
	cancel()
	if busy {
		<-drawn
	}
	k.console.endBoard(p.Text(shown.at) + "\n" + shown.text.String())
	return ctx.Err()
}

// draw draws a panel as text.
func (k *keyboard) draw(ctx context.Context, p report.Panel, at []float64) *sketch {
	d := &sketch{at: at, style: report.StyleFor(k.console.out, k.console.getenv)}
	d.err = p.Draw(ctx, at, d)
	var shown *report.Error
	switch {
	case errors.As(d.err, &shown):
		d.Show(shown)
	case d.err != nil:
		d.Show(&report.Error{Name: report.Failed, Message: d.err.Error()})
	}
	return d
}

// sketch is the drawing of a panel as text.
type sketch struct {
	at    []float64
	style report.Style
	err   error

	mu   sync.Mutex
	text strings.Builder
}

func (d *sketch) Print(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.text.WriteString(text)
}

func (d *sketch) Show(r report.Report)     { d.Print(report.Text(r, d.style)) }
func (d *sketch) Progress(report.Progress) {}

// sliders are the controls of a panel and the one that keys move.
type sliders struct {
	panel    report.Panel
	at       []float64
	selected int
	over     bool // the user has finished
	// interrupted means that a drawing in progress is not waited for.
	interrupted bool
}

// page is the number of positions that a page key moves.
const page = 10

// press handles keys and reports whether a control has moved.
func (s *sliders) press(keys string) (moved bool) {
	before := append([]float64(nil), s.at...)
	for _, key := range keys {
		switch key {
		case lineedit.KeyUp:
			s.selected = max(0, s.selected-1)
		case lineedit.KeyDown:
			s.selected = min(len(s.at)-1, s.selected+1)
		case lineedit.KeyRight:
			s.move(1)
		case lineedit.KeyLeft:
			s.move(-1)
		case lineedit.KeyPageUp:
			s.move(page)
		case lineedit.KeyPageDown:
			s.move(-page)
		case lineedit.KeyHome:
			s.move(-s.count())
		case lineedit.KeyEnd:
			s.move(s.count())
		case 'r':
			copy(s.at, s.panel.First())
		case lineedit.KeyInterrupt:
			s.over, s.interrupted = true, true
		case lineedit.KeyEnter, lineedit.KeyNewline, lineedit.KeyEOF, 'q':
			s.over = true
		}
	}
	for i := range s.at {
		moved = moved || s.at[i] != before[i]
	}
	return moved
}

func (s *sliders) count() int { return s.panel.Controls[s.selected].Count() }

// move moves the selected control by a number of positions.
func (s *sliders) move(by int) {
	c := s.panel.Controls[s.selected]
	s.at[s.selected] = c.At(max(0, min(c.Count()-1, c.Index(s.at[s.selected])+by)))
}

// view returns the controls with a drawing below.
func (s *sliders) view(d *sketch) string {
	width := 0
	for _, c := range s.panel.Controls {
		width = max(width, textwidth.Of(c.Name))
	}
	var b strings.Builder
	for i, c := range s.panel.Controls {
		mark := "  "
		if i == s.selected {
			mark = "▸ "
		}
		ends := fmt.Sprintf("%s … %s", c.Label(c.At(0)), c.Label(c.At(c.Count()-1)))
		if c.Kind != report.Slider {
			ends = fmt.Sprintf("%d of %d", c.Index(s.at[i])+1, c.Count())
		}
		fmt.Fprintf(&b, "%s%s  ◂ %s ▸   %s\n", mark, textwidth.Left(c.Name, width), c.Label(s.at[i]), ends)
	}
	b.WriteString("↑ ↓ choose · ← → move · r resets · Enter ends\n")
	d.mu.Lock()
	defer d.mu.Unlock()
	b.WriteString(d.text.String())
	return b.String()
}
