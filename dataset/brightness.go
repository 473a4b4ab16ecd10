package dataset

import "math"

// sampled bounds the pixel values that Brightness looks at, so that it takes milliseconds.
const sampled = 4 << 20

// Brightness returns mean and standard deviation of the pixel values, in [0,1]; of large data sets, those of every k-th
// image. Both are 0 without images.
func (d *Dataset) Brightness() (mean, deviation float64) {
	every := 1 + d.Len()*d.imageSize()/sampled
	var n, sum, squares uint64
	for i := 0; i < d.Len(); i += every {
		for _, p := range d.Image(i) {
			sum += uint64(p)
			squares += uint64(p) * uint64(p)
		}
		n += uint64(d.imageSize())
	}
	if n == 0 {
		return 0, 0
	}
	mean = float64(sum) / float64(n)
	variance := float64(squares)/float64(n) - float64(mean*mean)
	return mean / 255, math.Sqrt(max(0, variance)) / 255
}
