package session

import (
	"time"

	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/evaluation"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/smoothing"

	"go.starlark.net/starlark"
)

// evaluateArgs are the arguments of evaluate().
type evaluateArgs struct {
	Classifier *classifierValue `arg:"c,required" help:"the classifier"`
	Data       votable          `arg:"data,required" want:"a dataset or an image" help:"the images"`
	Sigma      float64          `arg:"sigma" default:"None" help:"standard deviation of Gaussian noise, in pixel units of [0,1]; None measures only the images as they are"`
	N          int              `arg:"n" help:"noisy copies per image, which are also the votes of the smoothed classifier"`
	Alpha      float64          `arg:"alpha" help:"probability that a prediction names a class other than the smoothed classifier's"`
	Seed       uint64           `arg:"seed" help:"seed for the noise"`
	Noise      *methodValue     `arg:"noise" want:"a noise such as laplace(scale=0.5)" help:"other noise, in place of sigma"`
	Given      language.Given
}

func evaluateDefaults() evaluateArgs { return evaluateArgs{N: 100, Alpha: 0.001} }

// evaluate implements evaluate().
func (s *Session) evaluate(c *language.Call, a *evaluateArgs) (starlark.Value, error) {
	var under smoothing.Smoothing
	if a.Given["sigma"] || a.Noise != nil {
		var err error
		if under, err = noiseOf("evaluate", a.Sigma, a.Noise); err != nil {
			return nil, err
		}
	}
	noise := evaluation.Noise{Smoothing: under, N: a.N, Alpha: a.Alpha, Seed: a.Seed}
	if err := noise.Check(); err != nil {
		return nil, err
	}
	job, err := s.evaluation(c, "evaluate", a.Classifier, a.Data)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	e, err := evaluation.Evaluate(c.Ctx, job, noise)
	if err != nil {
		return nil, wrapInterrupted(c, "evaluation", err)
	}
	r := report.Evaluation{
		Dataset:    job.Data.Name,
		Split:      job.Data.Split,
		Images:     job.Data.Len(),
		Classifier: job.Classifier.Arch.Name,
		Accuracy:   e.Clean.Accuracy(),
		Loss:       e.Loss,
		Confusion:  e.Clean.Confusion,
		Seconds:    time.Since(began).Seconds(),
	}
	if under != nil {
		r.Sigma, r.Noise = sigmaOrOther(under)
		r.N, r.Alpha, r.Seed = a.N, a.Alpha, a.Seed
		r.Noisy, r.Smoothed = pointer(e.Noisy.Accuracy()), pointer(e.Smoothed.Accuracy())
		r.Abstained, r.SmoothedConfusion = pointer(e.Smoothed.Abstentions()), e.Smoothed.Confusion
	}
	for label, name := range job.Data.Classes {
		r.Classes = append(r.Classes, classEvaluation(e, label, name))
	}
	return newReportValue(r), nil
}

// classEvaluation returns the results for the images of one class.
func classEvaluation(e *evaluation.Evaluation, label int, name string) report.ClassEvaluation {
	c := report.ClassEvaluation{
		Label:    label,
		Class:    name,
		Images:   e.Clean.Of(label),
		Accuracy: e.Clean.Recall(label),
		Mistaken: e.Clean.Mistaken(label),
	}
	if e.Smoothed != nil {
		c.Noisy, c.Smoothed = pointer(e.Noisy.Recall(label)), pointer(e.Smoothed.Recall(label))
		c.Abstained = pointer(float64(e.Smoothed.Abstained[label]) / float64(e.Smoothed.Of(label)))
	}
	return c
}

func pointer(x float64) *float64 { return &x }

