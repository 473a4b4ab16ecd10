package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/internal/humanize"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/smoothing"

	"go.starlark.net/starlark"
)

// certifyArgs are the arguments of certify(). The defaults are the numbers of the authors' logs (code/certify.py).
type certifyArgs struct {
	Classifier voting       `arg:"c,required" want:"a classifier" help:"the base classifier"`
	Data       votable      `arg:"data,required" want:"a dataset or an image" help:"images to certify, or a point that a search has found"`
	Sigma      float64      `arg:"sigma" default:"None" help:"standard deviation of Gaussian noise, in pixel units of [0,1]; usually the sigma of training"`
	N0         int          `arg:"n0" help:"votes that select the class"`
	N          int          `arg:"n" help:"fresh votes that bound its probability"`
	Alpha      float64      `arg:"alpha" help:"failure probability per image"`
	Seed       uint64       `arg:"seed" help:"seed for the noise"`
	Out        string       `arg:"out" complete:"file" default:"None" help:"log file; makes the line repeatable: a finished log is loaded, an unfinished one is resumed, one with other settings is refused"`
	Background bool         `arg:"background" help:"run in the background while the prompt is free"`
	Sound      bool         `arg:"sound" help:"draw the noise on the grid of 8-bit pixels, in whole numbers, and subtract the possible error from every bound (docs/sound-sampling.md)"`
	Plan       *planValue   `arg:"plan" help:"fixed(…), ladder(…) or betting(…), in place of n0, n and alpha"`
	Shard      string       `arg:"shard" default:"None" help:"\"1/4\" certifies only the first of four parts of the images; merge([…]) joins the four logs"`
	MaxVotes   int          `arg:"max_votes" default:"None" help:"maximum number of votes to draw; rerun the same line to resume"`
	MaxTime    float64      `arg:"max_time" default:"None" help:"time limit in seconds, excluding compilation; rerun the same line to resume"`
	Noise      *methodValue `arg:"noise" want:"a noise such as laplace(scale=0.5)" help:"other noise, in place of sigma: laplace(scale=…) and uniform(scale=…) certify radii in L1"`
	Engine     string       `arg:"engine" complete:"engine" help:"what computes the logits: \"xla\", or \"onnxruntime\", which may be twice as fast for deep networks on a CPU and rounds differently; it is downloaded once (28 MB, docs/certification.md)"`
	Given      language.Given
}

func certifyDefaults() certifyArgs {
	f := fixedDefaults()
	return certifyArgs{N0: f.N0, N: f.N, Alpha: f.Alpha, Engine: xlaEngine}
}

// plan returns the plan that the arguments describe, under their noise.
func (a *certifyArgs) plan(under smoothing.Smoothing) (certify.Plan, error) {
	p := plan(certify.Fixed(a.N0, a.N, a.Alpha))
	if a.Plan != nil {
		for _, name := range []string{"n0", "n", "alpha"} {
			if a.Given[name] {
				return certify.Plan{}, fmt.Errorf(
					"certify: %s belongs to the plan; set it there, as in plan=ladder(…, %s=…), or leave plan out",
					name,
					name,
				)
			}
		}
		p = a.Plan
	}
	if err := p.check(); err != nil {
		return certify.Plan{}, err
	}
	return p.at(under)
}

// budget returns the limits on votes and time that the arguments set.
func (a *certifyArgs) budget() (certify.Budget, error) {
	if a.Given["max_votes"] && a.MaxVotes < 1 {
		return certify.Budget{}, fmt.Errorf(
			"max_votes, the largest number of votes to draw, must be at least 1; got %d",
			a.MaxVotes,
		)
	}
	if a.Given["max_time"] && !(a.MaxTime > 0 && a.MaxTime < maxSeconds) {
		return certify.Budget{}, fmt.Errorf(
			"max_time, in seconds, must be above 0 and below %.0e; got %v",
			maxSeconds,
			starlark.Float(a.MaxTime),
		)
	}
	return certify.Budget{Votes: a.MaxVotes, Time: time.Duration(a.MaxTime * float64(time.Second))}, nil
}

