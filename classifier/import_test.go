package classifier_test

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"smoothlab/classifier"
)

// linear is a softmax regression of n classes with weights from a seed, and its state_dict.
func linear(t testing.TB, n int, seed uint64) (*classifier.Classifier, dict) {
	t.Helper()
	a, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	if a, err = a.WithClasses(n); err != nil {
		t.Fatal(err)
	}
	c := classifier.New(a, seed)
	return c, state(c)
}

// state is the state_dict of a classifier.
func state(c *classifier.Classifier) dict {
	var d dict
	for i, p := range c.Arch.Params {
		if p.Role == classifier.Counter {
			d = append(d, item{p.Name, tensor{"Long", p.Dims, make([]byte, 8)}})
			continue
		}
		d = append(d, item{p.Name, floats(c.Params[i], p.Dims...)})
	}
	return d
}

// converted is a state_dict whose numbers are of another type: each is 1 in its bytes, or 0.
func converted(d dict, kind string) dict {
	var out dict
	for _, e := range d {
		v := e.value.(tensor)
		out = append(out, item{e.key, tensor{kind, v.dims, make([]byte, len(v.data)/4*sizes[kind])}})
	}
	return out
}

// doubled is a state_dict in float64.
func doubled(d dict) dict {
	var out dict
	for _, e := range d {
		v := e.value.(tensor)
		var b []byte
		for i := 0; i < len(v.data); i += 4 {
			b = binary.LittleEndian.AppendUint64(
				b,
				math.Float64bits(float64(math.Float32frombits(binary.LittleEndian.Uint32(v.data[i:])))),
			)
		}
		out = append(out, item{e.key, tensor{"Double", v.dims, b}})
	}
	return out
}

// arrays is a state_dict of NumPy's arrays.
func arrays(d dict) dict {
	var out dict
	for _, e := range d {
		out = append(out, item{e.key, array{e.value.(tensor)}})
	}
	return out
}

// with is a state_dict with one value of a tensor replaced.
func with(d dict, key string, at int, value float32) dict {
	out := slices.Clone(d)
	for i, e := range out {
		if e.key == key {
			v := e.value.(tensor)
			v.data = slices.Clone(v.data)
			binary.LittleEndian.PutUint32(v.data[4*at:], math.Float32bits(value))
			out[i].value = v
		}
	}
	return out
}

var nan = float32(math.NaN())

// The same softmax regression in the forms in which people save it. These forms are unambiguous: one common prefix, one
// dict that fits, at any depth, arrays, and a second set of weights whose name says that it is a moving average.
func TestImportForms(t *testing.T) {
	c, net := linear(t, 10, 1)
	_, ema := linear(t, 10, 2)
	metric := item{"acc", floats([]float32{0.9})}
	for name, test := range map[string]struct {
		saved any
		note  string
	}{
		"state_dict":             {net, "takes pixels as they are"},
		"float64":                {doubled(net), ""},
		"arrays of NumPy":        {arrays(net), ""},
		"module.":                {prefixed("module.", net), "weights of module"},
		"_orig_mod.":             {prefixed("_orig_mod.", net), "weights of _orig_mod"},
		"module._orig_mod.":      {prefixed("module._orig_mod.", net), "weights of module._orig_mod"},
		"net.":                   {prefixed("net.", net), "weights of net"},
		"model.":                 {prefixed("model.", net), "weights of model"},
		"0.":                     {prefixed("0.", net), "weights of 0"},
		"Lightning":              {dict{{"epoch", 1}, {"state_dict", prefixed("model.", net)}, {"pytorch-lightning_version", "2.2.0"}}, "weights of state_dict.model"},
		"under a word":           {dict{{"best_model_state", net}}, "weights of best_model_state"},
		"beside a metric":        {dict{{"best_model_state", net}, metric}, "weights of best_model_state"},
		"under two":              {dict{{"checkpoint", dict{{"state_dict", net}}}}, "weights of checkpoint.state_dict"},
		"under five":             {dict{{"a", dict{{"b", dict{{"c", dict{{"d", dict{{"e", net}}}}}}}}}}, "weights of a.b.c.d.e"},
		"in a list":              {dict{{"models", list{net}}}, "weights of models.0"},
		"the average alone":      {dict{{"ema", net}}, "weights of ema"},
		"beside an average":      {dict{{"state_dict", net}, {"state_dict_ema", ema}}, `not taken, though they fit: weights="state_dict_ema"`},
		"after an average":       {dict{{"params_ema", ema}, {"params", net}}, `weights="params_ema"`},
		"an average in the dict": {joined(net, prefixed("ema_model.module.", ema)), `weights="ema_model.module"`},
		"twice the same":         {dict{{"a", net}, {"b", net}}, "weights of a"},
		"with a smaller one":     {dict{{"teacher", net}, {"student", dict{{"fc.weight", floats([]float32{1, 2}, 2, 1)}, {"fc.bias", floats([]float32{1, 2}, 2)}}}}, "weights of teacher"},
		"averaged by torch":      {joined(dict{{"n_averaged", tensor{"Long", nil, make([]byte, 8)}}}, prefixed("module.", net)), "weights of module"},
		"with an optimizer":      {dict{{"model", net}, {"optimizer", dict{{"exp_avg", floats([]float32{1, 2}, 2)}}}}, "weights of model"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := classifier.FromTorch(t.Context(), saveTorch(t, test.saved), classifier.Import{Arch: "linear"})
			if err != nil {
				t.Fatal(err)
			}
			if got.Fingerprint() != c.Fingerprint() {
				t.Error("these are other weights")
			}
			if notes := strings.Join(got.Facts.Notes, "; "); !strings.Contains(notes, test.note) {
				t.Errorf("notes %q do not say %q", notes, test.note)
			}
		})
	}
}

