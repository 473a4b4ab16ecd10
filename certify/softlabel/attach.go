package softlabel

import (
	"encoding/hex"
	"fmt"
	"slices"

	"smoothlab/certify"
	"smoothlab/dataset"
)

// On returns the images with the soft labels as their targets. All images must have one, made from the same pixels,
// label and classes.
func (l *Labels) On(d *dataset.Dataset) (*dataset.Dataset, error) {
	if len(d.Classes) != l.Classes || l.ClassNames != nil && !slices.Equal(d.Classes, l.ClassNames) {
		return nil, fmt.Errorf("the %v are of the classes %v, and the images of %v: make them anew",
			l, l.ClassNames, d.Classes)
	}
	p := make([]float32, 0, d.Len()*l.Classes)
	for i, index := range d.Indices {
		row, ok := l.find(index)
		if !ok {
			return nil, fmt.Errorf("the %v do not have image %d of %s %s: make them for all training images", l, index,
				d.Name, d.Split)
		}
		digest := certify.NewDigest(d.Height, d.Width, d.Channels, int(d.Labels[i]), d.Image(i))
		if shorten(digest) != row.Digest {
			return nil, fmt.Errorf(
				"the %v were made for other images: image %d of %s %s has other pixels or another label",
				l, index, d.Name, d.Split)
		}
		for _, x := range row.Probabilities() {
			p = append(p, float32(x))
		}
	}
	return d.WithTargets(p)
}

// shortDigest is the number of hexadecimal digits of an image's digest in a file: enough to tell apart images that
// differ by accident.
const shortDigest = 16

func shorten(d certify.Digest) string { return hex.EncodeToString(d[:])[:shortDigest] }