// maxSeconds is the largest time limit: a time.Duration can hold it.
const maxSeconds = 1e9

// certification is a certification job as a value of the language.
type certification struct {
	language.Object[*certification]
	*job
	result *certificatesValue // guarded by job.mu; the finished rows, once the job has ended
}

// certify implements certify().
func (s *Session) certify(c *language.Call, a *certifyArgs) (starlark.Value, error) {
	under, err := noiseOf("certify", a.Sigma, a.Noise)
	if err != nil {
		return nil, err
	}
	plan, err := a.plan(under)
	if err != nil {
		return nil, err
	}
	part, err := certify.ParseShard(a.Shard)
	if err != nil {
		return nil, err
	}
	budget, err := a.budget()
	if err != nil {
		return nil, err
	}
	if err := checkEngine(a.Engine); err != nil {
		return nil, err
	}
	if path := a.path(); path != "" {
		if err := certify.CheckOut(path); err != nil {
			return nil, err
		}
	}
	chunk := min(votes.DefaultChunk, plan.N)
	v, err := a.Classifier.voter(s, c, a.Data,
		sampling{under: under, seed: a.Seed, chunk: chunk, sound: a.Sound, engine: a.Engine})
	if err != nil {
		return nil, err
	}
	v.warn(c, "is certified", under)
	if err := s.waitForeground(c.Ctx); err != nil {
		return nil, err
	}
	what := fmt.Sprintf("%s at %s, %d images", v.name, smoothing.Describe(under), v.data.Len())
	job, ctx := s.begin(c, "certify", what, "images", a.path(), a.Background)
	k := &certification{job: job}
	go k.run(ctx, v, plan, part, budget)
	if a.Background {
		return s.showOnce(c, k), nil
	}
	if err := k.wait(c, nil); err != nil {
		return nil, err
	}
	_, _, _, err = k.status()
	if err != nil {
		return nil, err
	}
	c.Out.Print(k.result.made + "\n")
	return k.result, nil
}

// path returns the path of the log, or "" if there is none.
func (a *certifyArgs) path() string { return expandTilde(a.Out) }

// run draws the votes. It is called in its own goroutine.
func (k *certification) run(
	ctx context.Context,
	v *voter,
	plan certify.Plan,
	part certify.Shard,
	budget certify.Budget,
) {
	began, drawn := time.Now(), 0
	rows, err := certify.RunWithin(ctx, budget, v, v.Images(), part, plan, k.path, func(p certify.Progress) {
		drawn = p.Votes
		detail := ""
		if p.Rate > 0 { // 0 while unknown
			detail = humanize.Grouped(int(p.Rate)) + " votes/s"
		}
		k.progress(
			report.Progress{
				Part:   "certifying",
				Done:   p.Done,
				Total:  p.Total,
				Detail: detail,
				Left:   int(p.ETA.Seconds()),
			},
		)
	})
	err = errors.Join(err, v.close(ctx))
	state, ended := report.RunFinished, ""
	var spent *certify.BudgetError
	switch {
	case errors.As(err, &spent) && rows != nil && len(rows.Rows) > 0:
		state, ended, err = report.RunStopped, err.Error(), nil // the finished rows are the result
	case errors.Is(err, context.Canceled):
		state = report.RunStopped
	case err != nil:
		state = report.RunFailed
	case drawn == 0:
		state = report.RunLoaded
	}
	if rows != nil && len(rows.Rows) > 0 {
		k.mu.Lock()
		k.result = &certificatesValue{
			Certificates: rows,
			path:         k.path,
			pick:         v.data.Pick(),
			classes:      v.data.Classes,
			values:       v.data.Height * v.data.Width * v.data.Channels,
		}
		k.result.made = summary(state, rows, drawn, time.Since(began), k.path) + v.cost()
		if note := collapse(rows); note != "" {
			k.result.made += "\nnote: " + note
		}
		if ended != "" {
			k.result.made += "\n" + ended
		}
		k.mu.Unlock()
	}
	k.end(state, err, k.statusLine)
}

