package certify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Run certifies images with v, in the order of their indices, and keeps a log at out and a JSON file of the settings
// next to it (out + ".json"); if out is empty it keeps none. Everything except the plan comes from the voter: noise,
// classes, seed, data set, the images' pixels.
//
// It can be called again with the same arguments: a finished log is loaded and an unfinished one is resumed. A log with
// other settings is refused with a [*SettingsError] that names the first that differs. If ctx ends, the process is
// killed or the disk fills up, at most the image in progress is lost, and under an adaptive plan the first few thousand
// votes of 16 images. When it stops early it returns the rows it has together with the error. progress may be nil; it
// is called at the beginning, at the end, and in between at most ten times per second.
func Run(
	ctx context.Context,
	v Voter,
	images []Image,
	plan Plan,
	out string,
	progress func(Progress),
) (*Certificates, error) {
	return RunWithin(ctx, Budget{}, v, images, Shard{}, plan, out, progress)
}

// RunWithin does what Run does, for a shard of the images and within a budget. It returns a [*BudgetError] if the
// budget ended the work; the same call resumes it.
func RunWithin(
	ctx context.Context,
	b Budget,
	v Voter,
	images []Image,
	part Shard,
	plan Plan,
	out string,
	progress func(Progress),
) (*Certificates, error) {
	s, err := settingsOf(v, plan)
	if err != nil {
		return nil, err
	}
	if images, err = checkJob(images, s); err != nil {
		return nil, err
	}
	if err := b.Check(); err != nil {
		return nil, err
	}
	digests, err := v.Digests(ctx, images)
	if err != nil {
		return nil, err
	}
	pixels, err := newPixels(images, digests)
	if err != nil {
		return nil, err
	}
	s.ImageData = pixels.whole
	side := newSidecar(s, images, pixels.each)
	if part.Of > 0 {
		if images, err = part.pick(images); err != nil {
			return nil, err
		}
		side = side.shard(part, images, pixels.each)
	}
	meter := newMeter(s, len(images), progress, time.Now)
	meter.budget = b
	job := &job{voter: v, images: images, meter: meter, certs: side.certificates(nil)}
	if out == "" {
		return job.certs, job.run(ctx)
	}
	if err := CheckOut(out); err != nil {
		return nil, err
	}
	if finished, err := loadFinished(out, side, images); finished != nil || err != nil {
		return finished, err
	}
	job.log, job.certs, err = openLog(out, side, images)
	if err != nil {
		return nil, err
	}
	err = job.run(ctx)
	return job.certs, job.log.close(err)
}

// checkJob checks the arguments of a run and sorts the images by their indices.
func checkJob(images []Image, s Settings) ([]Image, error) {
	if len(images) == 0 {
		return nil, errors.New("there are no images to certify; give at least one")
	}
	images = slices.Clone(images)
	slices.SortFunc(images, func(a, b Image) int { return cmp.Compare(a.Index, b.Index) })
	for i, img := range images {
		if img.Index < 0 || img.Label < 0 || img.Label >= s.Classes {
			return nil, fmt.Errorf(
				"image %d has label %d: expected an index of 0 or more and a label below %d, the number of classes",
				img.Index,
				img.Label,
				s.Classes,
			)
		}
		if i > 0 && images[i-1].Index == img.Index {
			return nil, fmt.Errorf("image %d is given twice; a log has one row per image", img.Index)
		}
	}
	return images, nil
}

// job is one call of Run.
type job struct {
	voter  Voter
	images []Image
	certs  *Certificates // rows of the images done so far
	log    *logFile      // nil without a log
	meter  *meter
}

func (j *job) run(ctx context.Context) error {
	c := j.certs
	j.meter.begin(len(c.Rows))
	defer j.meter.end()
	p := newSampler(c.Settings)
	if packer, ok := j.voter.(Packer); ok && c.Plan.Procedure().Adaptive() {
		return j.runTogether(ctx, packer, p)
	}
	for _, img := range j.images[len(c.Rows):] {
		row, err := j.certify(ctx, p, img)
		if err == nil {
			err = j.keep(row)
		}
		if err != nil {
			return j.stopped(img, err)
		}
	}
	return nil
}

// keep adds a row.
func (j *job) keep(row Row) error {
	c := j.certs
	if j.log != nil {
		if err := j.log.append(c.Plan.line(row)); err != nil {
			return err
		}
	}
	c.Rows = append(c.Rows, row)
	j.meter.image(c.Plan.N0 + row.Used)
	return nil
}

// certify certifies one image. Where all take the same votes, it does not begin an image that would exceed the budget.
func (j *job) certify(ctx context.Context, p *sampler, img Image) (Row, error) {
	if !p.Procedure().Adaptive() {
		if err := j.meter.checkBudget(p.MaxVotes()); err != nil {
			return Row{}, err
		}
	}
	return p.certify(ctx, &voteCounter{voter: j.voter, img: img, classes: j.certs.Classes, meter: j.meter})
}

func (j *job) stopped(at Image, err error) error {
	kept := "nothing was kept, since no output path was given"
	if j.log != nil {
		kept = fmt.Sprintf("run it again to resume from %s", j.log.path)
	}
	return fmt.Errorf(
		"certification stopped at image %d, after %d of %d images (%s): %w",
		at.Index,
		len(j.certs.Rows),
		len(j.images),
		kept,
		err,
	)
}
