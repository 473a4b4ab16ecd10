package dataset

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxClasses is the largest number of classes that 16-bit labels can distinguish.
const maxClasses = math.MaxUint16 + 1

// WithClasses returns the same images with the classes in the given order, which may include more classes: a label
// becomes the index of its class's name in names. If the images' classes are only the numbers 0, 1, 2, … and names are
// other words, names[i] becomes the name of label i.
func (d *Dataset) WithClasses(names []string) (*Dataset, error) {
	if slices.Equal(names, d.Classes) {
		return d, nil
	}
	if err := checkClasses(names); err != nil {
		return nil, err
	}
	position := map[string]int{}
	for i, name := range names {
		position[name] = i
	}
	to := make([]uint16, len(d.Classes)) // new label of each label
	var absent []string
	for label, name := range d.Classes {
		at, ok := position[name]
		if !ok {
			absent = append(absent, name)
		}
		to[label] = uint16(at)
	}
	of := *d
	of.Classes = slices.Clone(names)
	switch {
	case len(absent) == 0:
		of.Labels = make([]uint16, len(d.Labels))
		for i, y := range d.Labels {
			of.Labels[i] = to[y]
		}
		of.Targets = d.reorderedTargets(to, len(names))
	case len(d.Classes) > len(names) || !slices.Equal(d.Classes, numberedClasses(len(d.Classes))):
		return nil, fmt.Errorf(
			"classes of %s that are not among the %d given (%s): %s",
			d.Name,
			len(names),
			quoteSome(names),
			quoteSome(absent),
		)
	default: // the same labels under other names
		for k := range to {
			to[k] = uint16(k)
		}
		of.Targets = d.reorderedTargets(to, len(names))
	}
	return &of, nil
}

// textName returns a name in which bytes that are not UTF-8 are written with escapes, as in caf\xe9. Names in the
// encodings of older systems have such bytes, and JSON, in which checkpoints and logs keep them, would make one sign of
// them all: the names read back would be others, or equal.
func textName(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	var b strings.Builder
	for len(name) > 0 {
		r, n := utf8.DecodeRuneInString(name)
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, name[0])
		} else {
			b.WriteString(name[:n])
		}
		name = name[n:]
	}
	return b.String()
}

// textNames applies textName to all names, and adds a note if that changes one.
func (d *Dataset) textNames(names []string) []string {
	list := make([]string, len(names))
	changed := ""
	for i, name := range names {
		if list[i] = textName(name); list[i] != name && changed == "" {
			changed = list[i]
		}
	}
	about := "class names that are not UTF-8 are written with escapes"
	if changed != "" && !slices.ContainsFunc(d.notes, func(n string) bool { return strings.HasPrefix(n, about) }) {
		d.notef("%s, such as %s", about, changed)
	}
	return list
}

// checkClasses returns an error if names repeat, are not UTF-8, or are too few or too many.
func checkClasses(names []string) error {
	if len(names) < 2 || len(names) > maxClasses {
		return fmt.Errorf("%d class names are given, expected 2 to %d", len(names), maxClasses)
	}
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			return fmt.Errorf("the class name %q is given twice", name)
		}
		if !utf8.ValidString(name) {
			return fmt.Errorf("the class name %q is not UTF-8, and could not be kept in a checkpoint or a log", name)
		}
		seen[name] = true
	}
	return nil
}

// maxNames is the number of names that a message shows.
const maxNames = 12

// quoteSome lists names, at most maxNames of them.
func quoteSome(names []string) string {
	if len(names) > maxNames {
		return strings.Join(names[:maxNames], ", ") + fmt.Sprintf(" and %d more", len(names)-maxNames)
	}
	return strings.Join(names, ", ")
}

// sortClasses sorts class names: by value if all are whole numbers, else as strings. It reports whether that differs
// from the order of strings.
func sortClasses(names []string) (differs bool) {
	slices.Sort(names)
	if !allNumbers(names) {
		return false
	}
	before := slices.Clone(names)
	slices.SortStableFunc(names, func(a, b string) int {
		m, _ := strconv.ParseUint(a, 10, 64)
		n, _ := strconv.ParseUint(b, 10, 64)
		return cmp.Compare(m, n)
	})
	return !slices.Equal(names, before)
}

func allNumbers(names []string) bool {
	for _, name := range names {
		if _, err := strconv.ParseUint(name, 10, 64); err != nil {
			return false
		}
	}
	return true
}

// numberedClasses returns the labels 0 … n-1 as class names.
func numberedClasses(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}
