package certify

// few is the number of images below which one prediction for all of them may be chance.
const few = 10

// Collapsed reports that all predictions are one class, though the images have several labels and most predictions are
// wrong: such a classifier may not depend on the image. ok is false if that is not so, or too few images are predicted.
func (c *Certificates) Collapsed() (class, images int, ok bool) {
	labels, right := map[int]bool{}, 0
	class = Abstain
	for _, row := range c.Rows {
		labels[row.Label] = true
		switch {
		case row.Predicted == Abstain:
			continue
		case class == Abstain:
			class = row.Predicted
		case row.Predicted != class:
			return 0, 0, false
		}
		images++
		if row.Correct {
			right++
		}
	}
	if images < few || len(labels) < 2 || 2*right > images {
		return 0, 0, false
	}
	return class, images, true
}
