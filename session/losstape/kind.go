package losstape

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Kind is the kind of a tensor's contents, for B images of H×W×C, m noise samples and K classes.
type Kind int

// The kinds of tensors.
const (
	Number   Kind = iota // one number: a loss, a setting
	PerImage             // [B] a number for each image
	PerCopy              // [m·B] a number for each noisy copy
	Classes              // [B, K] a number for each image and class
	Noisy                // [m·B, K] a number for each noisy copy and class, such as logits
	Images               // [B, H, W, C]
	Labels               // [B] the classes of the images
)

func (k Kind) String() string {
	return [...]string{"a number", "a number for each image", "a number for each noisy copy",
		"a number for each image and class",
		"a number for each noisy copy and class", "images", "labels"}[k]
}

// join returns the kind of an element-wise operation on values of two kinds. Numbers are broadcast to images, images to
// their noisy copies, and both to classes.
func join(a, b Kind) (Kind, error) {
	if a > b {
		a, b = b, a
	}
	switch {
	case b == Labels:
	case a == b, a == Number, a == PerImage:
		return b, nil
	case b == Noisy, a == PerCopy && b == Classes:
		return Noisy, nil
	}
	return 0, fmt.Errorf("cannot combine %v and %v", a, b)
}

// shape returns the shape of a kind in a step with m noise samples and images x; classes is K.
func (k Kind) shape(x shapes.Shape, m, classes int) []int {
	b := x.Dimensions[0]
	switch k {
	case Number:
		return nil
	case PerImage, Labels:
		return []int{b}
	case PerCopy:
		return []int{m * b}
	case Classes:
		return []int{b, classes}
	case Noisy:
		return []int{m * b, classes}
	}
	return x.Dimensions
}

// repeat broadcasts a value of one kind to the shape of another that it can be joined with. Copies are noise-major.
func repeat(v *Node, from, to Kind, x shapes.Shape, m, classes int) *Node {
	if from == to {
		return v
	}
	want := to.shape(x, m, classes)
	b := x.Dimensions[0]
	if from == Number {
		return BroadcastToDims(v, want...)
	}
	if (from == PerImage || from == Classes) && (to == PerCopy || to == Noisy) {
		d := v.Shape().Dimensions
		v = Reshape(BroadcastToDims(InsertAxes(v, 0), append([]int{m}, d...)...), append([]int{m * b}, d[1:]...)...)
	}
	for v.Rank() < len(want) {
		v = InsertAxes(v, -1)
	}
	return BroadcastToDims(v, want...)
}
