package classifier

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// ErrBadWeights marks weights that no network can compute with: NaN, infinities, negative variances.
var ErrBadWeights = errors.New("unusable weights")

// Check returns an error that names each parameter with values that no network can compute with. Later checks could not
// find them: the maximum of XLA's CPU backend drops NaN, so rectifiers and pooling turn it into numbers.
func (c *Classifier) Check() error {
	if err := c.checkSizes(); err != nil {
		return err
	}
	return checkValues(c.Arch.Name, "", c.Arch.Params, c.Params)
}

// checkSizes reports parameters that are missing or have another number of values than the architecture's.
func (c *Classifier) checkSizes() error {
	if len(c.Params) != len(c.Arch.Params) {
		return fmt.Errorf("%s has %d parameters, the classifier has %d", c.Arch.Name, len(c.Arch.Params), len(c.Params))
	}
	for i, p := range c.Arch.Params {
		if len(c.Params[i]) != p.Size() {
			return fmt.Errorf(
				"%s of %s has %d values, the classifier has %d",
				p.Name,
				c.Arch.Name,
				p.Size(),
				len(c.Params[i]),
			)
		}
	}
	return nil
}

// checkValues checks the values of some parameters of a network; messages put prefix before their names.
func checkValues(network, prefix string, params []Param, values [][]float32) error {
	var wrong []string
	for i, p := range params {
		if problem := p.problem(values[i]); problem != "" {
			wrong = append(wrong, prefix+p.Name+" "+problem)
		}
	}
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("%w in %s: %s", ErrBadWeights, network, enumerate(wrong))
}

// problem describes what is wrong with values of the parameter; it returns "" if nothing is.
func (p Param) problem(values []float32) string {
	bad, first := 0, 0
	for i, v := range values {
		if !p.allows(v) {
			if bad++; bad == 1 {
				first = i
			}
		}
	}
	if bad == 0 {
		return ""
	}
	what := fmt.Sprintf("has %g", values[first])
	switch {
	case !finite(values[first]):
	case p.Role == Counter:
		what += ", not a count"
	default:
		what += ", a negative variance"
	}
	if len(values) > 1 {
		what += fmt.Sprintf(" (%d of %d values)", bad, len(values))
	}
	return what
}

// allows reports whether the parameter may have a value.
func (p Param) allows(v float32) bool {
	switch {
	case !finite(v):
		return false
	case p.Role == Counter:
		return v >= 0 && v == float32(math.Trunc(float64(v)))
	case p.Role == Statistic && strings.HasSuffix(p.Name, variance):
		return v >= 0
	}
	return true
}

// variance ends the name of batch norm's running variance.
const variance = "running_var"

func finite(v float32) bool { return v-v == 0 }

// maxListed bounds what one error enumerates.
const maxListed = 12

// enumerate joins descriptions of faults, at most maxListed of them.
func enumerate(items []string) string {
	if more := len(items) - maxListed; more > 0 {
		items = append(items[:maxListed:maxListed], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(items, "; ")
}
