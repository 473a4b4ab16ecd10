package lineedit

import "time"

// Screen is a terminal on which an item is drawn while it is typed, below everything else.
type Screen interface {
	// Update writes what draw returns for the screen's drawing and its size in columns and rows, while nothing else
	// is written.
	Update(draw func(d *Drawing, width, height int) string)
}

// Drawing is the item being typed as it is seen on a screen, which owns it. The zero value
// shows nothing. Text that the screen shows while the drawing is active goes above the item: Erase, the text, Draw. All
// methods return what is to be written.
type Drawing struct {
	view  *view // nil while no item is typed
	shown frame // the rows of the view that are on the screen
}

// Active reports whether an item is being typed.
func (d *Drawing) Active() bool { return d.view != nil }

// Erase clears the rows of the item. The cursor is then where the item began.
func (d *Drawing) Erase() string {
	text := d.shown.erase()
	d.shown = frame{}
	return text
}

// Draw brings the rows on the screen up to date.
func (d *Drawing) Draw(width, height int) string {
	next := d.view.layout(width, height)
	text := next.over(d.shown)
	d.shown = next
	return text
}

// maxEcho is how many rows of a long item stay on the screen when it is run.
const maxEcho = 500

// leave ends the drawing: the item stays on the screen, with a mark behind it, and the cursor goes below.
func (d *Drawing) leave(mark string, width, height int) string {
	d.view.pos, d.view.below, d.view.mark = len(d.view.text), nil, mark
	last := d.view.layout(width, max(height, maxEcho))
	text := ""
	if len(last.rows) > height {
		text = d.Erase()
	}
	text += last.over(d.shown) + "\r\n"
	*d = Drawing{}
	return text
}

// display is the screen as the editor uses it.
type display struct {
	screen   Screen
	cutsRows bool
}

// settle is how long after a change of the window the item is redrawn: dragging an edge changes it many times.
const settle = 30 * time.Millisecond

// edit draws v as the item being typed.
func (p *display) edit(v view) {
	p.screen.Update(func(d *Drawing, width, height int) string {
		d.view = &v
		return d.Draw(width, height)
	})
}

// leave ends the editing of the item.
func (p *display) leave(mark string) {
	p.whileActive(func(d *Drawing, width, height int) string { return d.leave(mark, width, height) })
}

// redraw draws the item again at the cursor, on a screen whose content is unknown.
func (p *display) redraw(before string) {
	p.whileActive(func(d *Drawing, width, height int) string {
		d.shown = frame{}
		return before + d.Draw(width, height)
	})
}

// resized draws the item again after the window has changed.
func (p *display) resized() {
	p.whileActive(func(d *Drawing, width, height int) string {
		erase := d.shown.eraseAt(width, !p.cutsRows)
		d.shown = frame{}
		return erase + d.Draw(width, height)
	})
}

func (p *display) whileActive(draw func(d *Drawing, width, height int) string) {
	p.screen.Update(func(d *Drawing, width, height int) string {
		if !d.Active() {
			return ""
		}
		return draw(d, width, height)
	})
}

// control writes what acts on the terminal and shows nothing.
func (p *display) control(sequence string) {
	p.screen.Update(func(*Drawing, int, int) string { return sequence })
}

func (p *display) bell() { p.control("\a") }

func (p *display) width() (columns int) {
	p.screen.Update(func(_ *Drawing, width, _ int) string {
		columns = width
		return ""
	})
	return columns
}
