package classifier

import (
	"fmt"
	"slices"
	"strings"

	"smoothlab/internal/humanize"
)

// Doubts returns what about the weights suggests that the classifier cannot tell images apart, in sentences without a
// full stop: matrices of one value, such as 0, or the same weights for all classes. Such weights are valid, and
// certificates with them are true but meaningless.
func (c *Classifier) Doubts() []string {
	var of []string
	for i, p := range c.Arch.Params {
		if p.Role == Trained && p.matrix() && len(c.Params[i]) == p.Size() && constant(c.Params[i]) {
			times := humanize.Grouped(p.Size())
			of = append(of, fmt.Sprintf("%s has %s times the value %g", p.Name, times, c.Params[i][0]))
		}
	}
	if of != nil {
		return []string{fmt.Sprintf("weights of %s are all the same, as those that were never set: %s",
			c.Arch.Name, enumerate(of))}
	}
	if c.Arch.Classes > 1 && len(c.Arch.Head) > 0 && !slices.ContainsFunc(c.Arch.Head, c.tellsClasses) {
		return []string{fmt.Sprintf("the last layer of %s, %s, has the same weights for all %d classes",
			c.Arch.Name, strings.Join(c.Arch.Head, " and "), c.Arch.Classes)}
	}
	return nil
}

// matrix reports whether the parameter has two axes or more that are longer than 1. Biases, norms and tokens may begin
// with one value.
func (p Param) matrix() bool {
	long := 0
	for _, d := range p.Dims {
		if d > 1 {
			long++
		}
	}
	return long > 1
}

// tellsClasses reports whether the parameter of that name, whose first axis is the classes, differs between them.
func (c *Classifier) tellsClasses(name string) bool {
	i := slices.IndexFunc(c.Arch.Params, func(p Param) bool { return p.Name == name })
	if i < 0 || len(c.Params[i]) == 0 || len(c.Params[i]) != c.Arch.Params[i].Size() {
		return true
	}
	v := c.Params[i]
	row := len(v) / c.Arch.Classes
	for k := row; k < len(v); k++ {
		if v[k] != v[k-row] {
			return true
		}
	}
	return false
}

func constant(v []float32) bool {
	for _, x := range v {
		if x != v[0] {
			return false
		}
	}
	return true
}
