package session

import (
	"time"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// predictArgs are the arguments of predict().
type predictArgs struct {
	Classifier voting       `arg:"c,required" want:"a classifier" help:"the base classifier"`
	Data       votable      `arg:"x,required" want:"an image or a dataset" help:"one image, a point that a search has found, or a data set"`
	Sigma      float64      `arg:"sigma" default:"None" help:"standard deviation of Gaussian noise, in pixel units of [0,1]"`
	N          int          `arg:"n" help:"votes per image"`
	Alpha      float64      `arg:"alpha" help:"probability of naming a class other than the smoothed classifier's"`
	Seed       uint64       `arg:"seed" help:"seed for the noise"`
	Noise      *methodValue `arg:"noise" want:"a noise such as laplace(scale=0.5)" help:"other noise, in place of sigma"`
}

// predict implements predict(). It returns one prediction for an image and a list for a data set.
func (s *Session) predict(c *language.Call, a *predictArgs) (starlark.Value, error) {
	if err := certify.CheckPrediction(a.N, a.Alpha); err != nil {
		return nil, err
	}
	under, err := noiseOf("predict", a.Sigma, a.Noise)
	if err != nil {
		return nil, err
	}
	v, err := a.Classifier.voter(
		s,
		c,
		a.Data,
		sampling{under: under, seed: a.Seed, chunk: min(votes.DefaultChunk, a.N)},
	)
	if err != nil {
		return nil, err
	}
	defer v.close(c.Ctx)
	sigma, other := sigmaOrOther(under)
	var list []starlark.Value
	for i, img := range v.Images() {
		if i > 0 {
			c.Out.Progress(report.Progress{ID: "predict", Part: "predicting", Done: i, Total: v.data.Len()})
		}
		began := time.Now()
		class, counts, err := certify.Predict(c.Ctx, v, img, a.N, a.Alpha)
		if err != nil {
			return nil, err
		}
		list = append(
			list,
			newReportValue(report.Prediction{
				Dataset:   v.data.Name,
				Split:     v.data.Split,
				Index:     img.Index,
				Label:     img.Label,
				Class:     v.data.Classes[img.Label],
				Predicted: class,
				Counts:    counts,
				Alpha:     a.Alpha,
				Sigma:     sigma,
				Noise:     other,
				Seconds:   time.Since(began).Seconds(),
			}),
		)
	}
	if len(list) > 1 {
		c.Out.Progress(report.Progress{ID: "predict", Part: "predicting", Done: len(list), Total: len(list), End: true})
	}
	if single(a.Data) {
		return list[0], nil
	}
	return starlark.NewList(list), nil
}
