package classifier

import (
	"fmt"
	"math"
)

// Brightness describes the pixel values of many images, in [0,1].
type Brightness struct {
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"deviation"` // standard deviation
}

// Limits on the difference in mean, and on the ratio of standard deviations, between images and those of the training.
// Beyond these limits they were probably not made in the same way. MNIST's digits vary 1.3 times as much as its ones
// alone; inverted digits are 0.74 brighter, and digits in half the range vary half as much.
const (
	brighter = 0.25
	contrast = 1.6
)

// Unlike describes, in a sentence without a full stop, how images differ from those of the training, for instance
// because they are inverted or have another range. It returns "" if they do not, or if nothing is known of the
// training's images.
func (c *Classifier) Unlike(now Brightness) string {
	was := c.Facts.Pixels
	if was == nil || was.Deviation == 0 {
		return ""
	}
	var how string
	switch ratio := now.Deviation / was.Deviation; {
	case now.Mean > was.Mean+brighter:
		how = "brighter"
	case now.Mean < was.Mean-brighter:
		how = "darker"
	case ratio > contrast:
		how = "higher in contrast"
	case ratio < 1/contrast:
		how = "lower in contrast"
	default:
		return ""
	}
	return fmt.Sprintf(
		"the images are much %s (mean %.2f, standard deviation %.2f) than those that %s was trained on (%.2f, %.2f): "+
			"they may be inverted, or have another range",
		how, now.Mean, now.Deviation, c.Arch.Name, was.Mean, was.Deviation)
}

// NewBrightness rounds mean and standard deviation to four digits, which are the same on all machines.
func NewBrightness(mean, deviation float64) *Brightness {
	round := func(v float64) float64 { return math.Round(v*1e4) / 1e4 }
	return &Brightness{round(mean), round(deviation)}
}
