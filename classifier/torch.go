package classifier

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"smoothlab/classifier/weights"
)

// Import controls how [FromTorch] reads a file. The zero value takes what the file itself says.
type Import struct {
	Arch    string   // name of the network; "" means the one that the file names
	Weights string   // which weights, where the file holds several: the keys that lead to them, joined by dots
	Classes []string // class names, by output; nil means unknown

	// Normalize is how pixels are normalized in front of the network. "" and "auto" mean as the file or the network
	// says, "none" means not at all; [Normalizations] has other names. Mean and SD, in [0,1] pixel units, take the
	// place of a name.
	Normalize string
	Mean, SD  []float64
}

// FromTorch reads weights that PyTorch or another program saved: the authors' .pth.tar, a state_dict, safetensors,
// .npz. Tensors have PyTorch's names. A prefix before all of them, such as "module." of DataParallel, and dicts around
// them are dropped. The classifier's Facts.Notes list the weights that were taken, what was left out and how pixels are
// normalized. The error lists all names, shapes and types that do not fit. No code of a file is executed.
func FromTorch(ctx context.Context, path string, how Import) (*Classifier, error) {
	f, err := weights.Read(ctx, path)
	if err != nil {
		return nil, err
	}
	c, err := how.read(f)
	if err != nil {
		return nil, fmt.Errorf("weights %s: %w", path, err)
	}
	c.Facts.Source = filepath.Base(path)
	return c, nil
}

// read makes a classifier of a file.
func (how Import) read(f *weights.File) (*Classifier, error) {
	a, facts, err := how.network(f)
	if err != nil {
		return nil, err
	}
	chosen, notes, err := how.choose(a, f)
	if err != nil {
		return nil, err
	}
	a = chosen.arch
	scaling, more, err := how.scaling(a, chosen, f.Arch != "")
	if err != nil {
		return nil, err
	}
	c := &Classifier{Arch: a.WithScaling(scaling), Params: chosen.values(), Facts: facts}
	c.Facts.Notes = append(notes, more...)
	if how.Classes != nil {
		c.Facts.Classes = slices.Clone(how.Classes)
	}
	if err := checkNames(a.Name, a.Classes, c.Facts.Classes); err != nil {
		return nil, err
	}
	return c, c.Check()
}

// network returns the network whose weights a file holds. A checkpoint of this project also has class names.
func (how Import) network(f *weights.File) (*Architecture, Facts, error) {
	name := how.Arch
	if name == "" {
		name = f.Arch
	}
	if name == "" {
		return nil, Facts{}, fmt.Errorf(
			"the file names no network: give arch, one of %s",
			strings.Join(architectureNames(), ", "),
		)
	}
	a, err := Lookup(name)
	if err != nil || f.Meta[formatKey] != formatName {
		return a, Facts{}, err
	}
	for _, s := range f.Sets {
		for name := range s.Tensors {
			if isTrainers(name) {
				delete(s.Tensors, name)
			}
		}
	}
	own, err := described(f.Meta)
	if err != nil || own.Base != a.Base {
		return a, Facts{}, err
	}
	var facts Facts
	if err := json.Unmarshal([]byte(f.Meta["facts"]), &facts); err != nil {
		return nil, Facts{}, fmt.Errorf("its facts are not JSON: %w", err)
	}
	return own, Facts{Classes: facts.Classes}, nil
}

func architectureNames() []string {
	var names []string
	for _, a := range Architectures() {
		names = append(names, a.Name)
	}
	return names
}
