package session

import (
	"fmt"

	"smoothlab/classifier"
	"smoothlab/language"

	"go.starlark.net/starlark"
)

// torchArgs are those of from_torch().
type torchArgs struct {
	Path  string  `arg:"path,required" complete:"file" help:"the file"`
	Arch  string  `arg:"arch" complete:"classifier" default:"None" help:"name of the network; None for the one that the file names"`
	Data  images  `arg:"data" want:"a dataset" help:"images it shall fit, which name its classes"`
	Sigma float64 `arg:"sigma" help:"standard deviation of the noise that it was trained with, where it is known"`
}

// fromTorch is from_torch().
func (s *Session) fromTorch(call *language.Call, a *torchArgs) (starlark.Value, error) {
	path := home(a.Path)
	c, err := classifier.FromTorch(call.Ctx, path, a.Arch)
	if err != nil {
		return nil, err
	}
	if !(a.Sigma >= 0 && a.Sigma < 1e6) {
		return nil, fmt.Errorf("from_torch: sigma must be 0 or more, got %g", a.Sigma)
	}
	c.Facts.Sigma = a.Sigma
	if a.Data != nil {
		d := a.Data.images()
		if err := fits(c, d); err != nil {
			return nil, err
		}
		c.Facts.Classes, c.Facts.Dataset = d.Classes, d.Name
	}
	return newClassifier(c, path), nil
}
