package certify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Progress tells how far a run is.
type Progress struct {
	Done, Total int           // images
	Votes       int           // drawn by this call of Run, not those of rows found in the log
	Elapsed     time.Duration // since this call began
	Rate        float64       // votes per second; 0 before the first
	ETA         time.Duration // for the images that are left; 0 before the first
}

// Run certifies images with v, in the order of their indices, and keeps a log at out with a JSON file of the settings
// beside it (out + ".json"); with out empty it keeps none.
//
// It can be repeated: a finished log of the same settings is loaded, an unfinished one is continued, and one of other
// settings is refused with a [*SettingsError] that names the first that differs. It loses at most the image in flight,
// whether ctx ends, the process is killed or the disk fills up. When it stops early it returns the rows it has beside
// the error. progress, if not nil, is called before the first image and after each.
func Run(ctx context.Context, v Voter, images []Image, s Settings, out string, progress func(Progress)) (*Certificates, error) {
	images, err := checkJob(images, s)
	if err != nil {
		return nil, err
	}
	job := &job{voter: v, images: images, progress: progress, start: time.Now(),
		certs: &Certificates{Settings: s, Planned: len(images)}}
	if out == "" {
		return job.certs, job.run(ctx)
	}
	side := newSidecar(s, images)
	if finished, err := loadFinished(out, side, images); finished != nil || err != nil {
		return finished, err
	}
	job.log, job.certs.Rows, err = openLog(out, side, images)
	if err != nil {
		return nil, err
	}
	err = job.run(ctx)
	return job.certs, errors.Join(err, job.log.close())
}

// checkJob checks what is to be done and puts the images in the order of their indices.
func checkJob(images []Image, s Settings) ([]Image, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if len(images) == 0 {
		return nil, errors.New("there are no images to certify; give at least one")
	}
	images = slices.Clone(images)
	slices.SortFunc(images, func(a, b Image) int { return cmp.Compare(a.Index, b.Index) })
	for i, img := range images {
		if img.Index < 0 || img.Label < 0 || img.Label >= s.Classes {
			return nil, fmt.Errorf("image %d has label %d: expected an index of 0 or more and a label below %d, the number of classes", img.Index, img.Label, s.Classes)
		}
		if i > 0 && images[i-1].Index == img.Index {
			return nil, fmt.Errorf("image %d is given twice; a log has one row an image", img.Index)
		}
	}
	return images, nil
}

// job is one call of Run.
type job struct {
	voter    Voter
	images   []Image
	certs    *Certificates // its rows are those of the first images
	log      *logFile      // nil without a log
	progress func(Progress)
	start    time.Time
	drawn    int // images certified by this call
}

func (j *job) run(ctx context.Context) error {
	c := j.certs
	j.report()
	for _, img := range j.images[len(c.Rows):] {
		row, err := Certify(ctx, j.voter, img, c.Sigma, c.Plan, c.Classes)
		if err == nil && j.log != nil {
			err = j.log.append(row.line())
		}
		if err != nil {
			return j.stopped(img, err)
		}
		c.Rows = append(c.Rows, row)
		j.drawn++
		j.report()
	}
	return nil
}

func (j *job) stopped(at Image, err error) error {
	kept := "nothing was kept, since no output path was given"
	if j.log != nil {
		kept = fmt.Sprintf("run it again to go on from %s", j.log.path)
	}
	return fmt.Errorf("certification stopped at image %d, after %d of %d images (%s): %w", at.Index, len(j.certs.Rows), len(j.images), kept, err)
}

func (j *job) report() {
	if j.progress == nil {
		return
	}
	p := Progress{Done: len(j.certs.Rows), Total: len(j.images), Votes: j.drawn * j.certs.Plan.votes(), Elapsed: time.Since(j.start)}
	if j.drawn > 0 && p.Elapsed > 0 {
		p.Rate = float64(p.Votes) / p.Elapsed.Seconds()
		p.ETA = time.Duration(float64(p.Elapsed) / float64(j.drawn) * float64(p.Total-p.Done))
	}
	j.progress(p)
}
