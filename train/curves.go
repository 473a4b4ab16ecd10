package train

import (
	"fmt"
	"time"

	"smoothlab/internal/tfevents"
)

// curves writes a run's progress for TensorBoard. A nil curves writes nothing.
type curves struct{ w *tfevents.Writer }

// curvesError marks the error of curves that could not be written although training was fine.
type curvesError struct{ error }

func (e *curvesError) Unwrap() error { return e.error }

// openCurves begins a file in the job's directory, if it names one, for the updates after those taken.
func openCurves(job *Job, taken int) (*curves, error) {
	if job.LogDir == "" {
		return nil, nil
	}
	w, err := tfevents.Create(job.LogDir, time.Now(), taken+1)
	if err != nil {
		return nil, &curvesError{fmt.Errorf("the curves for TensorBoard cannot be written: %w", err)}
	}
	return &curves{w}, nil
}

// step writes the loss, its terms and the learning rate of the latest update; the step is the number of the update.
func (c *curves) step(t *trainer) error {
	if c == nil {
		return nil
	}
	values := []tfevents.Scalar{
		{Tag: "train/loss", Value: float64(t.latest[0])},
		{Tag: "train/learning rate", Value: t.rate(t.state.Update - 1)},
	}
	for i, name := range t.state.Labels {
		values = append(values, tfevents.Scalar{Tag: "train/term " + name, Value: float64(t.latest[i+1])})
	}
	return c.write(t, values)
}

// epoch writes the accuracy of the base classifier under noise after an epoch, if it was measured.
func (c *curves) epoch(t *trainer, e *Epoch) error {
	if c == nil {
		return nil
	}
	values := []tfevents.Scalar{
		{Tag: "epoch/loss", Value: e.Loss},
		{Tag: "epoch/warm-up", Value: e.Warm},
	}
	if e.NoisyAccuracy >= 0 {
		values = append(values, tfevents.Scalar{Tag: "test/noisy accuracy", Value: e.NoisyAccuracy})
		if e.NoisyLoss >= 0 { // else it was not finite
			values = append(values, tfevents.Scalar{Tag: "test/noisy loss", Value: e.NoisyLoss})
		}
	}
	return c.write(t, values)
}

func (c *curves) write(t *trainer, values []tfevents.Scalar) error {
	if err := c.w.Scalars(time.Now(), t.state.Update, values...); err != nil {
		return &curvesError{fmt.Errorf("the curves for TensorBoard cannot be written: %w", err)}
	}
	return nil
}

func (c *curves) close() error {
	if c == nil {
		return nil
	}
	return c.w.Close()
}

// checkLogDir returns an error if a directory of curves cannot have this name.
func (job *Job) checkLogDir() error {
	if job.LogDir == "" {
		return nil
	}
	if err := tfevents.CheckDir(job.LogDir); err != nil {
		return fmt.Errorf("the curves for TensorBoard: %w", err)
	}
	return nil
}
