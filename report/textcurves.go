package report

import (
	"math"
	"slices"
	"strings"

	"smoothlab/figure"
	"smoothlab/internal/textwidth"
)

const (
	curveHeight = 14 // cells
	curveWidth  = 72 // cells, without the labels of the vertical axis
	dotsAcross  = 2  // dots per Braille character
	dotsDown    = 4
	braille     = 0x2800
)

// brailleDots are the bits of a Braille character by column and row.
var brailleDots = [dotsAcross][dotsDown]rune{{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}

// marks distinguish curves if there are no colours.
const marks = "*+ox#%@&"

// chart draws curves with dots, four by two per cell.
type chart struct {
	width, height         int // cells
	left, right, low, top float64
	dots                  [][]rune // bits by cell
	owner                 [][]int  // the last curve through each cell
}

func writeCurves(b *strings.Builder, c Curves, s Style) {
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	x, y := c.XAxis.figure(""), c.YAxis.figure("")
	lines := c.placed(x.Scale, y.Scale)
	if c.Title != "" {
		writeLines(b, c.Title, s)
	}
	ch, ok := newChart(lines, x, y)
	if !ok {
		writeLines(b, "(nothing to draw)", s)
		return
	}
	yMarks := y.Scale.Marks(ch.low, ch.top, 6)
	labels := 0
	for _, m := range yMarks {
		labels = max(labels, textwidth.Of(m.Label))
	}
	labels = min(labels, s.width()-8)
	ch.resize(min(s.width()-labels-2, curveWidth), curveHeight)
	for i, l := range lines {
		ch.draw(i, ch.inside(l))
	}
	if c.Y != "" {
		writeLines(b, c.Y, s)
	}
	for row := range ch.height {
		label, axis := "", "│"
		for _, m := range yMarks {
			if ch.row(m.At) == row {
				label, axis = m.Label, "┤"
			}
		}
		line := textwidth.Right(textwidth.Cut(label, labels), labels) + " " + axis + ch.line(row, len(lines), s.Color)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	ch.writeAxis(b, labels, clean(c.X, false), x.Scale, figure.Whole(lines))
	writeLegend(b, c.Series, s)
	if c.Caption != "" {
		writeLines(b, c.Caption, s)
	}
}

// lines returns the curves, with clean names.
func (c Curves) lines() []figure.Line {
	lines := make([]figure.Line, len(c.Series))
	for i, s := range c.Series {
		lines[i] = figure.Line{
			Name: clean(s.Name, false), X: s.X, Y: s.Y, Low: s.Low, High: s.High, Steps: s.Steps, Points: s.Points,
		}
	}
	return lines
}

// placed returns the curves at their places on two scales.
func (c Curves) placed(x, y figure.Scale) []figure.Line {
	lines := c.lines()
	for i, l := range lines {
		lines[i] = l.On(x, y)
	}
	return lines
}

// newChart computes the ranges: those of the axes, or of the lines. It returns false if there are no points to draw.
func newChart(lines []figure.Line, x, y figure.Axis) (ch *chart, ok bool) {
	left, right, low, top := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		for _, part := range l.Parts() {
			for _, p := range part {
				left, right, low, top = min(left, p.X), max(right, p.X), min(low, p.Y), max(top, p.Y)
			}
		}
	}
	if left > right {
		return nil, false
	}
	ch = &chart{}
	ch.left, ch.right = x.Range(left, right, false)
	ch.low, ch.top = y.Range(low, top, true)
	return ch, true
}

// inside returns the line without its points outside the chart.
func (ch *chart) inside(l figure.Line) figure.Line {
	x, y := slices.Clone(l.X), slices.Clone(l.Y)
	for i := range x {
		if x[i] < ch.left || x[i] > ch.right {
			x[i] = math.NaN()
		}
	}
	for i := range y {
		if y[i] < ch.low || y[i] > ch.top {
			y[i] = math.NaN()
		}
	}
	l.X, l.Y = x, y
	return l
}

func (ch *chart) resize(width, height int) {
	ch.width, ch.height = width, height
	for range height {
		ch.dots = append(ch.dots, make([]rune, width))
		ch.owner = append(ch.owner, make([]int, width))
	}
}

// at returns the position of a value among n dots from low to high.
func at(v, low, high float64, n int) int {
	share := v/(high-low) - low/(high-low) // not (v-low)/…, which may overflow
	return min(n-1, max(0, int(math.Round(share*float64(n-1)))))
}

func (ch *chart) dotX(x float64) int { return at(x, ch.left, ch.right, dotsAcross*ch.width) }
func (ch *chart) dotY(y float64) int {
	n := dotsDown * ch.height
	return n - 1 - at(y, ch.low, ch.top, n)
}
func (ch *chart) row(y float64) int    { return ch.dotY(y) / dotsDown }
func (ch *chart) column(x float64) int { return ch.dotX(x) / dotsAcross }

func (ch *chart) draw(curve int, l figure.Line) {
	for _, part := range l.Parts() {
		x, y := ch.dotX(part[0].X), ch.dotY(part[0].Y)
		ch.set(curve, x, y)
		for _, p := range part[1:] {
			toX, toY := ch.dotX(p.X), ch.dotY(p.Y)
			if l.Points {
				ch.set(curve, toX, toY)
				continue
			}
			n := max(abs(toX-x), abs(toY-y))
			for i := 1; i <= n; i++ {
				share := float64(i) / float64(n)
				ch.set(curve, x+int(math.Round(share*float64(toX-x))), y+int(math.Round(share*float64(toY-y))))
			}
			x, y = toX, toY
		}
	}
}

func (ch *chart) set(curve, x, y int) {
	row, column := y/dotsDown, x/dotsAcross
	ch.dots[row][column] |= brailleDots[x%dotsAcross][y%dotsDown]
	ch.owner[row][column] = curve
}

// line returns one line of the chart: Braille dots in the curves' colours, or marks for several curves without colours.
func (ch *chart) line(row, curves int, c Color) string {
	var b strings.Builder
	last := -1
	for column, dots := range ch.dots[row] {
		curve := ch.owner[row][column]
		switch {
		case dots == 0:
			b.WriteByte(' ')
		case c != NoColor:
			if curve != last {
				b.WriteString(curveColor(curve, c))
				last = curve
			}
			b.WriteRune(braille + dots)
		case curves > 1:
			b.WriteByte(marks[curve%len(marks)])
		default:
			b.WriteRune(braille + dots)
		}
	}
	if last >= 0 {
		b.WriteString(reset)
	}
	return b.String()
}

// curveColor returns the colour of a curve. The first, black in a figure, is the terminal's text colour here.
func curveColor(i int, c Color) string {
	if rgb := figure.Color(i); rgb.R|rgb.G|rgb.B != 0 {
		return c.escape(foreground, rgb)
	}
	return reset
}

// writeAxis draws the horizontal axis, its name, and as many labels as fit.
func (ch *chart) writeAxis(b *strings.Builder, labels int, name string, scale figure.Scale, whole bool) {
	axis, below := []rune(strings.Repeat("─", ch.width)), []rune(strings.Repeat(" ", ch.width))
	end := -1
	n := max(2, ch.width/10)
	ticks := scale.Marks(ch.left, ch.right, n)
	if whole && scale == figure.Linear && figure.Tick(ch.left, ch.right, n) < 1 {
		ticks = nil
		for _, x := range figure.Ticks(ch.left, ch.right, 1) {
			ticks = append(ticks, figure.Mark{At: x, Label: figure.Label(x)})
		}
	}
	for _, m := range ticks {
		label := []rune(m.Label)
		at := ch.column(m.At)
		axis[at] = '┬'
		from := min(max(0, at-len(label)/2), ch.width-len(label))
		if from > end && from >= 0 {
			copy(below[from:], label)
			end = from + len(label)
		}
	}
	indent := strings.Repeat(" ", labels+1)
	b.WriteString(indent + "└" + string(axis) + "\n" + strings.TrimRight(indent+" "+string(below), " ") + "\n")
	if name != "" {
		name = textwidth.Cut(name, ch.width)
		b.WriteString(indent + " " + strings.Repeat(" ", (ch.width-textwidth.Of(name))/2) + name + "\n")
	}
}

// writeLegend names the curves, as many per line as fit.
func writeLegend(b *strings.Builder, series []Series, s Style) {
	if len(series) == 1 && series[0].Name == "" {
		return
	}
	used := 0
	for i, one := range series {
		mark := "⠒⠒"
		if s.Color == NoColor && len(series) > 1 {
			mark = string(marks[i%len(marks)])
		}
		name := textwidth.Cut(clean(one.Name, false), s.width()-textwidth.Of(mark)-1)
		width := textwidth.Of(mark) + 1 + textwidth.Of(name)
		switch {
		case used > 0 && used+3+width > s.width():
			b.WriteString("\n")
			used = 0
		case used > 0:
			b.WriteString("   ")
			used += 3
		}
		if s.Color != NoColor {
			mark = curveColor(i, s.Color) + mark + reset
		}
		b.WriteString(mark + " " + name)
		used += width
	}
	if used > 0 {
		b.WriteString("\n")
	}
}
