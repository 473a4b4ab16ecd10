package session

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/internal/humanize"
	"smoothlab/language"

	"go.starlark.net/starlark"
)

// onnxArgs are the arguments of from_onnx().
type onnxArgs struct {
	Path      string         `arg:"path,required" complete:"file" help:"the file, exported with an open batch axis and its weights inside"`
	Data      images         `arg:"data" want:"a dataset" help:"dataset to check the network against and to take class names from"`
	Mean      starlark.Value `arg:"mean" want:"a number or a list of numbers" help:"mean to subtract from pixels of [0,1], per channel, if the network does not do it itself"`
	Std       starlark.Value `arg:"std" want:"a number or a list of numbers" help:"standard deviation to divide pixels by, per channel"`
	Sigma     float64        `arg:"sigma" help:"standard deviation of the noise in training, if known"`
	Classes   starlark.Value `arg:"classes" want:"a list of class names" help:"class names, by output, if neither data nor the file names them"`
	Shape     starlark.Value `arg:"shape" want:"[channels, height, width]" help:"shape of an image, if the file leaves it open or takes flat pixels"`
	Trainable bool           `arg:"trainable" help:"train every weight of a file that does not say which ones are; right only if nothing was folded"`
}

// fromONNX implements from_onnx().
func (s *Session) fromONNX(call *language.Call, a *onnxArgs) (starlark.Value, error) {
	if !(a.Sigma >= 0 && a.Sigma < 1e6) {
		return nil, fmt.Errorf("from_onnx: sigma must be 0 or more, got %g", a.Sigma)
	}
	how, err := a.options()
	if err != nil {
		return nil, err
	}
	path := expandTilde(a.Path)
	c, err := classifier.FromONNX(call.Ctx, path, how)
	if err != nil {
		return nil, err
	}
	c.Facts.Sigma = a.Sigma
	if a.Data != nil {
		d := a.Data.images()
		if err := fits(c, d); err != nil {
			return nil, err
		}
		printOutputs(call, c, d)
		c.Facts.Classes, c.Facts.Dataset = c.ClassNames(d.Classes), d.Name
	}
	eng, err := s.engine.get(call)
	if err != nil {
		return nil, err
	}
	if err := votes.CheckIndependence(call.Ctx, eng, c); err != nil {
		return nil, fmt.Errorf("network %s: %w", path, err)
	}
	in := c.Arch.Input
	call.Out.Print(
		fmt.Sprintf(
			"%s: %d×%d×%d → %d classes, %s parameters, %s multiply-adds per image%s\n",
			filepath.Base(path),
			in.Channels,
			in.Height,
			in.Width,
			c.Arch.Classes,
			humanize.Grouped(c.Arch.Trainable()),
			humanize.Grouped(c.Arch.MACs),
			strings.Join(append([]string{""}, c.Facts.Notes...), "; "),
		),
	)
	printDoubts(call, c)
	return newClassifier(s, c, path), nil
}

// options are what the arguments say about the file.
func (a *onnxArgs) options() (how classifier.ONNX, err error) {
	how.Trainable = a.Trainable
	if how.Mean, err = numberOrList("from_onnx: mean", a.Mean); err != nil {
		return how, err
	}
	if how.SD, err = numberOrList("from_onnx: std", a.Std); err != nil {
		return how, err
	}
	if a.Classes != nil {
		if how.Classes, err = classNames("from_onnx", a.Classes); err != nil {
			return how, err
		}
	}
	if a.Data != nil {
		how.Input = shapeOf(a.Data.images())
	}
	if a.Shape == nil {
		return how, nil
	}
	how.Input, err = inputShape("from_onnx", a.Shape)
	return how, err
}

// inputShape reads [channels, height, width].
func inputShape(function string, v starlark.Value) (classifier.Shape, error) {
	shape, err := numberOrList(function+": shape", v)
	if err != nil {
		return classifier.Shape{}, err
	}
	if len(shape) != 3 || slices.ContainsFunc(shape, func(n float64) bool {
		return n < 1 || n > 1<<16 || n != math.Trunc(n)
	}) {
		return classifier.Shape{}, fmt.Errorf(
			"%s: shape must be [channels, height, width], in whole numbers, got %v", function, v)
	}
	return classifier.Shape{Channels: int(shape[0]), Height: int(shape[1]), Width: int(shape[2])}, nil
}
