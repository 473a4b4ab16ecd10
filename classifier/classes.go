package classifier

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// ClassesError says that the classes of a data set are not those of a classifier: a label would mean another output.
type ClassesError struct {
	Network       string
	Index         int    // of the first class that differs; −1 if only the numbers of classes differ
	Ours, Theirs  string // its name in the classifier and in the data set
	Outputs, Data int    // how many classes the classifier and the data set have
	// Mapped reports whether the classifier has each class of the data set by name, in another order.
	Mapped bool
}

func (e *ClassesError) Error() string {
	switch {
	case e.Index < 0:
		return fmt.Sprintf("%s has %d outputs, the data set has %d classes", e.Network, e.Outputs, e.Data)
	case e.Mapped:
		return fmt.Sprintf(
			"class %d is %q in the data set and %q in the classifier, which has the same names in another order",
			e.Index,
			e.Theirs,
			e.Ours,
		)
	}
	return fmt.Sprintf("class %d is %q in the data set and %q in the classifier", e.Index, e.Theirs, e.Ours)
}

// checkClasses compares the classes of a data set, by label, with those of the classifier. A data set may lack the last
// ones. Names that are only the numbers 0, 1, 2, … of the labels fit any names that are not numbers.
func (c *Classifier) checkClasses(names []string) error {
	outputs := c.Arch.Classes
	wrong := &ClassesError{Network: cmp.Or(c.Arch.Base, c.Arch.Name), Index: -1, Outputs: outputs, Data: len(names)}
	numbered := slices.Equal(names, numbers(len(names)))
	ours := c.Facts.Classes
	if len(names) > outputs || ours == nil && len(names) < outputs && !numbered {
		return wrong
	}
	if ours == nil || numbered && !slices.ContainsFunc(names, func(n string) bool { return slices.Contains(ours, n) }) {
		return nil
	}
	for i, name := range names {
		if name != ours[i] {
			wrong.Index, wrong.Ours, wrong.Theirs = i, ours[i], name
			wrong.Mapped = !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(ours, n) })
			return wrong
		}
	}
	return nil
}

// ClassNames returns the name of each output: the classifier's own if it has names, else those of a data set that fits
// it ([Classifier.Fits]), else numbers.
func (c *Classifier) ClassNames(data []string) []string {
	switch {
	case c.Facts.Classes != nil:
		return c.Facts.Classes
	case len(data) == c.Arch.Classes:
		return data
	}
	return numbers(c.Arch.Classes)
}

// numbers returns the names 0, 1, 2, … for n classes without names.
func numbers(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// checkNames returns an error unless there is one distinct class name for each output.
func checkNames(network string, outputs int, names []string) error {
	if names == nil {
		return nil
	}
	if len(names) != outputs {
		return fmt.Errorf("%d class names for the %d outputs of %s", len(names), outputs, network)
	}
	seen := map[string]int{}
	for i, name := range names {
		if k, ok := seen[name]; ok {
			return fmt.Errorf("classes %d and %d are both named %q", k, i, name)
		}
		seen[name] = i
	}
	return nil
}

// WithClassNames returns the classifier with other names for its outputs, of the same number. The caller must know what
// each output means.
func (c *Classifier) WithClassNames(names []string) (*Classifier, error) {
	if err := checkNames(c.Arch.Name, c.Arch.Classes, names); err != nil {
		return nil, err
	}
	d := c.Clone()
	d.Facts.Classes = slices.Clone(names)
	return d, nil
}

// WithHead returns the classifier with a new last layer of one output for each class, drawn from a seed. All other
// weights are kept, so that training adapts them to the classes.
func (c *Classifier) WithHead(classes []string, seed uint64) (*Classifier, error) {
	a, err := c.Arch.WithClasses(len(classes))
	if err != nil {
		return nil, err
	}
	if err := checkNames(a.Name, a.Classes, classes); err != nil {
		return nil, err
	}
	if len(a.Head) == 0 {
		return nil, fmt.Errorf("the last layer of %s is not known, so it cannot be replaced", a.Name)
	}
	d := New(a, seed)
	for i, p := range a.Params {
		if !a.isHead(p) {
			d.Params[i] = slices.Clone(c.Params[i])
		}
	}
	d.Facts = Facts{
		Classes: slices.Clone(classes),
		Seed:    seed,
		Source:  c.Facts.Source,
		Notes:   c.Facts.Notes,
		NewHead: true,
	}
	return d, nil
}
