package softlabel

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"smoothlab/certify"
	"smoothlab/noise"
	"smoothlab/smoothing"
)

// Progress reports how far Make is.
type Progress struct {
	Done, Total int           // numbers of images
	Rate        float64       // votes per second of this call; 0 while unknown
	Left        time.Duration // estimated; 0 while Rate is unknown
}

// Make draws n votes of v on each of the images, or on a shard of them, and keeps them at out; if out is empty it keeps
// none. Noise, classes, seed, weights and pixels come from the voter.
//
// It can be called again with the same arguments: a finished file is loaded and an unfinished one resumed. A file with
// other settings is refused with an [*OtherError]. When it stops early, it returns the labels it has together with the
// error. progress may be nil; it is called in between and at the end.
func Make(ctx context.Context, v certify.Packer, images []certify.Image, n int, part certify.Shard, out string,
	progress func(Progress)) (*Labels, error) {
	w, err := newWork(ctx, v, images, n, part)
	if err != nil {
		return nil, err
	}
	w.progress = progress
	if out == "" {
		return w.labels, w.draw(ctx)
	}
	if finished, err := w.load(out); finished || err != nil {
		return w.labels, err
	}
	if err := w.open(out); err != nil {
		return nil, err
	}
	err = w.draw(ctx)
	closed := w.close()
	return w.labels, cmp.Or(err, closed) // on a disk that fails each operation, one cause is enough
}

// Chunk returns the number of noisy copies in one call of a classifier that draws n votes per image: at most most, and
// copies of at most 64 images. The file records it, since the votes may depend on it.
func Chunk(most, n int) int {
	const slots = 64
	return min(most, slots*n)
}

// Plan returns the settings of the labels that [Make] would make with the same arguments.
func Plan(ctx context.Context, v certify.Packer, images []certify.Image, n int, part certify.Shard) (Settings, error) {
	w, err := newWork(ctx, v, images, n, part)
	if err != nil {
		return Settings{}, err
	}
	return w.labels.Settings, nil
}

// work is a call of Make.
type work struct {
	voter    certify.Packer
	images   []certify.Image // of the shard, in the order of their indices
	digests  []string        // of each of them
	labels   *Labels
	progress func(Progress)
	*file    // nil without a file
}

// newWork checks the arguments and describes the labels to make.
func newWork(ctx context.Context, v certify.Packer, images []certify.Image, n int, part certify.Shard) (*work, error) {
	if n < 1 || n > MaxVotes {
		return nil, fmt.Errorf("n, the number of votes per image, must be from 1 to %d, got %d", MaxVotes, n)
	}
	source := v.Source()
	gaussian, ok := source.Smoothing.(smoothing.Gaussian)
	switch {
	case !ok:
		return nil, fmt.Errorf("soft labels are votes under Gaussian noise, got %s",
			smoothing.Describe(source.Smoothing))
	case len(images) == 0:
		return nil, errors.New("there are no images to label")
	}
	images = slices.Clone(images)
	slices.SortFunc(images, func(a, b certify.Image) int { return cmp.Compare(a.Index, b.Index) })
	digests, err := v.Digests(ctx, images)
	if err != nil {
		return nil, err
	}
	if len(digests) != len(images) {
		return nil, fmt.Errorf("the voter returned %d digests for %d images", len(digests), len(images))
	}
	w := &work{voter: v}
	whole := sha256.New()
	for i, d := range digests {
		if i > 0 && images[i-1].Index == images[i].Index {
			return nil, fmt.Errorf("image %d is given twice", images[i].Index)
		}
		whole.Write(d[:])
		if part.Of == 0 || i%part.Of == part.Number-1 {
			w.images, w.digests = append(w.images, images[i]), append(w.digests, shorten(d))
		}
	}
	if part.Of > 0 && len(w.images) == 0 {
		return nil, fmt.Errorf("shard %v has no images: there are %d in all; use fewer shards", part, len(images))
	}
	w.labels = &Labels{Settings: Settings{
		Dataset:    source.Dataset,
		Split:      source.Split,
		Classes:    source.Classes,
		ClassNames: source.ClassNames,
		Images:     len(images),
		ImageData:  hex.EncodeToString(whole.Sum(nil)),
		Sigma:      gaussian.Sigma,
		Votes:      n,
		Seed:       source.Seed,
		Checkpoint: source.Checkpoint,
		Chunks:     source.Chunks,
		Provenance: source.Provenance,
		Shard:      part,
	}}
	return w, nil
}

// window returns the number of images whose votes are drawn together: enough to fill some batches. A killed process
// loses at most their votes.
func (w *work) window() int {
	const batches = 4
	chunk := 1000
	if n := len(w.labels.Chunks); n > 0 {
		chunk = w.labels.Chunks[n-1]
	}
	return max(1, batches*chunk/w.labels.Votes)
}

// draw draws the votes of the remaining images.
func (w *work) draw(ctx context.Context) error {
	began, before := time.Now(), len(w.labels.Rows)
	for len(w.labels.Rows) < len(w.images) {
		if err := w.next(ctx); err != nil {
			return w.stopped(err)
		}
		w.report(time.Since(began), before)
	}
	return nil
}

// next draws the votes of a window of images and keeps them.
func (w *work) next(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at := len(w.labels.Rows)
	window := w.images[at:min(len(w.images), at+w.window())]
	requests := make([]certify.Request, len(window))
	for i, img := range window {
		requests[i] = certify.Request{Pos: img.Pos, N: w.labels.Votes, Counts: make([]int, w.labels.Classes)}
	}
	if err := w.voter.VoteAll(ctx, noise.SoftLabel, requests); err != nil {
		return err
	}
	var rows []Row
	for i, r := range requests {
		row := Row{Index: window[i].Index, Label: window[i].Label, Digest: w.digests[at+i], Votes: r.Counts}
		if err := w.labels.check(row); err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if w.file != nil {
		if err := w.append(rows); err != nil {
			return err
		}
	}
	w.labels.Rows = append(w.labels.Rows, rows...)
	return nil
}

// report calls progress.
func (w *work) report(elapsed time.Duration, before int) {
	if w.progress == nil {
		return
	}
	p := Progress{Done: len(w.labels.Rows), Total: len(w.images)}
	if drawn := p.Done - before; drawn > w.window() { // the first window may have compiled something
		p.Rate = float64(drawn*w.labels.Votes) / elapsed.Seconds()
		p.Left = time.Duration(float64((p.Total-p.Done)*w.labels.Votes) / p.Rate * float64(time.Second))
	}
	w.progress(p)
}

// stopped returns one sentence on where the work stopped and what is kept.
func (w *work) stopped(err error) error {
	kept := "nothing was kept, since no file was named"
	if w.file != nil {
		kept = "run it again to resume from " + w.path
	}
	done := len(w.labels.Rows)
	return fmt.Errorf("soft labels stopped after %d of %d images (%s): %w", done, len(w.images), kept, err)
}