// A file that is ambiguous, or that holds another network, is refused in a sentence that names the tensor or the
// choice.
func TestImportRefuses(t *testing.T) {
	_, net := linear(t, 10, 1)
	_, other := linear(t, 10, 2)
	inf := float32(math.Inf(-1))
	for name, test := range map[string]struct {
		saved any
		how   classifier.Import
		wants []string
	}{
		"NaN":      {with(net, "fc.weight", 7, nan), classifier.Import{}, []string{"fc.weight has NaN (1 of 7840 values)"}},
		"infinity": {with(net, "fc.bias", 3, inf), classifier.Import{}, []string{"fc.bias has -Inf (1 of 10 values)"}},
		"float64 too large": {joined(net[:1], dict{{"fc.bias", tensor{"Double", []int{10}, append(make([]byte, 72),
			binary.LittleEndian.AppendUint64(nil, math.Float64bits(1e300))...)}}}), classifier.Import{}, []string{"fc.bias has +Inf"}},
		"int8":             {converted(net, "Char"), classifier.Import{}, []string{"fc.weight holds int8", "fc.bias holds int8"}},
		"bool":             {converted(net, "Bool"), classifier.Import{}, []string{"fc.weight holds bool"}},
		"int64":            {converted(net, "Long"), classifier.Import{}, []string{"fc.weight holds int64"}},
		"two sets":         {joined(prefixed("student.", net), prefixed("teacher.", other)), classifier.Import{}, []string{`weights="student" or "teacher"`}},
		"with and without": {joined(prefixed("module.", net), other), classifier.Import{}, []string{`weights="." or "module"`}},
		"no such set":      {dict{{"a", net}, {"b", other}}, classifier.Import{Weights: "c"}, []string{`weights="c"`, `"a", "b"`}},
		"a layer before":   {prefixed("1.", net), classifier.Import{}, []string{"named 1.…", "layer 0", "mean=", "normalize=None"}},
		"in a module":      {prefixed("module.1.", net), classifier.Import{}, []string{"layer module.0"}},
		"two layers":       {joined(dict{{"0.weight", floats([]float32{1})}}, prefixed("2.", net)), classifier.Import{Normalize: "none"}, []string{"0.weight [] is not a parameter"}},
		"another layer":    {joined(net, dict{{"fc0.weight", floats([]float32{1})}}), classifier.Import{}, []string{"fc0.weight [] is not a parameter"}},
		"a loss":           {joined(prefixed("model.", net), dict{{"loss.weight", floats(make([]float32, 10), 10)}}), classifier.Import{}, []string{"loss.weight [10] is not a parameter", `weights="model" leaves out`}},
		"buffers":          {joined(dict{{"mu", floats([]float32{0.5}, 1)}, {"sigma", floats([]float32{0.25}, 1)}}, net), classifier.Import{}, []string{"mu [0.5] and sigma [0.25] may normalize pixels", "mean="}},
		"buffers of bytes": {joined(dict{{"mean", floats([]float32{33.3}, 1)}, {"std", floats([]float32{78}, 1)}}, net), classifier.Import{}, []string{"mean and std cannot normalize", "by 255"}},
		"mean alone":       {net, classifier.Import{Mean: []float64{0.5}}, []string{"give mean and std"}},
		"three means":      {net, classifier.Import{Mean: []float64{0, 0, 0}, SD: []float64{1}}, []string{"1 channels"}},
		"means of bytes":   {net, classifier.Import{Mean: []float64{33}, SD: []float64{78}}, []string{"got 33", "by 255"}},
		"std 0":            {net, classifier.Import{Mean: []float64{0.5}, SD: []float64{0}}, []string{"std must be above 0"}},
		"std NaN":          {net, classifier.Import{Mean: []float64{0.5}, SD: []float64{math.NaN()}}, []string{"std must be above 0"}},
		"both":             {net, classifier.Import{Mean: []float64{0.5}, SD: []float64{1}, Normalize: "mnist"}, []string{"not both"}},
		"unknown":          {net, classifier.Import{Normalize: "cifar"}, []string{`"cifar"`, `did you mean "cifar10"`}},
		"class names":      {net, classifier.Import{Classes: []string{"a", "b"}}, []string{"2 class names for the 10 outputs"}},
		"the same name":    {net, classifier.Import{Classes: []string{"a", "a", "c", "d", "e", "f", "g", "h", "i", "j"}}, []string{`classes 0 and 1 are both named "a"`}},
	} {
		t.Run(name, func(t *testing.T) {
			test.how.Arch = "linear"
			_, err := classifier.FromTorch(t.Context(), saveTorch(t, test.saved), test.how)
			if err == nil || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%v", err)
			}
			for _, want := range test.wants {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v does not say %q", err, want)
				}
			}
		})
	}
}

