package method

// Sampled is a method that decides which images are trained on in an epoch, and how often. What it decides by is
// measured during the run: how many noisy copies of an image are classified correctly.
type Sampled interface {
	// Sampling returns how the images of an epoch, counted from 0, are chosen.
	Sampling(epoch int) Sampling
	// Weight returns the weight of an image, a number above 0: right of its copies are classified correctly.
	Weight(right, copies int) float64
}

// Sampling describes how the images of an epoch are chosen. The zero value is every image once, in random order.
type Sampling struct {
	// Draw means that an epoch draws as many images as the data set has, with replacement, with probabilities
	// proportional to their weights.
	Draw bool
	// Filter is the number of noisy copies of each image that decide whether it is dropped, once in a run and for good.
	// An image is dropped if less than the share Threshold of its copies is classified correctly.
	Filter    int
	Threshold float64
	// Weigh is the number of new noisy copies of each remaining image that determine its weight; 0 gives all images the
	// same weight.
	Weigh int
	// Renew means that the weights are measured again before this epoch.
	Renew bool
}

// SamplingIn returns how a method chooses the images of an epoch.
func SamplingIn(m Method, epoch int) Sampling {
	if s, ok := sampledBy(m); ok {
		return s.Sampling(epoch)
	}
	return Sampling{}
}

// ImageWeight returns the weight that a method gives an image, 1 if the method has none.
func ImageWeight(m Method, right, copies int) float64 {
	if s, ok := sampledBy(m); ok && copies > 0 {
		return s.Weight(right, copies)
	}
	return 1
}

// ChoosesImages reports whether a method decides which images are trained on.
func ChoosesImages(m Method) bool {
	_, ok := sampledBy(m)
	return ok
}

// sampledBy returns the method that chooses the images: m, or the method that a custom method is based on.
func sampledBy(m Method) (Sampled, bool) {
	if c, ok := m.(*Custom); ok {
		m = c.base
	}
	s, ok := m.(Sampled)
	return s, ok
}
