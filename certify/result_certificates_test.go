package certify

import (
	"math"
	"slices"
	"testing"
)

func TestSlices(t *testing.T) {
	c := radii(0, 1, 2, 3, 4, 5, 6)
	c.Planned = 10 // the last three are missing
	for _, s := range []struct {
		first, last, step int
		rows              []int
		planned           int
	}{
		{0, 10, 1, []int{0, 1, 2, 3, 4, 5, 6}, 10},
		{0, 10, 3, []int{0, 3, 6}, 4},
		{2, 6, 2, []int{2, 4}, 2},
		{8, 10, 1, nil, 2},
		{3, 3, 1, nil, 0},
	} {
		got := c.Slice(s.first, s.last, s.step)
		var rows []int
		for _, row := range got.Rows {
			rows = append(rows, row.Index)
		}
		if !slices.Equal(rows, s.rows) || got.Planned != s.planned || got.Smoothing != c.Smoothing {
			t.Errorf(
				"[%d:%d:%d] has rows %v of %d planned, expected %v of %d",
				s.first,
				s.last,
				s.step,
				rows,
				got.Planned,
				s.rows,
				s.planned,
			)
		}
	}
	for _, bad := range [][3]int{{-1, 2, 1}, {3, 2, 1}, {0, 11, 1}, {0, 5, 0}} {
		if c.Slice(bad[0], bad[1], bad[2]) != nil {
			t.Errorf("[%d:%d:%d] is not refused", bad[0], bad[1], bad[2])
		}
	}
}

func TestTooFewRows(t *testing.T) {
	if c := radii(); !math.IsNaN(c.ACR()) || !math.IsNaN(c.ACRError()) || !math.IsNaN(c.Accuracy(0)) {
		t.Error("averages of no rows should be NaN")
	}
	if c := radii(0.75); c.ACR() != 0.75 || !math.IsNaN(c.ACRError()) {
		t.Errorf("one row: %v ± %v", c.ACR(), c.ACRError())
	}
}

func TestIndexRuns(t *testing.T) {
	for _, c := range []struct {
		indices []int
		want    []indexRun
	}{
		{[]int{5}, []indexRun{{5, 1, 1}}},
		{[]int{0, 100, 200, 300}, []indexRun{{0, 100, 4}}},
		{[]int{1, 2, 3, 10, 20, 30, 31}, []indexRun{{1, 1, 3}, {10, 10, 3}, {31, 1, 1}}},
		{[]int{7, 100}, []indexRun{{7, 93, 2}}},
	} {
		var images []Image
		for _, i := range c.indices {
			images = append(images, Image{Index: i})
		}
		if got := indexRuns(images); !slices.Equal(got, c.want) {
			t.Errorf("%v is written as %v, expected %v", c.indices, got, c.want)
		}
	}
}
