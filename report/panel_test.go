package report

import (
	"math"
	"testing"
)

func TestControlPositions(t *testing.T) {
	slider := Control{Name: "sigma", Min: 0.1, Max: 1, Step: 0.02, First: 0.56}
	whole := Control{Name: "n", Min: -3, Max: 8, Step: 5, Whole: true}
	choice := Control{Name: "net", Kind: Choice, Options: []string{"a", "b", "c"}}
	for _, c := range []struct {
		control      Control
		count, index int
		x            float64
		label        string
		valid        bool
	}{
		{slider, 46, 23, 0.56, "0.56", true},
		{slider, 46, 0, 0.1, "0.1", true},
		{slider, 46, 45, 1, "1", true},
		{slider, 46, 45, 1.1, "1.1", false},
		{slider, 46, 0, math.Inf(-1), "-Inf", false},
		{whole, 3, 1, 2, "2", true},
		{whole, 3, 1, 2.5, "2.5", false},
		{choice, 3, 2, 2, "c", true},
		{choice, 3, 2, 3, "c", false},
		{choice, 3, 0, -1, "a", false},
		{choice, 3, 1, 0.5, "b", false},
		{Control{Kind: Check}, 2, 1, 1, "True", true},
		{Control{Kind: Check}, 2, 0, 0, "False", true},
	} {
		if n, i := c.control.Count(), c.control.Index(c.x); n != c.count || i != c.index {
			t.Errorf("%s %v: position %d of %d, want %d of %d", c.control.Name, c.x, i, n, c.index, c.count)
		}
		if label, valid := c.control.Label(c.x), c.control.Valid(c.x); label != c.label || valid != c.valid {
			t.Errorf("%s %v: %q, valid %v", c.control.Name, c.x, label, valid)
		}
	}
	for i := range slider.Count() {
		if x := slider.At(i); slider.Index(x) != i || !slider.Valid(x) || math.Abs(x-(0.1+0.02*float64(i))) > 1e-12 {
			t.Errorf("position %d is %v", i, x)
		}
	}
	p := Panel{Controls: []Control{slider, choice}}
	if got := p.Text(p.First()); got != "sigma=0.56, net=a" {
		t.Errorf("the text is %q", got)
	}
	if slider.Valid(math.NaN()) || whole.Valid(math.NaN()) || choice.Valid(math.NaN()) {
		t.Error("NaN is valid")
	}
}

// The curve of a run of any length has at most MaxPoints points, evenly spaced from its first update on.
func TestCourse(t *testing.T) {
	for _, n := range []int{1, 2, MaxPoints, MaxPoints + 1, 10 * MaxPoints, 12345} {
		var c Course
		for i := 1; i <= n; i++ {
			c.Add(CoursePoint{Update: i})
		}
		points := c.Points()
		if len(points) > MaxPoints || len(points) < min(n, MaxPoints/2) || points[0].Update != 1 {
			t.Fatalf("%d updates: %d points", n, len(points))
		}
		for i := 2; i < len(points); i++ {
			if points[i].Update-points[i-1].Update != points[1].Update-points[0].Update {
				t.Errorf("%d updates: points at %d and %d", n, points[i-1].Update, points[i].Update)
			}
		}
	}
}
