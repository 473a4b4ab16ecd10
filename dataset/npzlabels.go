package dataset

import (
	"context"
	"fmt"
	"math"
	"slices"

	"smoothlab/internal/humanize"
	"smoothlab/internal/npz"
)

// labels holds what determines the classes of an .npz file.
type labels struct {
	all     []*npz.Array // the labels of all parts
	classes *npz.Array   // the number of the classes or their names; may be nil
	limit   int64        // largest number of bytes to allocate
}

// label sets labels and class names.
func (d *Dataset) label(ctx context.Context, y *npz.Array, l labels) error {
	if y.Err != nil {
		return y.Err
	}
	if y.Text() {
		return d.labelByName(ctx, y, l)
	}
	var err error
	largest := 0
	seen := map[uint16]bool{} // in any part
	for _, part := range l.all {
		if part == y || part.Foreign() {
			continue
		}
		if part.Text() {
			return mixedLabels(part, y)
		}
		if part.Err != nil { // the number of classes depends on it
			return part.Err
		}
		found, err := readLabels(ctx, part)
		if err != nil {
			return err
		}
		largest = max(largest, int(slices.Max(append(found, 0))))
		note(seen, found)
	}
	if d.Labels, err = readLabels(ctx, y); err != nil {
		return err
	}
	high := slices.Max(d.Labels)
	largest = max(largest, int(high))
	if len(y.Shape) == 2 { // one-hot: the classes are the columns
		largest = max(largest, y.Shape[1]-1)
	}
	note(seen, d.Labels)
	switch absent := largest + 1 - len(seen); {
	case len(y.Shape) == 2 && y.Shape[1] > 1, l.classes != nil: // the classes are known
	case absent == 1 && !seen[0] && largest > 1:
		d.notef("no image has the label 0: if the classes are numbered from 1 to %d, save y-1", largest)
	case 2*absent > largest+1:
		d.notef("labels go up to %d, but there are %d of them only: %s of %s classes have no image", largest, len(seen),
			humanize.Grouped(absent), humanize.Grouped(largest+1))
	}
	return d.nameClasses(ctx, largest, l)
}

func note(seen map[uint16]bool, labels []uint16) {
	for _, y := range labels {
		seen[y] = true
	}
}

// mixedLabels is the error of a file whose parts have labels of different kinds.
func mixedLabels(text, numbers *npz.Array) error {
	return fmt.Errorf("%s holds strings and %s numbers, so that their order is not known: save both in one way",
		text.Name, numbers.Name)
}

// nameClasses sets the class names, at least as many as the largest label needs.
func (d *Dataset) nameClasses(ctx context.Context, largest int, l labels) error {
	d.Classes = numberedClasses(largest + 1)
	c := l.classes
	switch {
	case c == nil:
		return nil
	case c.Err != nil && !c.Foreign():
		return c.Err
	case c.Err == nil && c.Text() && c.Len() <= maxClasses:
		given, err := c.Strings(ctx)
		if err != nil {
			return err
		}
		given = d.textNames(given)
		if err := checkClasses(given); err != nil {
			return fmt.Errorf("array classes: %w", err)
		}
		if len(given) <= largest {
			return fmt.Errorf("array classes has %d names, but the largest label is %d", len(given), largest)
		}
		d.Classes = given
	case c.Err == nil && c.Len() == 1:
		var given float64
		if err := c.Each(ctx, func(v []float64) error { given = v[0]; return nil }); err != nil {
			return err
		}
		if !(given > float64(largest) && given >= 2 && given <= maxClasses) || given != math.Trunc(given) {
			return fmt.Errorf("array classes is %g, but the largest label is %d", given, largest)
		}
		d.Classes = numberedClasses(int(given))
	default:
		d.notef("the array classes is neither a number nor names, and is not read")
	}
	return nil
}

// readLabels reads whole numbers, in an array [N] or [N, 1], or [N, K] with a single 1 in each row.
func readLabels(ctx context.Context, y *npz.Array) ([]uint16, error) {
	columns := 1
	if len(y.Shape) == 2 {
		columns = y.Shape[1]
	}
	if len(y.Shape) < 1 || len(y.Shape) > 2 || columns < 1 || columns > maxClasses || columns > 1 && y.Fortran {
		return nil, fmt.Errorf(
			"%s has the shape %v, expected labels [N], or [N, K] with a single 1 per row, in C order",
			y.Name,
			y.Shape,
		)
	}
	list := make([]uint16, 0, y.Shape[0])
	at, row := 0, -1 // row is the column of the 1 in this row
	err := y.Each(ctx, func(numbers []float64) error {
		for _, v := range numbers {
			if columns == 1 {
				if !(v >= 0 && v < maxClasses) || v != math.Trunc(v) {
					return fmt.Errorf("label %d is %g, expected whole numbers from 0 to %d", at, v, maxClasses-1)
				}
				list = append(list, uint16(v))
				at++
				continue
			}
			column := at % columns
			if v != 0 && (v != 1 || row >= 0) || column == columns-1 && row < 0 && v != 1 {
				return fmt.Errorf(
					"row %d of the shape %v is not a single 1 among zeros: save y.argmax(1)",
					at/columns,
					y.Shape,
				)
			}
			if v == 1 {
				row = column
			}
			if column == columns-1 {
				list = append(list, uint16(row))
				row = -1
			}
			at++
		}
		return nil
	})
	return list, err
}

// labelByName sets labels and class names if the labels are strings. The classes are in the order of the array classes,
// or else sorted by name.
func (d *Dataset) labelByName(ctx context.Context, y *npz.Array, l labels) error {
	seen, own := map[string]bool{}, []string(nil)
	for _, part := range append([]*npz.Array{y}, l.all...) {
		if part.Err == nil && !part.Text() {
			return mixedLabels(y, part)
		}
		if part.Err != nil {
			continue
		}
		if err := checkSize(textBytes(part), l.limit); err != nil {
			return fmt.Errorf("%s %v: %w", part.Name, part.Shape, err)
		}
		found, err := part.Strings(ctx)
		if err != nil {
			return err
		}
		found = d.textNames(found)
		for _, name := range found {
			seen[name] = true
		}
		if part == y {
			own = found
		}
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	sortClasses(names)
	if c := l.classes; c != nil && c.Err == nil && c.Text() && c.Len() <= maxClasses {
		given, err := c.Strings(ctx)
		if err != nil {
			return err
		}
		names = d.textNames(given)
	}
	if err := checkClasses(names); err != nil {
		return fmt.Errorf("labels %s: %w", y.Name, err)
	}
	if len(own) != d.Total {
		return fmt.Errorf("%s has the shape %v, expected one label for each of the %d images", y.Name, y.Shape, d.Total)
	}
	position := map[string]uint16{}
	for i, name := range names {
		position[name] = uint16(i)
	}
	for i, name := range own {
		at, ok := position[name]
		if !ok {
			return fmt.Errorf("label %d is %q, which is not in the array classes", i, name)
		}
		d.Labels = append(d.Labels, at)
	}
	d.Classes = names
	return nil
}

// textBytes returns the approximate memory of an array's strings.
func textBytes(a *npz.Array) int64 { return int64(a.Len()) * int64(16+a.Width()) }