// The normalization is the caller's, else that of the file's buffers, else the network's own.
func TestImportNormalization(t *testing.T) {
	_, net := linear(t, 10, 1)
	resnet, err := classifier.Lookup("resnet20")
	if err != nil {
		t.Fatal(err)
	}
	deep := state(classifier.New(resnet, 1))
	three := dict{
		{"mean", floats([]float32{0.5, 0.25, 0.125}, 1, 3, 1, 1)},
		{"std", floats([]float32{0.5, 0.5, 0.2}, 1, 3, 1, 1)},
	}
	given := classifier.Import{Mean: []float64{0.1307}, SD: []float64{0.3081}}
	for name, test := range map[string]struct {
		arch     string
		saved    dict
		how      classifier.Import
		mean, sd []float64
		note     string
	}{
		"none":                {"linear", net, classifier.Import{}, nil, nil, "takes pixels as they are"},
		"given":               {"linear", net, given, []float64{0.1307}, []float64{0.3081}, "as asked for"},
		"identity":            {"linear", net, classifier.Import{Mean: []float64{0}, SD: []float64{1}}, nil, nil, "takes pixels as they are"},
		"by name":             {"linear", net, classifier.Import{Normalize: "mnist"}, []float64{0.1307}, []float64{0.3081}, "as asked for"},
		"layer 0 left out":    {"linear", prefixed("1.", net), given, []float64{0.1307}, []float64{0.3081}, "weights of 1"},
		"layer 0 is nothing":  {"linear", prefixed("1.", net), classifier.Import{Normalize: "none"}, nil, nil, "takes pixels as they are"},
		"mu and sigma, given": {"linear", joined(dict{{"mu", floats([]float32{0.5}, 1)}, {"sigma", floats([]float32{0.25}, 1)}}, net), given, []float64{0.1307}, []float64{0.3081}, "left out: mu [0.5] and sigma [0.25]"},
		"buffers":             {"resnet20", joined(prefixed("0.", three), prefixed("1.", deep)), classifier.Import{}, []float64{0.5, 0.25, 0.125}, []float64{0.5, 0.5, 0.2}, "by 0.mean and 0.std of the file"},
		"buffers of a module": {"resnet20", joined(prefixed("normalize.", three), prefixed("net.", deep)), classifier.Import{}, []float64{0.5, 0.25, 0.125}, []float64{0.5, 0.5, 0.2}, "by normalize.mean and normalize.std"},
		"the network's":       {"resnet20", deep, classifier.Import{}, resnet.Scaling.Mean, resnet.Scaling.SD, "of the network resnet20"},
		"the authors'":        {"resnet20", prefixed("1.", deep), classifier.Import{}, resnet.Scaling.Mean, resnet.Scaling.SD, "in place of layer 0"},
		"not the network's":   {"resnet20", deep, classifier.Import{Normalize: "none"}, nil, nil, "takes pixels as they are"},
	} {
		t.Run(name, func(t *testing.T) {
			test.how.Arch = test.arch
			c, err := classifier.FromTorch(t.Context(), saveTorch(t, test.saved), test.how)
			if err != nil {
				t.Fatal(err)
			}
			var mean, sd []float64
			if s := c.Arch.Scaling; s != nil {
				mean, sd = s.Mean, s.SD
			}
			if !slices.Equal(mean, test.mean) || !slices.Equal(sd, test.sd) {
				t.Errorf("mean %v and std %v, want %v and %v", mean, sd, test.mean, test.sd)
			}
			if notes := strings.Join(c.Facts.Notes, "; "); !strings.Contains(notes, test.note) {
				t.Errorf("notes %q do not say %q", notes, test.note)
			}
		})
	}
}

