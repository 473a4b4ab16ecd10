package classifier

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"smoothlab/internal/humanize"
	"smoothlab/internal/suggest"
)

// Normalization is a named first layer.
type Normalization struct {
	Name, Help string
	Scaling    *Scaling // nil takes pixels as they are
}

// Normalizations lists the names that [Import.Normalize] takes besides "auto".
func Normalizations() []Normalization {
	return []Normalization{
		{"none", "pixels as they are", nil},
		{"cifar10", "the authors' for CIFAR-10", cifarScaling()},
		{"imagenet", "torchvision's and the authors' for ImageNet", imageNetScaling()},
		{
			"mnist",
			"mean 0.1307 and std 0.3081, of many MNIST examples",
			&Scaling{Mean: []float64{0.1307}, SD: []float64{0.3081}},
		},
	}
}

const autoNormalize = "auto"

// scaling chooses the normalization in front of the imported network and describes it. authors reports whether the
// file names its network, as the authors' do, which all have the network's own normalization as layer 0: for LeNet
// pixels as they are.
func (how Import) scaling(a *Architecture, w *weightSet, authors bool) (*Scaling, []string, error) {
	if how.Mean != nil || how.SD != nil || how.Normalize != "" && how.Normalize != autoNormalize {
		s, err := how.asked(a)
		return s, append(w.unused(), inFront(s, "as asked for")), err
	}
	mean, sd := w.buffers()
	if mean != "" && sd != "" {
		s, err := w.fromBuffers(mean, sd)
		return s, []string{inFront(s, fmt.Sprintf("by %s and %s of the file", mean, sd))}, err
	}
	if extra := slices.DeleteFunc(
		slices.Clone(w.stray),
		func(name string) bool { return !w.normalizes(name) },
	); len(
		extra,
	) > 0 {
		return nil, nil, fmt.Errorf("%s may normalize pixels: give mean= and std=, or normalize=None", w.shown(extra))
	}
	missing := w.missingLayer()
	switch {
	case missing == "":
		return a.Scaling, []string{inFront(a.Scaling, "of the network "+a.Base)}, nil
	case a.Scaling == nil && authors:
		return nil, []string{
			inFront(
				nil,
				"",
			) + fmt.Sprintf(
				", as the authors' %s does; the file holds nothing of layer %s",
				a.Base,
				missing,
			),
		}, nil
	case a.Scaling == nil:
		return nil, nil, fmt.Errorf(
			"its weights are named %s…, and the file holds nothing of layer %s before them, which may normalize pixels: "+
				"give mean= and std= if it does, else normalize=None",
			w.prefix,
			missing,
		)
	}
	return a.Scaling, []string{
		inFront(
			a.Scaling,
			fmt.Sprintf("of the network %s, in place of layer %s, of which the file holds nothing", a.Base, missing),
		),
	}, nil
}

// asked returns the first layer that the caller asked for.
func (how Import) asked(a *Architecture) (*Scaling, error) {
	if how.Mean != nil || how.SD != nil {
		if how.Normalize != "" && how.Normalize != autoNormalize {
			return nil, fmt.Errorf("give normalize=%q or mean and std, not both", how.Normalize)
		}
		s, err := NewScaling(how.Mean, how.SD, a.Input.Channels)
		if err == nil && s.equal(noScaling(a.Input.Channels)) {
			return nil, nil
		}
		return s, err
	}
	n, err := suggest.Find(
		"normalization",
		how.Normalize,
		Normalizations(),
		func(n Normalization) string { return n.Name },
	)
	if err != nil || n.Scaling == nil {
		return nil, err
	}
	return NewScaling(n.Scaling.Mean, n.Scaling.SD, a.Input.Channels)
}

// inFront describes the normalization in front of a network.
func inFront(s *Scaling, why string) string {
	if s == nil {
		return "takes pixels as they are"
	}
	return fmt.Sprintf("normalizes pixels, %v, %s", s, why)
}

// buffers finds the mean and the standard deviation that a network with a normalizing layer keeps; "" if there are
// none or several.
func (w *weightSet) buffers() (mean, sd string) {
	var means, sds []string
	for _, name := range w.stray {
		switch word := bufferWord(name); {
		case !w.normalizes(name):
		case slices.Contains(meanWords, word):
			means = append(means, name)
		case slices.Contains(sdWords, word):
			sds = append(sds, name)
		default:
			return "", "" // mu and sigma may mean anything
		}
	}
	if len(means) != 1 || len(sds) != 1 {
		return "", ""
	}
	return means[0], sds[0]
}

// The last words in the names of buffers that normalize pixels. mu and sigma count only if the caller sets the
// normalization.
var (
	meanWords = []string{"mean", "means", "image_mean", "pixel_mean", "input_mean"}
	sdWords   = []string{"std", "stds", "sd", "sds", "image_std", "pixel_std", "input_std"}
	maybe     = []string{"mu", "sigma"}
)

func bufferWord(name string) string {
	return strings.Trim(strings.ToLower(name[strings.LastIndexByte(name, '.')+1:]), "_")
}

// normalizes reports whether a tensor may be the mean or the standard deviation of pixels: by its name, and by its
// size, which is 1 or the number of channels.
func (w *weightSet) normalizes(name string) bool {
	t, word := w.set.Tensors[name], bufferWord(name)
	return slices.Contains(slices.Concat(meanWords, sdWords, maybe), word) && t.IsFloat() &&
		(len(t.Values) == 1 || len(t.Values) == w.arch.Input.Channels)
}

// fromBuffers makes the first layer of two buffers.
func (w *weightSet) fromBuffers(mean, sd string) (*Scaling, error) {
	s, err := NewScaling(w.wide(mean), w.wide(sd), w.arch.Input.Channels)
	if err != nil {
		return nil, fmt.Errorf(
			"%s and %s cannot normalize pixels: %w; or give mean= and std=, or normalize=None",
			mean,
			sd,
			err,
		)
	}
	return s, nil
}

// wide returns the values of a tensor as float64, with the digits of float32.
func (w *weightSet) wide(name string) []float64 {
	var v []float64
	for _, x := range w.set.Tensors[name].Values {
		v = append(v, humanize.Float32(float64(x)))
	}
	return v
}

// shown lists tensors with their values.
func (w *weightSet) shown(names []string) string {
	var list []string
	for _, name := range names {
		list = append(list, fmt.Sprintf("%s %v", name, w.set.Tensors[name].Values))
	}
	return strings.Join(list, " and ")
}

// unused lists the buffers of the file that are left out because the caller set the normalization.
func (w *weightSet) unused() []string {
	var names []string
	for _, name := range w.stray {
		if w.normalizes(name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return nil
	}
	return []string{"left out: " + w.shown(names)}
}

// missingLayer returns the first layer of a Sequential, such as "0", that has no tensor in the set and comes before the
// weights; "" if there is none.
func (w *weightSet) missingLayer() string {
	words := strings.Split(strings.TrimSuffix(w.prefix, "."), ".")
	for i, word := range words {
		k, err := strconv.Atoi(word)
		if err != nil {
			continue
		}
		for layer := range min(k, maxLayers) {
			before := dotted(append(slices.Clone(words[:i]), strconv.Itoa(layer))...)
			if !w.holds(before + ".") {
				return before
			}
		}
	}
	return ""
}

// maxLayers bounds the layers that are searched: an index in a file may be any number.
const maxLayers = 1000

func (w *weightSet) holds(prefix string) bool {
	for name := range w.set.Tensors {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
