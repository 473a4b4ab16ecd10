package figure

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"

	"smoothlab/internal/humanize"
)

// Axis is one axis. If Min and Max are equal, it fits the lines; if Tick is 0, the ticks are chosen automatically.
type Axis struct {
	Name     string
	Min, Max float64
	Tick     float64 // distance of the ticks of a linear axis
	Scale    Scale
}

// Scale says where on an axis numbers are.
type Scale string

// Scales.
const (
	Linear Scale = ""
	Log    Scale = "log"  // powers of ten are at equal distances
	Tail   Scale = "tail" // so are 0.9, 0.99, 0.999 …: the distance to 1 is logarithmic
)

// Place returns where a number is on an axis; NaN for numbers that the scale does not have.
func (s Scale) Place(x float64) float64 {
	switch {
	case s == Linear:
		return x
	case s == Log && x > 0:
		return math.Log10(x)
	case s == Tail && x < 1:
		return -math.Log10(1 - x)
	}
	return math.NaN()
}

func (s Scale) places(xs []float64) []float64 {
	if s == Linear {
		return xs
	}
	places := make([]float64, len(xs))
	for i, x := range xs {
		places[i] = s.Place(x)
	}
	return places
}

// Mark is a tick of an axis: its place and its label.
type Mark struct {
	At    float64
	Label string
}

// Marks returns the ticks of an axis between two places, n at most.
func (s Scale) Marks(low, high float64, n int) []Mark {
	if s == Linear {
		return linearMarks(low, high, Tick(low, high, n))
	}
	var marks []Mark
	for every := 1; ; every++ { // decades, or with fewer than two of them also their halves and fifths
		marks = marks[:0]
		for decade := math.Floor(low); decade <= high+1; decade++ {
			if math.Mod(decade, float64(every)) != 0 {
				continue
			}
			for _, k := range s.within(high-low, n) {
				if m := s.mark(decade, k); m.At >= low-1e-9 && m.At <= high+1e-9 {
					marks = append(marks, m)
				}
			}
		}
		if len(marks) <= max(n, 2) || every > 400 {
			marks = s.withHalf(marks, low, high)
			slices.SortFunc(marks, func(a, b Mark) int {
				return int(math.Copysign(1, a.At-b.At))
			})
			return marks
		}
	}
}

// withHalf adds the tick at ½, where a tail begins, if there is none.
func (s Scale) withHalf(marks []Mark, low, high float64) []Mark {
	half := s.mark(1, 5)
	near := func(m Mark) bool { return math.Abs(m.At-half.At) < 1e-9 }
	if s != Tail || half.At < low-1e-9 || half.At > high || slices.ContainsFunc(marks, near) {
		return marks
	}
	return append(marks, half)
}

// within returns the multiples of a power of ten that get a tick on an axis of some decades.
func (s Scale) within(decades float64, n int) []float64 {
	switch {
	case 3*decades <= float64(n)-1:
		return []float64{1, 2, 5}
	case 2*decades <= float64(n)-1:
		return []float64{1, 5}
	}
	return []float64{1}
}

// mark returns the tick at k times a power of ten, or at 1 minus so much.
func (s Scale) mark(decade, k float64) Mark {
	if s == Log {
		x := k * math.Pow(10, decade)
		return Mark{decade + math.Log10(k), Label(tidy(x))}
	}
	x := 1 - k*math.Pow(10, -decade)
	return Mark{decade - math.Log10(k), Label(tidy(x))}
}

func linearMarks(low, high, step float64) (marks []Mark) {
	for _, x := range Ticks(low, high, step) {
		marks = append(marks, Mark{x, Label(x)})
	}
	return marks
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// set fixes the range of the axis after the lines were added.
func (a Axis) set(axis *plot.Axis, upright, whole bool) {
	axis.Min, axis.Max = a.Range(axis.Min, axis.Max, upright)
	axis.Tick.Marker = plot.TickerFunc(func(low, high float64) (ticks []plot.Tick) {
		for _, m := range a.marks(low, high, whole) {
			ticks = append(ticks, plot.Tick{Value: m.At, Label: m.Label})
		}
		return ticks
	})
}

// Range returns the places between which the axis is drawn: its limits, or what shows places from low to high.
func (a Axis) Range(low, high float64, upright bool) (float64, float64) {
	if from, to := a.Scale.Place(a.Min), a.Scale.Place(a.Max); a.Min != a.Max && finite(from) && finite(to) {
		return min(from, to), max(from, to)
	}
	return Range(low, high, upright && a.Scale == Linear)
}

// marks returns the ticks of the axis; whole wants them at whole numbers.
func (a Axis) marks(low, high float64, whole bool) []Mark {
	const most = 6
	if a.Scale != Linear {
		return a.Scale.Marks(low, high, most)
	}
	step := a.Tick
	if step <= 0 || (high-low)/step > 1000 {
		step = Tick(low, high, most)
	}
	if whole {
		step = max(step, 1)
	}
	return linearMarks(low, high, step)
}

// Range returns the range of an axis that shows values from low to high: never empty, and for an upright axis between
// round numbers, from zero if that wastes at most half of it.
func Range(low, high float64, upright bool) (float64, float64) {
	if !finite(low) || !finite(high) || low > high {
		return 0, 1
	}
	if low == high {
		pad := max(math.Abs(low)/2, 0.5)
		low, high = low-pad, high+pad
	}
	if !upright {
		return low, high
	}
	if low > 0 && low <= high/2 {
		low = 0
	}
	step := Tick(low, high, 6)
	down, up := math.Floor(low/step+1e-9)*step, math.Ceil(high/step-1e-9)*step
	if !finite(down) || !finite(up) { // at the end of what a float64 can hold
		return low, high
	}
	return down, up
}

// Tick returns a round distance, 1, 2 or 5 times a power of ten, that gives n ticks at most between low and high.
func Tick(low, high float64, n int) float64 {
	raw := (high - low) / float64(max(n-1, 1))
	if !(raw > 0) || !finite(raw) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, k := range []float64{1, 2, 5} {
		if k*power >= raw*(1-1e-9) {
			return k * power
		}
	}
	return 10 * power
}

// Ticks returns the multiples of step from low to high.
func Ticks(low, high, step float64) []float64 {
	var ticks []float64
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9 && len(ticks) < 1000; i++ {
		ticks = append(ticks, tidy(i*step))
	}
	return ticks
}

// tidy rounds a number to twelve digits, so that its label is short.
func tidy(x float64) float64 { return humanize.Round(x, 12) + 0 } // +0: no −0

// Label formats a tick.
func Label(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
