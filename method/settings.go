package method

import (
	"cmp"
	"fmt"
	"slices"
)

// SettingsOnly is a Method with settings and without a loss. It is the base of [NewCustom] if no listed method has the
// needed settings. Settings that its template method has, too, have the same meaning. All others are numbers of the
// custom loss, inputs of the compiled step.
type SettingsOnly struct {
	name   string
	like   Method
	fields []Field
}

// NewSettings returns a method with sigma, m and the settings with the given names and values. The settings m, steps
// and mix_step are whole numbers and compiled in. Help, kind and search step come from the method like, usually
// SmoothMix.
func NewSettings(name string, like Method, names []string, values []float64) *SettingsOnly {
	s := &SettingsOnly{name: name, like: like}
	known := Fields(like)
	for i, name := range names {
		f := Field{Name: name, Help: "a number of the custom loss"}
		if k := slices.IndexFunc(known, func(f Field) bool { return f.Name == name && name != "eta" }); k >= 0 {
			f = known[k]
		}
		f.Value = values[i]
		s.fields = append(s.fields, f)
	}
	return s
}

// Name returns the name of the custom method.
func (s *SettingsOnly) Name() string { return s.name }

// Loss panics: there is no loss.
func (s *SettingsOnly) Loss(*Step) Terms { panic(fmt.Errorf("%s has settings only, no loss", s.name)) }

// Traits returns m, the warm-up over the epochs of the setting "warmup", and the search step of the template method.
func (s *SettingsOnly) Traits() Traits {
	m, _ := Setting(s, "m")
	epochs, _ := Setting(s, "warmup")
	return Traits{
		Noises: int(m), Splits: int(m),
		Ramp:    func(epoch int) float64 { return Warmup(epoch, epochs) },
		Advance: s.like.Traits().Advance,
	}
}

func (s *SettingsOnly) settings() []Field { return slices.Clone(s.fields) }

func (s *SettingsOnly) replaced(values []float64) Method {
	c := &SettingsOnly{name: s.name, like: s.like, fields: slices.Clone(s.fields)}
	for i, v := range values {
		c.fields[i].Value = v
	}
	return c
}

// Check checks the settings that the verbs of a step use.
func (s *SettingsOnly) Check() error {
	var err error
	for _, known := range []struct {
		name   string
		lowest float64
		open   bool
	}{{"sigma", 0, true}, {"m", 1, false}, {"steps", 1, false}, {"alpha", 0, true}, {"mix_step", 0, false},
		{"maxnorm", 0, false}, {"warmup", 0, false}} {
		if v, ok := Setting(s, known.name); ok {
			err = cmp.Or(err, checkRange(s.name, known.name, v, known.lowest, known.open))
		}
	}
	for _, name := range []string{"sigma", "m"} {
		if _, ok := Setting(s, name); !ok {
			err = cmp.Or(err, fmt.Errorf("%s needs the setting %s", s.name, name))
		}
	}
	searchSteps, _ := Setting(s, "steps")
	if k, steps := MixStep(s), int(searchSteps); err == nil && k > 0 && k >= steps {
		err = fmt.Errorf("%s: mix_step must be smaller than steps (%d) to have an effect, got %d", s.name, steps, k)
	}
	return err
}
