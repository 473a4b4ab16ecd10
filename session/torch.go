package session

import (
	"fmt"
	"path/filepath"
	"strings"

	"smoothlab/classifier"
	"smoothlab/language"

	"go.starlark.net/starlark"
)

// torchArgs are the arguments of from_torch().
type torchArgs struct {
	Path      string         `arg:"path,required" complete:"file" help:"the file"`
	Arch      string         `arg:"arch" complete:"classifier" default:"None" help:"name of the network; None for the name in the file"`
	Data      images         `arg:"data" want:"a dataset" help:"dataset to check the network against and to take class names from"`
	Sigma     float64        `arg:"sigma" help:"standard deviation of the noise in training, if known"`
	Weights   string         `arg:"weights" default:"None" help:"which weights to use if several in the file fit: their key, such as \"state_dict_ema\""`
	Mean      starlark.Value `arg:"mean" want:"a number or a list of numbers" help:"mean to subtract from pixels of [0,1] before the network, per channel"`
	Std       starlark.Value `arg:"std" want:"a number or a list of numbers" help:"standard deviation to divide pixels by, per channel"`
	Normalize string         `arg:"normalize" complete:"normalization" none:"none" help:"\"auto\" normalizes pixels as the file or the network requires; None does not normalize; \"cifar10\", \"imagenet\" and \"mnist\" are common choices"`
	Classes   starlark.Value `arg:"classes" want:"a list of class names" help:"class names, by output, if data is not given"`
}

func torchDefaults() torchArgs { return torchArgs{Normalize: "auto"} }

// fromTorch implements from_torch().
func (s *Session) fromTorch(call *language.Call, a *torchArgs) (starlark.Value, error) {
	if !(a.Sigma >= 0 && a.Sigma < 1e6) {
		return nil, fmt.Errorf("from_torch: sigma must be 0 or more, got %g", a.Sigma)
	}
	how := classifier.Import{Arch: a.Arch, Weights: a.Weights, Normalize: a.Normalize}
	var err error
	if how.Mean, err = numberOrList("from_torch: mean", a.Mean); err != nil {
		return nil, err
	}
	if how.SD, err = numberOrList("from_torch: std", a.Std); err != nil {
		return nil, err
	}
	if a.Classes != nil {
		if how.Classes, err = classNames("from_torch", a.Classes); err != nil {
			return nil, err
		}
	}
	path := expandTilde(a.Path)
	c, err := classifier.FromTorch(call.Ctx, path, how)
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
	notes := strings.Join(c.Facts.Notes, "; ")
	if c.Arch.Scaling == nil && a.Normalize == torchDefaults().Normalize {
		notes += " (mean= and std= would normalize them)"
	}
	call.Out.Print(fmt.Sprintf("%s → %s: %s\n", filepath.Base(path), c.Arch.Base, notes))
	printDoubts(call, c)
	return newClassifier(s, c, path), nil
}

// numberOrList reads a number or a list of numbers; nil for None.
func numberOrList(what string, v starlark.Value) ([]float64, error) {
	if v == nil {
		return nil, nil
	}
	items, ok := v.(starlark.Iterable)
	if !ok {
		n, err := asNumber(what, v)
		return []float64{n}, err
	}
	list := []float64{}
	for item := range starlark.Elements(items) {
		n, err := asNumber(what, item)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}
