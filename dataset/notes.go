package dataset

import (
	"context"
	"fmt"

	"smoothlab/internal/humanize"
)

// Images whose pixels are all at most darkest, or all at least brightest, or differ by at most flattest, show almost
// nothing: they use a tenth of the range.
const (
	darkest   = 25
	brightest = 255 - darkest
	flattest  = 25
)

// noteLooks adds a note for each kind of image that shows almost nothing, which is usually due to a wrong scale.
func (d *Dataset) noteLooks(ctx context.Context) error {
	var black, white, flat faint
	trough, peak := byte(255), byte(0)
	for i := range d.Len() {
		if i%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		low, high := extremes(d.Image(i))
		trough, peak = min(trough, low), max(peak, high)
		switch {
		case high <= darkest:
			black.add(i)
		case low >= brightest:
			white.add(i)
		case high-low <= flattest:
			flat.add(i)
		}
	}
	if black.count == d.Len() && peak <= 1 {
		d.notef(
			"%s nearly black: every pixel is %s of 255; if they had values of 0 and 1, or were divided by 255 twice, scale them first",
			black.say(d),
			map[byte]string{0: "0", 1: "0 or 1"}[peak],
		)
	} else if black.count == d.Len() {
		d.notef(
			"%s nearly black: no pixel is above %d of 255; if they have another range, scale them first",
			black.say(d),
			peak,
		)
	} else if black.count > 0 {
		d.notef("%s nearly black: no pixel is above %d of 255", black.say(d), darkest)
	}
	if white.count > 0 {
		d.notef("%s nearly white: no pixel is below %d of 255", white.say(d), brightest)
	}
	if flat.count > 0 {
		d.notef("%s nearly of one value: their pixels differ by at most %d of 255", flat.say(d), flattest)
	}
	if d.Len() >= several && black.count+white.count+flat.count < d.Len() {
		d.noteHalf(trough, peak)
	}
	return nil
}

// extremes returns the darkest and the brightest value.
func extremes(pixels []byte) (low, high byte) {
	low = 255
	for _, p := range pixels {
		low, high = min(low, p), max(high, p)
	}
	return low, high
}

// showsNothing reports whether an image is nearly black, nearly white, or nearly of one value.
func showsNothing(pixels []byte) bool {
	low, high := extremes(pixels)
	return high <= darkest || low >= brightest || high-low <= flattest
}

// several is the number of images from which on it is odd that all of them use half of the range.
const several = 10

// noteHalf adds a note if all images use one half of the range: numbers from 0 to 100 or 127, or in [0,½], say.
func (d *Dataset) noteHalf(trough, peak byte) {
	const hint = "of 255: if they have another range, scale them first"
	switch {
	case peak <= 128: // a half, rounded
		d.notef("no pixel of the %s images is above %d %s", humanize.Grouped(d.Len()), peak, hint)
	case trough >= 127:
		d.notef("no pixel of the %s images is below %d %s", humanize.Grouped(d.Len()), trough, hint)
	}
}

// faint counts images of a kind.
type faint struct{ count, first int }

func (f *faint) add(i int) {
	if f.count == 0 {
		f.first = i
	}
	f.count++
}

// say returns the beginning of a sentence: the images and the verb.
func (f faint) say(d *Dataset) string {
	switch {
	case f.count == d.Len() && f.count > 1:
		return fmt.Sprintf("all %s images are", humanize.Grouped(f.count))
	case f.count == 1:
		return fmt.Sprintf("image %d is", d.Indices[f.first])
	}
	return fmt.Sprintf(
		"%s of %s images (the first is image %d) are",
		humanize.Grouped(f.count),
		humanize.Grouped(d.Len()),
		d.Indices[f.first],
	)
}
