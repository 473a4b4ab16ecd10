package smoothmix

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"

	"smoothlab/internal/suggest"

	"github.com/gomlx/gomlx/core/graph"
)

// Method is a training objective with its settings. Implementations are pointers to structs whose exported fields, and
// those of structs embedded in them, are the settings and nothing else: float64 fields are inputs of the compiled step, which
// Control.Set may change while a run goes; int fields are compiled in. A run works on a copy of the method that it was given.
// Field tags name and explain them: `json:"alpha" help:"…"`, and more as in [Field].
type Method interface {
	// Name is the method's name in the list.
	Name() string
	// Check says in a sentence what is wrong with the settings, or returns nil.
	Check() error
	// Noises is m, the number of noisy copies of an image, which also splits each batch (docs/algorithms.md §2).
	Noises() int
	// Loss builds the training loss.
	Loss(st *Step) Terms
}

// Ramper is a Method some weight of which depends on the epoch, such as a warm-up.
type Ramper interface {
	// Ramp is the factor that Step.Warm multiplies by in an epoch, counted from 0.
	Ramp(epoch int) float64
}

// Searcher is a Method whose search steps are not Step.SearchStep. A method searches if it has the setting "steps".
type Searcher interface {
	// Advance builds one step of the search from z, a leaf that gradients can be taken for: [B, …] → [B, …]. The step
	// detaches what it returns.
	Advance(st *Step, z *graph.Node) *graph.Node
}

// WholeSearcher is a Method that makes its own search, all of it, inside Loss, without Step.Search: a walk has no search to take step by step.
type WholeSearcher interface{ Whole() }

// Splitter is a Method that does not cut each batch into m steps.
type Splitter interface {
	// Splits is the number of optimizer steps a batch.
	Splits() int
}

// Entry is a line of the list of methods.
type Entry struct {
	Name, Help, Source string
	New                func() Method // with the authors' defaults
}

// Methods is the list of training objectives: one file and one line here for each.
func Methods() []Entry {
	return []Entry{
		{"gaussian", "cross-entropy on noisy images", "Cohen et al. 2019; code/train_cohen.py", func() Method { return NewGaussian() }},
		{"smoothmix", "mix each image with an adversarial point of the smoothed classifier", "Jeong et al. 2021; code/train.py",
			func() Method { return NewSmoothMix() }},
		{"stability", "cross-entropy on clean images, noisy predictions drawn to the clean ones", "Li et al. 2019; code/train_stab.py",
			func() Method { return NewStability() }},
		{"smoothadv", "adversarial training of the smoothed classifier (PGD)", "Salman et al. 2019; code/train_salman.py",
			func() Method { return NewSmoothAdv() }},
		{"smoothadv+ddn", "adversarial training with the smallest perturbation that turns the majority (DDN)", "Salman et al. 2019; code/train_salman.py --attack DDN",
			func() Method { return NewSmoothAdvDDN() }},
		{"macer", "maximise the certified radius", "Zhai et al. 2020; code/train_macer.py", func() Method { return NewMACER() }},
		{"consistency", "draw predictions under different noises together", "Jeong and Shin 2020; code/train_consistency.py",
			func() Method { return NewConsistency() }},
		{"smoothadv+consistency", "consistency on adversarial images", "code/train_consistency.py --adv-training",
			func() Method { return NewSmoothAdvConsistency() }},
	}
}

// NewMethod makes a method of the list; the error names the nearest one.
func NewMethod(name string) (Method, error) {
	e, err := suggest.Find("method", name, Methods(), func(e Entry) string { return e.Name })
	if err != nil {
		return nil, err
	}
	return e.New(), nil
}

// clone copies a method, so that a caller's pointer cannot change a run behind its back.
func clone(m Method) Method { return withValues(m, valuesOf(Fields(m))) }

// Describe writes a method as a call, such as smoothmix(sigma=0.5, m=4, …); settings that are zero and may be are left out.
func Describe(m Method) string {
	var args []string
	for _, f := range Fields(m) {
		if f.Value != 0 || f.Name == "sigma" || f.Name == "eta" {
			args = append(args, fmt.Sprintf("%s=%.4g", f.Name, f.Value))
		}
	}
	return m.Name() + "(" + strings.Join(args, ", ") + ")"
}

// methodJSON is how a method stands in a checkpoint.
type methodJSON struct {
	Name     string          `json:"name"`
	Settings json.RawMessage `json:"settings"`
}

func marshalMethod(m Method) (json.RawMessage, error) {
	var settings any = m
	if c, ok := m.(configured); ok {
		values := map[string]float64{}
		for _, f := range c.settings() {
			values[f.Name] = f.Value
		}
		settings = values
	}
	s, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	return json.Marshal(methodJSON{m.Name(), s})
}

// unmarshalMethod reads the settings into a new method of like's type, which may be a caller's own.
func unmarshalMethod(data json.RawMessage, like Method) (Method, error) {
	var j methodJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, err
	}
	if j.Name != like.Name() {
		return nil, fmt.Errorf("the method is %q, not %q", j.Name, like.Name())
	}
	if c, ok := like.(configured); ok {
		return unmarshalConfigured(j, c)
	}
	m := reflect.New(reflect.TypeOf(like).Elem()).Interface().(Method)
	if err := json.Unmarshal(j.Settings, m); err != nil {
		return nil, fmt.Errorf("settings of %s: %w", j.Name, err)
	}
	return m, checkMethod(m)
}

// unmarshalConfigured reads values by name; settings that the file has not keep theirs.
func unmarshalConfigured(j methodJSON, like configured) (Method, error) {
	var values map[string]float64
	if err := json.Unmarshal(j.Settings, &values); err != nil {
		return nil, fmt.Errorf("settings of %s: %w", j.Name, err)
	}
	fields := like.settings()
	v := valuesOf(fields)
	for i, f := range fields {
		if value, ok := values[f.Name]; ok {
			v[i] = value
		}
	}
	m := like.replaced(v)
	return m, checkMethod(m)
}

// checkMethod is one sentence about what is wrong with a method, which may be a caller's own, or nil.
func checkMethod(m Method) error {
	if err := checkFields(m); err != nil {
		return err
	}
	if err := m.Check(); err != nil {
		return err
	}
	for _, f := range Fields(m) { // which a checkpoint could not hold
		if math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
			return fmt.Errorf("%s: %s must be a finite number, got %g", m.Name(), f.Name, f.Value)
		}
	}
	return nil
}

// checkRange is one sentence when v is not a number of [least, ∞), or of (least, ∞) if that is open.
func checkRange(method, name string, v, least float64, open bool) error {
	switch {
	case math.IsInf(v, 1):
		return fmt.Errorf("%s: %s must be a finite number, got %g", method, name, v)
	case open && !(v > least):
		return fmt.Errorf("%s: %s must be greater than %g, got %g", method, name, least, v)
	case !(v >= least):
		return fmt.Errorf("%s: %s must be at least %g, got %g", method, name, least, v)
	}
	return nil
}
