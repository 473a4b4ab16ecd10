package onnx

import (
	"fmt"
	"slices"
)

// place says where a value keeps the images of a batch apart: along an axis, whose index is (outer·batch +
// image)·inner + rest. Reshaping moves images into and out of shared axes, as attention does with its heads and Swin
// with its windows.
type place struct {
	axis  int // -1 if the value is the same for all images
	inner int
}

var nowhere = place{axis: -1}

func (p place) known() bool { return p.axis >= 0 }

// mixesError reports that a result for one image would depend on others. What the node does is added by the caller.
type mixesError struct{ how string }

func (e *mixesError) Error() string {
	return fmt.Sprintf("mixes the images of a batch (%s): a vote must depend on one image", e.how)
}

// reshape is the place after a reshape from dims to other dimensions of the same size.
func (p place) reshape(batch int, dims, to []int) (place, error) {
	if !p.known() {
		return p, nil
	}
	stride := p.inner * product(dims[p.axis+1:]) // between neighbouring images, in elements
	below := 1
	for axis := len(to) - 1; axis >= 0; axis-- {
		above := below * to[axis]
		if stride%below == 0 && stride*batch <= above && above%(stride*batch) == 0 && to[axis]%batch == 0 {
			return place{axis: axis, inner: stride / below}, nil
		}
		below = above
	}
	return nowhere, &mixesError{fmt.Sprintf("a reshape from %v to %v tears them apart", dims, to)}
}

// keep is the place after an operation that works along axes, none of which may hold the images.
func (p place) keep(axes ...int) (place, error) {
	if p.known() && slices.Contains(axes, p.axis) {
		return nowhere, &mixesError{fmt.Sprintf("along axis %d", p.axis)}
	}
	return p, nil
}

// without is the place after axes were removed.
func (p place) without(axes ...int) (place, error) {
	p, err := p.keep(axes...)
	if err != nil || !p.known() {
		return p, err
	}
	for _, a := range axes {
		if a < p.axis {
			p.axis--
		}
	}
	return p, nil
}

// within is the place of a value of some rank among values of a higher one, right-aligned.
func (p place) within(rank, among int) place {
	if p.known() {
		p.axis += among - rank
	}
	return p
}

// together is the place of a result of values that are broadcast against each other to dims: where one of them keeps
// the images, the others must keep them too, or be the same for all.
func together(dims []int, values ...*value) (place, error) {
	found := nowhere
	for _, v := range values {
		if !v.place.known() {
			continue
		}
		p := v.place.within(len(v.dims), len(dims))
		if found.known() && found != p {
			return nowhere, &mixesError{"images along different axes meet"}
		}
		found = p
	}
	if !found.known() {
		return found, nil
	}
	for _, v := range values {
		k := found.axis - len(dims) + len(v.dims)
		if v.place.known() || k < 0 || v.dims[k] == 1 || v.uniform {
			continue
		}
		return nowhere, &mixesError{fmt.Sprintf("a constant of shape %v tells them apart", v.dims)}
	}
	return found, nil
}
