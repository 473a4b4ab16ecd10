package stepgraph

import (
	"fmt"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/method"
	"smoothlab/smoothing"

	"github.com/gomlx/gomlx/core/tensors"
)

// Batch copies images at some positions on the host: 50 kB for 64 digits, some microseconds. It returns pixels, labels
// and, if the method has them, targets.
func Batch(m method.Method, data *dataset.Dataset, in classifier.Shape, positions []int,
	image func(k int) []byte) []*tensors.Tensor {
	b := len(positions)
	x, y := make([]uint8, 0, b*in.Size()), make([]int32, b)
	for i, k := range positions {
		x = append(x, image(k)...)
		y[i] = int32(data.Labels[k])
	}
	batch := []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions(x, b, in.Height, in.Width, in.Channels),
		tensors.FromFlatDataAndDimensions(y, b),
	}
	if m.Traits().Targets {
		var p []float32
		for _, k := range positions {
			p = append(p, data.Target(k)...)
		}
		batch = append(batch, tensors.FromFlatDataAndDimensions(p, b, len(data.Classes)))
	}
	return batch
}

// CheckImages returns an error if images do not fit a classifier, or have labels without a class. fits is the
// classifier's Fits, or FitsTraining.
func CheckImages(d *dataset.Dataset, fits func(classifier.Shape, []string) error) error {
	if err := fits(classifier.Shape{Height: d.Height, Width: d.Width, Channels: d.Channels}, d.Classes); err != nil {
		return err
	}
	for i, y := range d.Labels {
		if int(y) >= len(d.Classes) {
			return fmt.Errorf("image %d has label %d of %d classes", d.Indices[i], y, len(d.Classes))
		}
	}
	return nil
}

// telling is the number of images from which on their brightness is kept with the classifier.
const telling = 100

// Trained returns a classifier with the weights that a method trained from those of start.
func Trained(e *engine.Engine, start *classifier.Classifier, data *dataset.Dataset, m method.Method,
	params []*tensors.Tensor) (*classifier.Classifier, error) {
	values, err := CopyAll(e, params)
	if err != nil {
		return nil, err
	}
	sigma, _ := method.Setting(m, "sigma")
	facts := classifier.Facts{
		Dataset: data.Name,
		Classes: start.ClassNames(data.Classes),
		Sigma:   sigma,
		Noise:   otherNoise(m),
		Method:  method.Describe(m),
		Seed:    start.Facts.Seed,
		Pixels:  start.Facts.Pixels,
	}
	if data.Len() >= telling {
		facts.Pixels = classifier.NewBrightness(data.Brightness())
	}
	return &classifier.Classifier{Arch: start.Arch, Params: values, Facts: facts}, nil
}

// otherNoise describes the noise of a method if it is not Gaussian, such as "laplace scale 0.5".
func otherNoise(m method.Method) string {
	noise := method.Noise(m)
	if _, usual := noise.(smoothing.Gaussian); usual {
		return ""
	}
	return smoothing.Describe(noise)
}