// collapse warns of certificates that all name one class; "" if they do not.
func collapse(k *certify.Certificates) string {
	class, images, ok := k.Collapsed()
	if !ok {
		return ""
	}
	name := fmt.Sprint(class)
	if class < len(k.ClassNames) {
		name = k.ClassNames[class]
	}
	return fmt.Sprintf("all %d predictions are class %s: the classifier may not depend on the image, so check its weights, "+
		"its normalization and the noise", images, name)
}

// summary returns the line printed when a certification ends.
func summary(state string, k *certify.Certificates, drawn int, took time.Duration, path string) string {
	images := fmt.Sprintf("certify: %d %s × ", len(k.Rows), humanize.Plural(len(k.Rows), "image"))
	line := images + humanize.Grouped(k.Plan.N0+k.Plan.N) + " votes"
	if procedure := k.Plan.Procedure(); procedure.Adaptive() {
		line = images + fmt.Sprintf(
			"%s votes on average (%s)",
			humanize.Grouped(int(k.VotesEach()+0.5)),
			procedure.Name(),
		)
	}
	if state == report.RunLoaded {
		line += " · loaded from " + path
		if !k.PixelsRecorded() {
			line += ", which does not record the images' pixels"
		}
		return line
	}
	line += fmt.Sprintf(" · %s votes/s · %s", humanize.Grouped(int(float64(drawn)/took.Seconds())), duration(took))
	if path != "" {
		line += " · → " + path
	}
	return line
}

// certificationHint is shown when a background certification is used in place of its certificates.
const certificationHint = "It is running in the background: .wait() returns its certificates, .stop() the finished ones"

// Describe lists the attributes and methods of certifications in the background.
func (*certification) Describe() *language.Kind {
	return &language.Kind{Name: "certification", Help: "A certification in the background.", Hint: certificationHint,
		Attributes: []language.Attribute{
			language.Attr(
				"id",
				"number of the job in this session",
				func(k *certification) starlark.Value { return starlark.MakeInt(k.id) },
			),
			language.Attr(
				"state",
				`"running", "stopped", "finished", "failed", or "loaded"`,
				func(k *certification) starlark.Value {
					state, _, _, _ := k.status()
					return starlark.String(state)
				},
			),
			language.Attr(
				"path",
				"the log, empty if none is kept",
				func(k *certification) starlark.Value { return starlark.String(k.path) },
			),
		},
		Methods: []*language.Function{
			language.Method(
				"wait",
				"wait for the certificates, showing progress; an interrupt ends the wait, not the certification",
				struct{}{},
				func(c *language.Call, k *certification, _ *struct{}) (starlark.Value, error) {
					if err := k.wait(c, nil); err != nil {
						return nil, err
					}
					if state, _, _, err := k.status(); err != nil && (state != report.RunStopped || k.result == nil) {
						return nil, err
					}
					return k.result, nil
				},
			),
			language.Method(
				"stop",
				"stop the certification and return the certificates so far, or None; with out= the same certify(…) resumes it",
				struct{}{},
				func(c *language.Call, k *certification, _ *struct{}) (starlark.Value, error) {
					if err := k.stop(c); err != nil || k.result == nil {
						return nil, err
					}
					return k.result, nil
				},
			),
		}}
}

func (k *certification) Attr(name string) (starlark.Value, error) { return k.Lookup(k, name) }
func (k *certification) String() string                           { return k.statusLine() }
func (k *certification) Report() report.Report                    { return report.Message{Text: k.statusLine()} }

// statusLine describes the certification in one line.
func (k *certification) statusLine() string {
	state, now, took, err := k.status()
	line := fmt.Sprintf("%s: certification of %s, %s", k.name(), k.description(), state)
	switch {
	case state == report.RunRunning && now.Total > 0:
		line += fmt.Sprintf(", %d of %d images", now.Done, now.Total)
	case state == report.RunFailed:
		line += ": " + err.Error()
	case state != report.RunRunning:
		line += " after " + duration(took)
	}
	if k.path != "" {
		line += " → " + k.path
	}
	return line
}

// duration formats a time for people.
func duration(d time.Duration) string {
	if d < 10*time.Second {
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	}
	if d < 2*time.Minute {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}
