package votes

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"smoothlab/certify"
)

// Source describes what the votes come from: noise, weights, data set, seed, batch shapes and backend.
func (v *Voter) Source() certify.Source { return v.source }

// Images lists all images of the data set, by position.
func (v *Voter) Images() []certify.Image {
	images := make([]certify.Image, v.data.Len())
	for pos, index := range v.data.Indices {
		images[pos] = certify.Image{Pos: pos, Index: index, Label: int(v.data.Labels[pos])}
	}
	return images
}

// Digests returns the SHA-256 of each image's shape, label and pixels, or of its point where the voter has points (see
// [Voter.At]). An image whose index or label is not that of its position is an error.
func (v *Voter) Digests(ctx context.Context, images []certify.Image) ([]certify.Digest, error) {
	digests := make([]certify.Digest, len(images))
	for i, img := range images {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if img.Pos < 0 || img.Pos >= v.data.Len() {
			return nil, fmt.Errorf("there is no image at position %d of %d", img.Pos, v.data.Len())
		}
		if index, label := v.data.Indices[img.Pos], int(v.data.Labels[img.Pos]); img.Index != index ||
			img.Label != label {
			return nil, fmt.Errorf(
				"the image at position %d has index %d and label %d in the data set, but was given with index %d and label %d",
				img.Pos,
				index,
				label,
				img.Index,
				img.Label,
			)
		}
		digests[i] = v.digest(img)
	}
	return digests, nil
}

func (v *Voter) digest(img certify.Image) certify.Digest {
	values := v.data.Image(img.Pos)
	if v.points != nil {
		values = nil
		for _, x := range v.points[img.Pos] {
			values = binary.LittleEndian.AppendUint32(values, math.Float32bits(x))
		}
	}
	return certify.NewDigest(v.data.Height, v.data.Width, v.data.Channels, img.Label, values)
}
