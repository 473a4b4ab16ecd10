package onnx

import (
	"fmt"
	"slices"
)

// place is the axis of a value along which the images of a batch are separate. Its index is (outer·batch + image)·inner
// + rest. Reshaping can merge the images' axis with others and split it again, as attention does with heads and Swin
// with windows.
type place struct {
	axis  int // -1 if the value is the same for all images
	inner int
}

var nowhere = place{axis: -1}

func (p place) known() bool { return p.axis >= 0 }

// mixesError reports that a result for one image would depend on others. The caller adds which node it is.
type mixesError struct{ how string }

func (e *mixesError) Error() string {
	return fmt.Sprintf("mixes the images of a batch (%s): a vote must depend on one image", e.how)
}

// reshape returns the place after a reshape from dims to other dimensions of the same size.
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
	return nowhere, &mixesError{fmt.Sprintf("a reshape from %v to %v splits them", dims, to)}
}

// keep returns the place after an operation that works along axes, none of which may be the images'.
func (p place) keep(axes ...int) (place, error) {
	if p.known() && slices.Contains(axes, p.axis) {
		return nowhere, &mixesError{fmt.Sprintf("along axis %d", p.axis)}
	}
	return p, nil
}

// without returns the place after the removal of axes.
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

// within returns the place of a value of some rank after it is right-aligned with values of a higher rank.
func (p place) within(rank, among int) place {
	if p.known() {
		p.axis += among - rank
	}
	return p
}

// together returns the place of a result of values that are broadcast to dims: along the axis of the images, each value
// must hold the images too, or be the same for all of them.
func together(dims []int, values ...*value) (place, error) {
	found := nowhere
	for _, v := range values {
		if !v.place.known() {
			continue
		}
		p := v.place.within(len(v.dims), len(dims))
		if found.known() && found != p {
			return nowhere, &mixesError{"it combines images along different axes"}
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
		return nowhere, &mixesError{fmt.Sprintf("a constant of shape %v differs between images", v.dims)}
	}
	return found, nil
}
