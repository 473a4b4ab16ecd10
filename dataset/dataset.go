package dataset

import (
	"fmt"
	"slices"
	"strconv"

	"smoothlab/internal/humanize"
)

// Dataset is a set of labelled images of one shape, all in memory.
type Dataset struct {
	// Name and Split identify an [Entry]: "mnist", "test"; or Name is the path of a directory or .npz file, whose split
	// is [All] if it has no parts.
	Name, Split string
	// Height, Width and Channels are the shape of one image, in pixels.
	Height, Width, Channels int
	// Classes holds the class names; a label is an index into it.
	Classes []string
	// Pixels holds the images one after another, each row by row with the
	// channels of a pixel together (NHWC). The value p means p/255.
	Pixels []byte
	// Labels holds one label per image, less than len(Classes).
	Labels []uint16
	// Indices holds the index of each image in the original split.
	Indices []int
	// Total counts the images of the original split.
	Total int
	// Targets holds a probability per class for each image, [Len · len(Classes)], for training methods that need them
	// besides the label; nil if there are none. See [Dataset.WithTargets].
	Targets []float32

	notes []string
}

// Notes returns what is unusual about the images, one sentence each without a full stop: files that differ from the
// published ones, rounded pixels, files that were left out, images that are nearly black. A slice has the notes of the
// whole data set.
func (d *Dataset) Notes() []string { return slices.Clone(d.notes) }

// notef adds a note.
func (d *Dataset) notef(format string, args ...any) {
	d.notes = append(slices.Clip(d.notes), fmt.Sprintf(format, args...))
}

// Len returns the number of images.
func (d *Dataset) Len() int { return len(d.Labels) }

// imageSize returns the number of bytes of one image.
func (d *Dataset) imageSize() int { return d.Height * d.Width * d.Channels }

// Image returns the Height·Width·Channels bytes of the image at position i, not
// copied. Like an index expression, it panics when i is out of range.
func (d *Dataset) Image(i int) []byte {
	n := d.imageSize()
	return d.Pixels[i*n : (i+1)*n : (i+1)*n]
}

// Slice copies the images at positions lo, lo+step, … before hi (after hi if step is negative). 0 ≤ lo, hi ≤ Len for a
// positive step; a negative one starts at lo < Len and may end at hi = −1.
func (d *Dataset) Slice(lo, hi, step int) (*Dataset, error) {
	n := d.Len()
	up := step > 0 && lo >= 0 && lo <= n && hi >= 0 && hi <= n
	down := step < 0 && lo >= -1 && lo < n && hi >= -1 && hi < n
	if !up && !down {
		return nil, fmt.Errorf(
			"slice %d:%d:%d of %d images: the step must not be 0 and the bounds must be within the images",
			lo,
			hi,
			step,
			n,
		)
	}
	var positions []int
	if up {
		// Distances are compared, so that a huge step cannot overflow.
		for i := lo; i < hi; i += min(step, hi-i) {
			positions = append(positions, i)
		}
	} else {
		for i := lo; i > hi; i += max(step, hi-i) {
			positions = append(positions, i)
		}
	}
	return d.Select(positions)
}

// Every copies each k-th image, beginning with the first.
func (d *Dataset) Every(k int) (*Dataset, error) {
	if k < 1 {
		return nil, fmt.Errorf("every %d-th image: expected 1 or more", k)
	}
	return d.Slice(0, d.Len(), k)
}

// Select copies the images at the given positions, in their order.
func (d *Dataset) Select(positions []int) (*Dataset, error) {
	part := *d
	part.Classes = slices.Clone(d.Classes)
	part.Pixels = make([]byte, 0, len(positions)*d.imageSize())
	part.Labels = make([]uint16, 0, len(positions))
	part.Indices = make([]int, 0, len(positions))
	part.Targets = nil
	for _, p := range positions {
		if p < 0 || p >= d.Len() {
			return nil, fmt.Errorf("image %d of %s %s: expected a position from 0 to %d", p, d.Name, d.Split, d.Len()-1)
		}
		part.Pixels = append(part.Pixels, d.Image(p)...)
		part.Labels = append(part.Labels, d.Labels[p])
		part.Indices = append(part.Indices, d.Indices[p])
		part.Targets = append(part.Targets, d.Target(p)...)
	}
	return &part, nil
}

// String describes the data set in a line, for example
// “mnist test: 100 of 10,000 images (every 100th), 28×28×1 in [0,1], 10 classes”.
func (d *Dataset) String() string {
	classes := "class"
	if len(d.Classes) != 1 {
		classes = "classes"
	}
	return fmt.Sprintf("%s %s: %s, %d×%d×%d in [0,1], %d %s",
		d.Name, d.Split, d.extent(), d.Height, d.Width, d.Channels, len(d.Classes), classes)
}

// extent formats the number of images and, if there is a short form, which they are.
func (d *Dataset) extent() string {
	n := d.Len()
	if n == d.Total {
		return humanize.Count(n, "image")
	}
	which := d.Pick()
	if which != "" {
		which = " (" + which + ")"
	}
	return fmt.Sprintf("%s of %s images%s", humanize.Grouped(n), humanize.Grouped(d.Total), which)
}

// Pick describes which of the original images these are, such as “every 100th”, “image 7”, “0 to 499”. It is empty for
// all of them, and if there is no short form.
func (d *Dataset) Pick() string {
	n := d.Len()
	if n == d.Total {
		return ""
	}
	if n == 1 {
		return fmt.Sprintf("image %d", d.Indices[0])
	}
	step, ok := progression(d.Indices)
	if !ok {
		return ""
	}
	first, last := d.Indices[0], d.Indices[n-1]
	switch {
	case step == 1:
		return fmt.Sprintf("%d to %d", first, last)
	case first == 0 && last+step >= d.Total:
		return "every " + ordinal(step)
	}
	return fmt.Sprintf("every %s, %d to %d", ordinal(step), first, last)
}

// progression returns the constant positive difference of two or more indices.
func progression(indices []int) (step int, ok bool) {
	if len(indices) < 2 {
		return 0, false
	}
	step = indices[1] - indices[0]
	for i := 2; i < len(indices); i++ {
		if indices[i]-indices[i-1] != step {
			return 0, false
		}
	}
	return step, step > 0
}

// ordinal formats 1st, 2nd, 3rd, 11th, 100th.
func ordinal(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}
