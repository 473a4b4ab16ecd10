package dataset

import (
	"smoothlab/internal/suggest"
	"smoothlab/noise"
)

// Augmentation makes augmented copies of training images.
type Augmentation struct {
	Name, Help string
	// Append adds a copy of the image, of height × width × channels, made from the random words of one draw.
	Append func(to, image []byte, height, width, channels int, words [4]uint32) []byte
}

// Augmentations lists the augmentations. To add one: a line here.
func Augmentations() []Augmentation {
	return []Augmentation{
		{
			"crop+flip",
			"a cut of the image padded with 4 black pixels on each side, mirrored with probability ½: the authors' for CIFAR-10 (code/datasets.py:78-82)",
			cropFlip,
		},
	}
}

// FindAugmentation returns the augmentation of that name; its error suggests the nearest.
func FindAugmentation(name string) (Augmentation, error) {
	return suggest.Find("augmentation", name, Augmentations(), func(a Augmentation) string { return a.Name })
}

// Words returns the random words of one image in one epoch: a function of the seed, the epoch, the image's index, and
// how often the image came before in the epoch, so that no copy depends on the order of the images or on restarts.
func (Augmentation) Words(seed uint64, epoch, index int, repeat uint32) [4]uint32 {
	return noise.Philox([4]uint32{repeat, uint32(index), uint32(epoch), uint32(noise.Augment)}, noise.Key(seed))
}

// padding is the number of black pixels that CropFlip adds on each side.
const padding = 4

// cropFlip takes rows, columns and mirroring from one word each.
func cropFlip(to, image []byte, height, width, channels int, words [4]uint32) []byte {
	const places = 2*padding + 1
	offset := func(w uint32) int { return int(uint64(w)*places>>32) - padding }
	return CropFlip(to, image, height, width, channels, offset(words[0]), offset(words[1]), words[2]>>31 == 1)
}

// CropFlip appends the image moved up by dy rows and left by dx columns, padded with black, and then mirrored left to
// right if flip is set. Zero-padding by p and cropping at (i, j) moves the image by (i−p, j−p).
func CropFlip(to, image []byte, height, width, channels, dy, dx int, flip bool) []byte {
	for y := range height {
		for x := range width {
			from := x
			if flip {
				from = width - 1 - x
			}
			from += dx
			if y+dy < 0 || y+dy >= height || from < 0 || from >= width {
				to = append(to, make([]byte, channels)...)
				continue
			}
			at := ((y+dy)*width + from) * channels
			to = append(to, image[at:at+channels]...)
		}
	}
	return to
}
