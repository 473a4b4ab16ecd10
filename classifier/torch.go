package classifier

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"smoothlab/classifier/weights"
)

// FromTorch reads weights that PyTorch or another program saved — the authors' .pth.tar, a state_dict, safetensors, .npz — into
// the architecture of that name; "" takes the one that the file names. Tensors go by PyTorch's names; what DataParallel
// ("module.") and a Sequential whose first layer normalises ("1.") put before them is dropped, as the authors' networks have
// it (code/architectures.py:26-46). The error lists all names and shapes that do not fit. No code of a file is executed.
func FromTorch(ctx context.Context, path, arch string) (*Classifier, error) {
	f, err := weights.Read(ctx, path)
	if err != nil {
		return nil, err
	}
	if arch == "" {
		arch = f.Arch
	}
	if arch == "" {
		return nil, fmt.Errorf("weights %s: the file names no network; say which one it is of: %s", path, strings.Join(architectureNames(), ", "))
	}
	a, err := Lookup(arch)
	if err != nil {
		return nil, fmt.Errorf("weights %s: %w", path, err)
	}
	params, err := a.adopt(f.Tensors)
	if err != nil {
		return nil, fmt.Errorf("weights %s: %w", path, err)
	}
	return &Classifier{Arch: a, Params: params, Facts: Facts{Source: filepath.Base(path)}}, nil
}

func architectureNames() []string {
	var names []string
	for _, a := range Architectures() {
		names = append(names, a.Name)
	}
	return names
}

// counter ends the names of batch norm's count of batches, which no result depends on: a file may do without it, or have it
// where the architecture has none.
const counter = "num_batches_tracked"

// adopt gives tensors the places of the parameters.
func (a *Architecture) adopt(tensors map[string]weights.Tensor) ([][]float32, error) {
	place := map[string]int{}
	for i, p := range a.Params {
		place[p.Name] = i
	}
	values, from := make([][]float32, len(a.Params)), make([]string, len(a.Params))
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		t := tensors[name]
		i, ok := place[bare(name, place)]
		switch {
		case !ok && strings.HasSuffix(name, counter):
		case !ok:
			wrong = append(wrong, fmt.Sprintf("%s %v is no parameter", name, t.Dims))
		case from[i] != "":
			wrong = append(wrong, fmt.Sprintf("%s and %s are both %s", from[i], name, a.Params[i].Name))
		case !slices.Equal(t.Dims, a.Params[i].Dims):
			from[i] = name
			wrong = append(wrong, fmt.Sprintf("%s is %v, not %v", name, t.Dims, a.Params[i].Dims))
		default:
			from[i], values[i] = name, t.Values
		}
	}
	for i, p := range a.Params {
		switch {
		case from[i] != "":
		case strings.HasSuffix(p.Name, counter):
			values[i] = make([]float32, p.Size())
		default:
			wrong = append(wrong, fmt.Sprintf("%s %v is missing", p.Name, p.Dims))
		}
	}
	if wrong != nil {
		return nil, fmt.Errorf("does not fit %s: %s", a.Name, strings.Join(wrong, "; "))
	}
	return values, nil
}

// bare is a name without what wrappers of networks put before it, as soon as it is a known one.
func bare(name string, known map[string]int) string {
	for short := name; ; {
		if _, ok := known[short]; ok {
			return short
		}
		rest, ok := strings.CutPrefix(short, "module.")
		if !ok {
			rest, ok = strings.CutPrefix(short, "1.")
		}
		if !ok {
			return name
		}
		short = rest
	}
}