// A last layer of another width makes a network of as many outputs; a negative running variance is refused by its name.
func TestImportShapes(t *testing.T) {
	c, net := linear(t, 7, 1)
	got, err := classifier.FromTorch(
		t.Context(),
		saveTorch(t, net),
		classifier.Import{Arch: "linear", Classes: []string{"a", "b", "c", "d", "e", "f", "g"}},
	)
	if err != nil || got.Arch.Classes != 7 || got.Fingerprint() != c.Fingerprint() || got.Facts.Classes[6] != "g" {
		t.Errorf("%v of %v", err, got)
	}
	resnet, err := classifier.Lookup("resnet20")
	if err != nil {
		t.Fatal(err)
	}
	deep := with(state(classifier.New(resnet, 1)), "layer2.0.bn1.running_var", 5, -0.5)
	_, err = classifier.FromTorch(t.Context(), saveTorch(t, deep), classifier.Import{Arch: "resnet20"})
	if !errors.Is(err, classifier.ErrBadWeights) ||
		!strings.Contains(err.Error(), "layer2.0.bn1.running_var has -0.5, a negative variance (1 of 32 values)") {
		t.Errorf("%v", err)
	}
}

// Weights may be chosen by their keys, or by a word that only they have.
func TestImportChooses(t *testing.T) {
	a, net := linear(t, 10, 1)
	b, ema := linear(t, 10, 2)
	path := saveTorch(
		t,
		dict{
			{"state_dict", joined(prefixed("student.", net), prefixed("teacher.", ema))},
			{"loss.weight", floats([]float32{1})},
		},
	)
	for name, want := range map[string]*classifier.Classifier{"state_dict.student": a, "state_dict.teacher": b, "teacher": b} {
		c, err := classifier.FromTorch(t.Context(), path, classifier.Import{Arch: "linear", Weights: name})
		if err != nil || c.Fingerprint() != want.Fingerprint() {
			t.Errorf("%s: %v", name, err)
		}
	}
	path = saveTorch(t, joined(prefixed("module.", net), ema))
	for name, want := range map[string]*classifier.Classifier{"module": a, ".": b} {
		c, err := classifier.FromTorch(t.Context(), path, classifier.Import{Arch: "linear", Weights: name})
		if err != nil || c.Fingerprint() != want.Fingerprint() {
			t.Errorf("%s: %v", name, err)
		}
	}
	path = saveTorch(t, joined(prefixed("model.", net), dict{{"loss.weight", floats([]float32{1})}}))
	c, err := classifier.FromTorch(t.Context(), path, classifier.Import{Arch: "linear", Weights: "model"})
	if err != nil || c.Fingerprint() != a.Fingerprint() || !slices.Contains(c.Facts.Notes, "left out: loss.weight") {
		t.Errorf("%v, %v", err, c)
	}
}
