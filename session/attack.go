package session

import (
	"fmt"
	"time"

	"smoothlab/certify"
	"smoothlab/internal/humanize"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/robust"

	"go.starlark.net/starlark"
)

// attackArgs are the arguments of attack().
type attackArgs struct {
	Classifier *classifierValue `arg:"c,required" help:"the base classifier"`
	Data       images           `arg:"data,required" want:"a dataset or an image" help:"images to attack"`
	Sigma      float64          `arg:"sigma,required" help:"standard deviation of the noise, in pixel units of [0,1]"`
	Eps        starlark.Value   `arg:"eps,required" want:"a number or a list of numbers" help:"largest L2 distance, in pixel units; an increasing list for a curve"`
	Steps      int              `arg:"steps" help:"steps of the search, for each eps"`
	Step       float64          `arg:"step" default:"None" help:"length of a step, L2, in pixel units; None for 2·eps/steps"`
	Draws      int              `arg:"draws" help:"noise samples per image and step, drawn anew each time; their softmax is averaged"`
	N          int              `arg:"n" help:"votes of each prediction that judges a point"`
	Alpha      float64          `arg:"alpha" help:"probability that a prediction names a class other than the smoothed classifier's"`
	Seed       uint64           `arg:"seed" help:"seed for the noise"`
	Given      language.Given
}

func attackDefaults() attackArgs { return attackArgs{Steps: 20, Draws: 32, N: 1000, Alpha: 0.001} }

// maxEps is the maximum number of distances in one attack.
const maxEps = 1000

// settings converts the arguments to the settings of the attack.
func (a *attackArgs) settings() (robust.AttackSettings, error) {
	s := robust.AttackSettings{Steps: a.Steps, Step: a.Step, Draws: a.Draws, N: a.N, Alpha: a.Alpha}
	values := []starlark.Value{a.Eps}
	if items, ok := a.Eps.(starlark.Iterable); ok {
		values = nil
		for item := range starlark.Elements(items) {
			if values = append(values, item); len(values) > maxEps {
				return s, fmt.Errorf("attack: eps may have at most %s distances, got more", humanize.Grouped(maxEps))
			}
		}
	}
	for _, v := range values {
		eps, err := asNumber("attack: eps", v)
		if err != nil {
			return s, err
		}
		if !(eps > 0) {
			return s, fmt.Errorf(
				"attack: eps, the largest L2 distance, must be above 0, got %v; the unperturbed images are always predicted too",
				v,
			)
		}
		s.Eps = append(s.Eps, eps)
	}
	if a.Given["step"] && a.Step == 0 {
		return s, fmt.Errorf(
			"attack: step, the length of a step in pixel units, must be above 0, or None for 2·eps/steps",
		)
	}
	return s, s.Check()
}

// attack implements attack().
func (s *Session) attack(c *language.Call, a *attackArgs) (starlark.Value, error) {
	settings, err := a.settings()
	if err != nil {
		return nil, err
	}
	job, err := s.robustJob(c, "attack", a.Classifier, a.Data, a.Sigma, a.Seed)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	found, err := robust.Attack(c.Ctx, job, settings)
	if err != nil {
		return nil, wrapInterrupted(c, "attack", err)
	}
	r := report.Attack{
		Dataset:    job.Data.Name,
		Split:      job.Data.Split,
		Classifier: job.Classifier.Arch.Name,
		Sigma:      a.Sigma,
		Steps:      a.Steps,
		Step:       a.Step,
		Draws:      a.Draws,
		N:          a.N,
		Alpha:      a.Alpha,
		Seed:       a.Seed,
		Seconds:    time.Since(began).Seconds(),
	}
	for i := range len(settings.Eps) + 1 {
		r.Eps = append(r.Eps, attackEps(job, settings.Eps, found, i))
	}
	for _, x := range found {
		r.Images = append(r.Images, attackImage(job, x, len(settings.Eps)))
		if len(r.Pictures) < pictured {
			r.Pictures = append(r.Pictures, attackPictures(job, x))
		}
	}
	return newAttackValue(r, job, found), nil
}

// robustJob returns the job that attack and calibrate share. It reports progress to the call's output.
func (s *Session) robustJob(
	c *language.Call,
	name string,
	v *classifierValue,
	data images,
	sigma float64,
	seed uint64,
) (robust.Job, error) {
	now, err := v.read(c.Ctx)
	if err != nil {
		return robust.Job{}, err
	}
	d, err := judged(c, now, data.images())
	if err != nil {
		return robust.Job{}, err
	}
	printLooks(c, now, d)
	eng, err := s.engine.get(c)
	if err != nil {
		return robust.Job{}, err
	}
	return robust.Job{Engine: eng, Classifier: now, Data: d, Sigma: sigma, Seed: seed, Progress: func(done, total int) {
		c.Out.Progress(
			report.Progress{ID: name, Part: name, Done: done, Total: total, Detail: "images", End: done == total},
		)
	}}, nil
}

// wrapInterrupted adds to the error of interrupted work that its results are lost; other errors stay as they are.
func wrapInterrupted(c *language.Call, what string, err error) error {
	if c.Ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("the %s was interrupted and its results are lost: %w", what, err)
}

// attackEps counts the outcomes within one distance: i = 0 is the unperturbed images, i > 0 is eps[i-1].
func attackEps(job robust.Job, eps []float64, found []robust.Attacked, i int) report.AttackEps {
	var e report.AttackEps
	if i > 0 {
		e.Eps = eps[i-1]
	}
	share := 1 / float64(len(found))
	var right, wrong, abstained int
	for _, x := range found {
		switch attackPredicted(x, i) {
		case int(job.Data.Labels[x.Pos]):
			right++
		case certify.Abstain:
			abstained++
		default:
			wrong++
		}
	}
	e.Accuracy, e.Wrong, e.Abstained = float64(right)*share, float64(wrong)*share, float64(abstained)*share
	return e
}

// attackPredicted returns the class predicted at the unperturbed image, i = 0, or within the i-th distance.
func attackPredicted(x robust.Attacked, i int) int {
	if i == 0 {
		return x.Clean
	}
	return x.Predicted(i - 1)
}

func attackImage(job robust.Job, x robust.Attacked, eps int) report.AttackImage {
	y := int(job.Data.Labels[x.Pos])
	r := report.AttackImage{
		WalkImage: report.WalkImage{Index: job.Data.Indices[x.Pos], Label: y, Class: job.Data.Classes[y]},
	}
	for i := range eps + 1 {
		r.Predicted = append(r.Predicted, attackPredicted(x, i))
	}
	if n := len(x.ByEps); n > 0 {
		r.Distance = x.ByEps[n-1].Distance
	}
	return r
}

// attackPictures returns an image followed by the points found for it.
func attackPictures(job robust.Job, x robust.Attacked) []report.Image {
	row := []report.Image{picture(job.Data, x.Pos)}
	for _, o := range x.ByEps {
		row = append(row, drawn(job.Data, o.Point))
	}
	return row
}
