package certify

import (
	"strings"
	"testing"

	"smoothlab/smoothing"
)

// ofNoise returns certificates under a noise.
func ofNoise(s smoothing.Smoothing) Entry {
	c := radii(0.1, 0.2)
	c.Smoothing = s
	return NewEntry(s.Name(), c)
}

// Tables and plots name the norm if it is not L2, and distinguish noises of different norms.
func TestNormIsNamed(t *testing.T) {
	normal := ofNoise(smoothing.Gaussian{Sigma: 0.5})
	laplace := ofNoise(smoothing.Laplace{Scale: 0.25})
	uniform := ofNoise(smoothing.Uniform{Scale: 0.25})
	for _, c := range []struct {
		entries             []Entry
		caption, head, axis string
	}{
		{[]Entry{normal}, "2 images · sigma 0.5 · N 10,000", "", "radius"},
		{[]Entry{laplace}, "2 images · laplace scale 0.25 · L1 radii · N 10,000", "", "L1 radius"},
		{[]Entry{laplace, uniform}, "2 images · L1 radii · N 10,000", "noise", "L1 radius"},
		{[]Entry{normal, uniform}, "2 images · N 10,000", "norm", "L1 or L2 radius"},
	} {
		g, err := Table{Entries: c.entries, Radii: []float64{0.1}}.Grid()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(g.Caption, c.caption) || !strings.Contains(strings.Join(g.Head, " "), c.head) {
			t.Errorf("caption %q, head %q; want %q and %q", g.Caption, g.Head, c.caption, c.head)
		}
		if f, err := AccuracyFigure(c.entries, NoBand); err != nil || f.X.Name != c.axis {
			t.Errorf("the axis is %q, %v; want %q", f.X.Name, err, c.axis)
		}
	}
}

// A ladder's grid is of L2 radii: it is refused under other noise when it is made, and when it is used.
func TestLadderIsForL2(t *testing.T) {
	under := smoothing.Laplace{Scale: 0.5}
	const want = "a ladder is for grids of L2 radii, and laplace scale 0.5 certifies L1 radii"
	if _, err := NewLadder(Fixed(100, 1000, 0.001), under, []float64{0, 0.5}, false); err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("making one: %v", err)
	}
	plan := ladder(t, Fixed(10, 1000, 0.001), 0.5, false, 0, 0.5)
	s := Settings{Source: Source{Smoothing: under, Classes: 3}, Plan: plan}
	if err := s.Check(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("using one: %v", err)
	}
	if err := plan.CheckUse(under); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("planning with one: %v", err)
	}
}
