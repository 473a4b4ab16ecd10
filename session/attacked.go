package session

import (
	"smoothlab/columns"
	"smoothlab/report"
	"smoothlab/robust"

	"go.starlark.net/starlark"
)

// attackValue is the result of an attack. Its elements are the images with the points that were found.
type attackValue struct {
	*listValue
	job   robust.Job
	found []robust.Attacked
}

var _ saver = (*attackValue)(nil)

func newAttackValue(r report.Attack, job robust.Job, found []robust.Attacked) *attackValue {
	at := func(i int) starlark.Value { return newAttacked(r, job, found[i], i) }
	images := part{
		"images",
		"result for each image; a.images[0] is a[0], whose point can be drawn, predicted and certified",
		func() starlark.Value { return elements(len(found), at) },
	}
	a := &attackValue{newListValue(r, len(found), at, images), job, found}
	a.self = a
	return a
}

// columns adds to the results by image the points, for .npz: by image and eps, an image's own values where it was lost
// before.
func (a *attackValue) columns() (columns.Table, error) {
	t, err := a.reportValue.columns()
	if err != nil {
		return t, err
	}
	eps := len(a.r.(report.Attack).Eps) - 1
	var points [][]float32
	for _, x := range a.found {
		for i := range eps {
			points = append(points, pointWithin(a.job, x, i))
		}
	}
	t.Columns = append(t.Columns, pixelColumn(a.job.Data, points, eps))
	return t, t.Check()
}

// pointWithin returns the point at which an image was predicted within the i-th eps: found there, or where it was lost.
func pointWithin(job robust.Job, x robust.Attacked, i int) []float32 {
	if n := len(x.ByEps); n > 0 {
		return x.ByEps[min(i, n-1)].Point
	}
	pixels := job.Data.Image(x.Pos)
	point := make([]float32, len(pixels))
	for k, p := range pixels {
		point[k] = float32(p) / 255
	}
	return point
}

// anyAttacked returns an image without results, to list its attributes.
func anyAttacked() *listValue {
	return newAttacked(report.Attack{Images: make([]report.AttackImage, 1)}, robust.Job{}, robust.Attacked{}, 0)
}

// newAttacked returns one image of an attack, as a value with one element per eps at which a point was searched.
func newAttacked(r report.Attack, job robust.Job, x robust.Attacked, i int) *listValue {
	image := report.AttackedImage{Dataset: r.Dataset, Split: r.Split, AttackImage: r.Images[i]}
	if job.Data != nil { // nil where only the attributes are listed
		image.Pictures = attackPictures(job, x)
	}
	for _, e := range r.Eps {
		image.Eps = append(image.Eps, e.Eps)
	}
	at := func(k int) starlark.Value {
		o := x.ByEps[k]
		return newPoint(
			job.Data,
			x.Pos,
			o.Point,
			report.Point{Eps: image.Eps[k+1], Predicted: &o.Predicted, Distance: o.Distance},
		)
	}
	last := func() starlark.Value {
		if len(x.ByEps) == 0 {
			return starlark.None
		}
		return at(len(x.ByEps) - 1)
	}
	return newListValue(
		image,
		len(x.ByEps),
		at,
		part{"point", "the point found last; None if the image itself is not predicted as its label", last},
		part{
			"points",
			"the points found, by eps, up to the first that is not predicted as the label",
			func() starlark.Value { return elements(len(x.ByEps), at) },
		},
	)
}
