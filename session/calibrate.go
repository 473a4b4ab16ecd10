package session

import (
	"fmt"
	"time"

	"smoothlab/figure"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/robust"

	"go.starlark.net/starlark"
)

// calibrateArgs are the arguments of calibrate().
type calibrateArgs struct {
	Classifier *classifierValue `arg:"c,required" help:"the base classifier"`
	Data       images           `arg:"data,required" want:"a dataset or an image" help:"the images; thousands are needed to resolve small errors"`
	Sigma      float64          `arg:"sigma,required" help:"standard deviation of the noise, in pixel units of [0,1]"`
	Votes      int              `arg:"votes" help:"noisy samples per image and per path point"`
	Steps      int              `arg:"steps" help:"steps of the search along which confidence is recorded"`
	Step       float64          `arg:"step" help:"length of a step, L2, in pixel units"`
	Draws      int              `arg:"draws" help:"noise samples per image and step of the search"`
	Path       int              `arg:"path" help:"number of images, the first ones, whose search path is recorded; 0 for none"`
	Seed       uint64           `arg:"seed" help:"seed for the noise"`
	Save       string           `arg:"save" complete:"file" default:"None" help:"file for the reliability diagram: .svg, .png, .pdf or .pgf"`
}

func calibrateDefaults() calibrateArgs {
	return calibrateArgs{Votes: 1000, Steps: 4, Step: 0.5, Draws: 32, Path: 20}
}

// calibrate implements calibrate().
func (s *Session) calibrate(c *language.Call, a *calibrateArgs) (starlark.Value, error) {
	if err := figureFile("calibrate", a.Save); err != nil {
		return nil, err
	}
	settings := robust.CalibrateSettings{
		Votes:  a.Votes,
		Path:   a.Path,
		Ascent: robust.Ascent{Steps: a.Steps, Step: a.Step, Draws: a.Draws},
	}
	if err := settings.Check(); err != nil {
		return nil, err
	}
	job, err := s.robustJob(c, "calibrate", a.Classifier, a.Data, a.Sigma, a.Seed)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	found, err := robust.Calibrate(c.Ctx, job, settings)
	if err != nil {
		return nil, wrapInterrupted(c, "calibration", err)
	}
	r := report.Calibration{
		Dataset:    job.Data.Name,
		Split:      job.Data.Split,
		Images:     job.Data.Len(),
		Classifier: job.Classifier.Arch.Name,
		Sigma:      a.Sigma,
		Votes:      a.Votes,
		Seed:       a.Seed,
		Softmax:    calibrationScores(found.Softmax),
		Share:      calibrationScores(found.Share),
		Followed:   len(found.Path),
		Step:       a.Step,
		Draws:      a.Draws,
		Path:       meanPath(found.Path),
		Seconds:    time.Since(began).Seconds(),
		File:       expandTilde(a.Save),
	}
	if r.File != "" {
		if err := r.Reliability().Curves.Figure().Save(r.File); err != nil {
			r.File = ""
			c.Out.Show(r) // the results survive a failed drawing
			return nil, fmt.Errorf("the reliability diagram cannot be written: %w", err)
		}
	}
	return newReportValue(r), nil
}

// figureFile checks the name of a figure's file, and prepares the path; save may be empty.
func figureFile(function, save string) error {
	if save == "" {
		return nil
	}
	if _, err := figure.FileFormat(save); err != nil {
		return fmt.Errorf("%s: %w", function, err)
	}
	return prepareResult(expandTilde(save))
}

func calibrationScores(s robust.Scored) report.CalibrationScores {
	r := report.CalibrationScores{
		Accuracy:    s.Accuracy,
		Confidence:  s.Confidence,
		Brier:       s.Brier,
		BrierTop:    s.BrierTop,
		NLL:         s.NLL,
		ECE:         s.ECE,
		Simulated:   s.Simulated,
		Simulated95: s.Simulated95,
	}
	for _, b := range s.Bins {
		r.Bins = append(
			r.Bins,
			report.CalibrationBin{
				Low:        b.Low,
				High:       b.High,
				Images:     b.Images,
				Confidence: b.Confidence,
				Accuracy:   b.Accuracy,
			},
		)
	}
	return r
}

// meanPath averages the paths of several images, step by step.
func meanPath(paths [][]robust.PathPoint) []report.PathConfidence {
	var mean []report.PathConfidence
	for _, path := range paths {
		if mean == nil {
			mean = make([]report.PathConfidence, len(path))
		}
		share := 1 / float64(len(paths))
		for step, look := range path {
			m := &mean[step]
			m.Moved += share * look.Moved
			m.SoftmaxLabel += share * look.Softmax.Label
			m.SoftmaxWrong += share * look.Softmax.Wrong
			m.ShareLabel += share * look.Share.Label
			m.ShareWrong += share * look.Share.Wrong
		}
	}
	return mean
}
