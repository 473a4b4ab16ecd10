package papertable

import (
	"time"

	"smoothlab/method"
)

// cost estimates the seconds that the parts of a task take on two cores, measured for LeNet on all of MNIST. Only
// ratios matter: the time left is scaled by the speed of this process so far.
type cost struct{ train, certify float64 }

// Seconds on two cores: one forward and backward pass of a noisy image (an epoch of Gaussian training has 60,000),
// and one vote.
const (
	secondsPerPass = 11.0 / 60_000
	secondsPerVote = 300.0 / (500 * 10_100)
)

func (t Task) cost(images, certified, votes int) cost {
	return cost{
		train:   float64(t.Recipe.Settings.Epochs*images) * passes(t.Recipe.Method) * secondsPerPass,
		certify: float64(certified*votes) * secondsPerVote,
	}
}

// passes estimates the passes per image and epoch, forward and back: the noisy copies, once for
// each step of the attack, where gradients to the weights are not needed and a step costs less, and once or twice for
// the loss.
func passes(m method.Method) float64 {
	value := map[string]float64{}
	for _, f := range method.Fields(m) {
		value[f.Name] = f.Value
	}
	const search = 0.7
	copies := float64(m.Traits().Noises)
	switch m.Name() {
	case "stability":
		return 2
	case "smoothmix", "catrs":
		return copies * (search*value["steps"] + 1.5)
	}
	return copies * (search*value["steps"] + 1)
}

// clock estimates how long the rest of a table takes.
type clock struct {
	began     time.Time
	now       func() time.Time
	done, all float64 // cost of the work of this process so far, and of all its work
}

// left returns the time until everything is done, 0 while it is unknown; part is the finished cost of the task in
// progress.
func (c *clock) left(part float64) time.Duration {
	done := c.done + part
	took := c.now().Sub(c.began)
	if took < 10*time.Second || done <= 0 {
		return 0
	}
	return time.Duration(float64(took) * max(0, c.all-done) / done)
}
