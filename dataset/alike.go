package dataset

import (
	"bytes"
	"context"
	"hash/maphash"
	"strconv"
	"strings"

	"smoothlab/internal/humanize"

	"golang.org/x/text/unicode/norm"
)

// noteAlike adds a note about class names that differ only in case, in blanks around them, in how an accent is encoded,
// or in zeros in front of a number, and about a class without a name.
func (d *Dataset) noteAlike() {
	first := map[string]string{}
	for label, name := range d.Classes {
		key := strings.ToLower(norm.NFC.String(strings.TrimSpace(name)))
		if n, err := strconv.ParseUint(key, 10, 64); err == nil {
			key = strconv.FormatUint(n, 10)
		}
		if key == "" {
			d.notef("the class %d has the name %q: is a label missing?", label, name)
		}
		if other, ok := first[key]; ok {
			d.notef("the classes %q and %q are two, though their names are almost the same", other, name)
			return
		}
		first[key] = name
	}
}

// noteCopies adds a note if a tenth of the images or more are copies of earlier ones, which averages count again.
// Images that show almost nothing have a note of their own.
func (d *Dataset) noteCopies(ctx context.Context) error {
	seed, firsts := maphash.MakeSeed(), map[uint64]int{}
	var copies faint
	for i := range d.Len() {
		if i%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		of := d.Image(i)
		sum := maphash.Bytes(seed, of)
		if at, seen := firsts[sum]; !seen {
			firsts[sum] = i
		} else if bytes.Equal(of, d.Image(at)) && !showsNothing(of) {
			copies.add(i)
		}
	}
	if 10*copies.count >= d.Len() && copies.count > 0 {
		d.notef("%s of %s images are copies of others, such as image %d: averages and their errors count them again",
			humanize.Grouped(copies.count), humanize.Grouped(d.Len()), d.Indices[copies.first])
	}
	return nil
}
