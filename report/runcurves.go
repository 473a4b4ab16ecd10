package report

import (
	"math"
	"slices"
)

// MaxPoints is the maximum number of points of a run. When more are added, every second one is dropped.
const MaxPoints = 200

// CoursePoint is the state of a run after an update.
type CoursePoint struct {
	Update int     `json:"update"`
	LR     float64 `json:"lr"`
	Terms  []Term  `json:"terms"` // means over the epoch so far
}

// Course collects the points of a run, evenly spaced by updates. The zero value is empty.
type Course struct {
	points []CoursePoint
	stride int // updates between two points
}

// Add adds the state after an update. Updates come in order.
func (c *Course) Add(p CoursePoint) {
	if c.stride == 0 {
		c.stride = 1
	}
	if n := len(c.points); n > 0 && p.Update < c.points[n-1].Update+c.stride {
		return
	}
	if c.points = append(c.points, p); len(c.points) <= MaxPoints {
		return
	}
	var rest []CoursePoint
	for i := 0; i < len(c.points); i += 2 {
		rest = append(rest, c.points[i])
	}
	c.points, c.stride = rest, 2*c.stride
}

// Points returns a copy of the points.
func (c *Course) Points() []CoursePoint { return slices.Clone(c.points) }

// curves returns the course of the run by update: loss terms, accuracy under noise, and the learning rate where it
// changes.
func (r Run) curves() []Block {
	if len(r.Points) < 2 {
		return nil
	}
	blocks := []Block{r.termCurves()}
	if c := r.accuracyCurve(); len(c.Series[0].X) > 1 {
		blocks = append(blocks, c)
	}
	rate := Series{}
	for _, p := range r.Points {
		rate.X, rate.Y = append(rate.X, float64(p.Update)), append(rate.Y, p.LR)
	}
	if slices.Min(rate.Y) < slices.Max(rate.Y) {
		blocks = append(blocks, Curves{Title: "learning rate", X: "update", Series: []Series{rate}})
	}
	return blocks
}

func (r Run) termCurves() Curves {
	c := Curves{Title: "loss", X: "update", Y: "mean over the epoch so far"}
	for _, p := range r.Points {
		for _, t := range p.Terms {
			i := slices.IndexFunc(c.Series, func(s Series) bool { return s.Name == t.Name })
			if i < 0 {
				i, c.Series = len(c.Series), append(c.Series, Series{Name: t.Name})
			}
			s := &c.Series[i]
			s.X, s.Y = append(s.X, float64(p.Update)), append(s.Y, t.Value)
		}
	}
	return c
}

// accuracyCurve returns the accuracy under noise at the last update of each epoch.
func (r Run) accuracyCurve() Curves {
	var s Series
	for _, e := range r.History {
		if e.tested() && !math.IsNaN(e.NoisyAccuracy) && r.Epochs > 0 {
			s.X = append(s.X, float64((e.Epoch+1)*r.Updates/r.Epochs))
			s.Y = append(s.Y, e.NoisyAccuracy)
		}
	}
	return Curves{Title: "base accuracy under noise", X: "update", Series: []Series{s}}
}
