package certify

import (
	"cmp"
	"maps"
	"slices"
)

// drop is a fall of certified accuracy at a radius, as a share.
type drop struct{ radius, share float64 }

// Curve returns certified accuracy as a function of the radius, as [Plot] draws it: the corners of the line from radius
// 0 down to accuracy 0. At a radius with two corners the upper one is [Certificates.Accuracy]. It is nil without rows.
// Under a ladder the curve falls at radii of the grid only, and is a lower bound between them.
func (c *Certificates) Curve() (radii, accuracy []float64) {
	if len(c.Rows) == 0 {
		return nil, nil
	}
	drops := c.drops()
	slices.SortFunc(drops, func(a, b drop) int { return cmp.Compare(a.radius, b.radius) })
	above := make([]float64, len(drops)+1) // accuracy before each drop; summed from the end, so that it ends at 0
	for i := len(drops) - 1; i >= 0; i-- {
		above[i] = above[i+1] + drops[i].share
	}
	rows := float64(len(c.Rows))
	radii, accuracy = []float64{0}, []float64{above[0] / rows}
	for i, d := range drops {
		if i+1 < len(drops) && drops[i+1].radius == d.radius {
			continue
		}
		radii = append(radii, d.radius, d.radius)
		accuracy = append(accuracy, accuracy[len(accuracy)-1], above[i+1]/rows)
	}
	return radii, accuracy
}

// drops returns one drop per correct row; for re-expressed rows, one per possible number of votes. Shares are of one
// row.
func (c *Certificates) drops() (drops []drop) {
	if c.ReexpressedFrom == 0 {
		for _, row := range c.Rows {
			if row.Correct && (row.Radius > 0 || c.Plan.DefinesAccuracy(0)) {
				drops = append(drops, drop{row.Radius, 1})
			}
		}
		return drops
	}
	rows, expected := map[int]float64{}, map[int]float64{} // by votes before and after
	for _, row := range c.Rows {
		if row.Correct {
			rows[row.Votes]++
		}
	}
	for _, votes := range slices.Sorted(maps.Keys(rows)) { // in a fixed order, so that sums are reproducible
		c.subset(votes).each(func(kept int, p float64) { expected[kept] += rows[votes] * p })
	}
	for kept, share := range expected {
		if p := c.Plan.lower(kept, c.Plan.N, c.Plan.Alpha); p >= 0.5 {
			drops = append(drops, drop{c.Smoothing.Radius(p), share})
		}
	}
	return drops
}
