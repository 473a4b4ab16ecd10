package train

import (
	"testing"

	"smoothlab/engine"
	"smoothlab/method"
)

// The costs of an optimizer step besides arithmetic. After the first step of a run nothing is compiled. A step is one
// call for the noise and one for the rest, also on several devices; a separate search adds one for the images and one
// for each search step. Pixels, labels, targets, and some hundred bytes of key, counter and settings are uploaded, and
// the report is downloaded. Weights and momentum stay on the device.
func TestWhatAStepCosts(t *testing.T) {
	const images, pixel = 8, 784
	eachMethod(t, func(t *testing.T, m method.Method) {
		job := oneBatch(t, "linear", m)
		for _, devices := range []int{1, 4} {
			job.Devices = devices
			tr, err := newTrainer(job, nil, state{})
			if err != nil {
				t.Fatal(err)
			}
			defer tr.free()
			cost := func() (compiled, calls int, moved engine.Transfers) {
				c, n := tr.engine.Counts()
				before := tr.engine.Transfers()
				tr.state.At = 0
				if err := tr.step(t.Context()); err != nil {
					t.Fatal(err)
				}
				c2, n2 := tr.engine.Counts()
				return c2 - c, n2 - n, tr.engine.Transfers().Since(before)
			}
			cost()
			for range 2 {
				compiled, calls, moved := cost()
				small := moved.Uploaded - images*(pixel+4) - 4*len(job.Data.Targets)
				if compiled != 0 || calls != 2 || moved.Readings != 1 {
					t.Errorf(
						"%d devices: %d graphs, %d calls, %d readings; want none, 2 and 1",
						devices,
						compiled,
						calls,
						moved.Readings,
					)
				}
				if small < 0 || small > 200*devices || moved.BytesRead > 100 {
					t.Errorf(
						"%d devices: %d bytes up besides pixels, labels and targets, %d down; want at most %d and 100",
						devices,
						small,
						moved.BytesRead,
						200*devices,
					)
				}
			}
		}
	})
}
