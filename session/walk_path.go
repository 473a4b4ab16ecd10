package session

import (
	"smoothlab/columns"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// path returns the search path of each image so far, as a value with one element per image.
func (v *walkValue) path() starlark.Value {
	paths, points := v.paths(0), v.pathPoints()
	at := func(i int) starlark.Value { return v.imagePath(i, paths[i], points[i]) }
	images := part{"images", imagesOfPath, func() starlark.Value { return elements(len(paths), at) }}
	return newPathValue(newListValue(report.WalkPath{Images: paths}, len(paths), at, images), v, points)
}

// Help on the attributes of search paths.
const (
	imagesOfPath = "search path of each image; w.path.images[0] is w.path[0]"
	pointsOfPath = "the points by step, from 0: the image itself"
)

// imagePath returns the search path of one image, as a value with one element per point.
func (v *walkValue) imagePath(i int, path report.SearchPath, points [][]float32) starlark.Value {
	at := func(step int) starlark.Value {
		p := path.Path[step]
		return newPoint(
			v.data,
			i,
			points[step],
			report.Point{Step: step, Probability: &p.Probability, Loss: &p.Loss, Distance: p.Distance},
		)
	}
	steps := part{"path", pointsOfPath, func() starlark.Value { return elements(len(points), at) }}
	return newPathValue(newListValue(path, len(points), at, steps), v, [][][]float32{points})
}

// pathPoints returns the values of the points by image and step. A later verb of the walk does not change them.
func (v *walkValue) pathPoints() [][][]float32 {
	points := make([][][]float32, v.data.Len())
	for _, p := range v.w.Path() {
		for i := range points {
			points[i] = append(points[i], p.Pixels[i])
		}
	}
	return points
}

// pathValue is the search path of one or all images of a walk. Saved as .npz, it has the points.
type pathValue struct {
	*listValue
	of     *walkValue
	points [][][]float32 // by image and step
}

var _ saver = (*pathValue)(nil)

func newPathValue(list *listValue, of *walkValue, points [][][]float32) *pathValue {
	v := &pathValue{list, of, points}
	v.self = v
	return v
}

func (v *pathValue) columns() (columns.Table, error) {
	t, err := v.reportValue.columns()
	if err != nil {
		return t, err
	}
	var all [][]float32
	for _, points := range v.points {
		all = append(all, points...)
	}
	t.Columns = append(t.Columns, pixelColumn(v.of.data, all))
	return t, t.Check()
}