// evaluation returns the job of evaluate, logits and accuracy. It reports progress to the call's output.
func (s *Session) evaluation(
	c *language.Call,
	name string,
	v *classifierValue,
	data votable,
) (evaluation.Job, error) {
	now, d, points, err := judge(c, v, data)
	if err != nil {
		return evaluation.Job{}, err
	}
	eng, err := s.engine.get(c)
	if err != nil {
		return evaluation.Job{}, err
	}
	return evaluation.Job{
		Engine:     eng,
		Classifier: now,
		Data:       d,
		Points:     points,
		Progress: func(stage evaluation.Stage, done, total int) {
			c.Out.Progress(report.Progress{
				ID:     name + " " + string(stage),
				Part:   string(stage),
				Done:   done,
				Total:  total,
				Detail: "images",
				End:    done == total,
			})
		},
	}, nil
}

// judge returns the current classifier and the images or points that it judges, and prints notes on them.
func judge(
	c *language.Call,
	v *classifierValue,
	data votable,
) (now *classifier.Classifier, d *dataset.Dataset, points [][]float32, err error) {
	if now, err = v.read(c.Ctx); err != nil {
		return nil, nil, nil, err
	}
	d, points = data.votable()
	if d, err = judged(c, now, d); err != nil {
		return nil, nil, nil, err
	}
	printLooks(c, now, d)
	return now, d, points, nil
}

// printLooks prints the notes on images, whether they differ from those that a classifier was trained on, and whether
// it can tell images apart.
func printLooks(c *language.Call, now *classifier.Classifier, d *dataset.Dataset) {
	printNotes(c, d)
	if unlike := votes.UnlikeTraining(now, d); unlike != "" {
		c.Out.Print("warning: " + unlike + "\n")
	}
	printDoubts(c, now)
}

// printDoubts warns of weights that cannot tell images apart.
func printDoubts(c *language.Call, of *classifier.Classifier) {
	for _, doubt := range of.Doubts() {
		c.Out.Print("warning: " + doubt + "\n")
	}
}

// logitsArgs are the arguments of logits().
type logitsArgs struct {
	Classifier *classifierValue `arg:"c,required" help:"the classifier"`
	Data       votable          `arg:"data,required" want:"a dataset or an image" help:"the images"`
}

// logits implements logits().
func (s *Session) logits(c *language.Call, a *logitsArgs) (starlark.Value, error) {
	job, err := s.evaluation(c, "logits", a.Classifier, a.Data)
	if err != nil {
		return nil, err
	}
	rows, err := evaluation.Logits(c.Ctx, job)
	if err != nil {
		return nil, err
	}
	r := report.Logits{
		Dataset:    job.Data.Name,
		Split:      job.Data.Split,
		Classifier: job.Classifier.Arch.Name,
		Classes:    job.Data.Classes,
	}
	for i, row := range rows {
		image := report.ImageLogits{
			Index:     job.Data.Indices[i],
			Label:     int(job.Data.Labels[i]),
			Predicted: evaluation.Largest(row),
		}
		for _, x := range row {
			image.Logits = append(image.Logits, float64(x))
		}
		r.Images = append(r.Images, image)
	}
	return newListValue(r, len(rows), func(i int) starlark.Value { return record(r.Images[i]) }), nil
}

// accuracyArgs are the arguments of a classifier's accuracy().
type accuracyArgs struct {
	Data votable `arg:"data,required" want:"a dataset or an image" help:"the images"`
}

// accuracyMethod is the method accuracy() of classifiers.
func accuracyMethod() *language.Function {
	return language.Method(
		"accuracy",
		"share of the images that the base classifier classifies as their label, without noise; evaluate(c, d) has more",
		accuracyArgs{},
		func(c *language.Call, v *classifierValue, a *accuracyArgs) (starlark.Value, error) {
			job, err := v.session.evaluation(c, "accuracy", v, a.Data)
			if err != nil {
				return nil, err
			}
			e, err := evaluation.Evaluate(c.Ctx, job, evaluation.Noise{})
			if err != nil {
				return nil, err
			}
			return starlark.Float(e.Clean.Accuracy()), nil
		},
	)
}
