package smoothmix

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// LossFunc builds the loss of a method of one's own from the verbs of a step. It is called once for each shape, in a goroutine of its
// own, perhaps in two at once: what it reads besides the step is frozen into the compiled steps.
type LossFunc func(st *Step) Terms

// Own is a method of one's own: a function in the place of a type. Its settings, and what belongs to them, such as a warm-up or
// the steps of a search, are those of the method that it is made from. It is trained, walked and kept like a listed one.
type Own struct {
	name string
	text string    // what tells this function from others of the name, in checkpoints; "" where nothing does
	loss *LossFunc // a pointer, so that compiled steps can be told apart
	base Method
}

// NewOwn makes a method of a loss and the settings of another method, whose Loss is not used. A run is gone on with by the same name
// and settings, and the same text, which may be empty: in Go nothing can tell whether a function was changed in between.
func NewOwn(name, text string, settings Method, loss LossFunc) *Own {
	return &Own{name: name, text: text, loss: &loss, base: settings}
}

func (o *Own) Name() string { return o.name }

// Check is that of the method whose settings they are, under this name.
func (o *Own) Check() error {
	if o.name == "" || o.base == nil || *o.loss == nil {
		return fmt.Errorf("a method of one's own needs a name, settings, and a function")
	}
	return o.base.Check()
}

func (o *Own) Noises() int { return o.base.Noises() }

func (o *Own) Loss(st *Step) Terms { return (*o.loss)(st) }

// Ramp, Advance and Splits are those of the method whose settings they are.
func (o *Own) Ramp(epoch int) float64 { return ramp(o.base, epoch) }

func (o *Own) Advance(st *Step, z *graph.Node) *graph.Node {
	if s, ok := o.base.(Searcher); ok {
		return s.Advance(st, z)
	}
	return st.SearchStep(z)
}

func (o *Own) Splits() int {
	if s, ok := o.base.(Splitter); ok {
		return s.Splits()
	}
	return o.base.Noises()
}

func (o *Own) settings() []Field { return Fields(o.base) }

func (o *Own) replaced(values []float64) Method {
	c := *o
	c.base = withValues(o.base, values)
	return &c
}

// configured is a Method whose settings are no fields of a struct.
type configured interface {
	Method
	settings() []Field
	replaced(values []float64) Method // a copy with other values, in the order of settings
}

// SettingsOnly is a Method that has settings and no loss: what [NewOwn] is made from where no listed method has the settings. The
// names that the verbs of a step know mean what they mean in [SmoothMix]; others are numbers of the loss's own, inputs of the compiled step.
type SettingsOnly struct {
	name   string
	fields []Field
}

// NewSettings has sigma, m and the settings of those names and values. m, steps and mix_step are whole numbers and compiled in.
func NewSettings(method string, names []string, values []float64) *SettingsOnly {
	s := &SettingsOnly{name: method}
	known := Fields(NewSmoothMix())
	for i, name := range names {
		f := Field{Name: name, Help: "a number of the method's own"}
		if k := slices.IndexFunc(known, func(f Field) bool { return f.Name == name && name != "eta" }); k >= 0 {
			f = known[k]
		}
		f.Value = values[i]
		s.fields = append(s.fields, f)
	}
	return s
}

func (s *SettingsOnly) Name() string { return s.name }

func (s *SettingsOnly) Loss(*Step) Terms { panic(fmt.Errorf("%s has settings only, no loss", s.name)) }

func (s *SettingsOnly) settings() []Field { return slices.Clone(s.fields) }

func (s *SettingsOnly) replaced(values []float64) Method {
	c := &SettingsOnly{name: s.name, fields: slices.Clone(s.fields)}
	for i, v := range values {
		c.fields[i].Value = v
	}
	return c
}

// Noises is the setting m.
func (s *SettingsOnly) Noises() int {
	m, _ := setting(s, "m")
	return int(m)
}

// Ramp is the warm-up over the epochs of the setting of that name.
func (s *SettingsOnly) Ramp(epoch int) float64 {
	epochs, _ := setting(s, "warmup")
	return warmup(epoch, epochs)
}

// Check looks at the settings that the verbs of a step know.
func (s *SettingsOnly) Check() error {
	var err error
	for _, known := range []struct {
		name  string
		least float64
		open  bool
	}{{"sigma", 0, true}, {"m", 1, false}, {"steps", 1, false}, {"alpha", 0, true}, {"mix_step", 0, false}, {"maxnorm", 0, false}, {"warmup", 0, false}} {
		if v, ok := setting(s, known.name); ok {
			err = cmp.Or(err, checkRange(s.name, known.name, v, known.least, known.open))
		}
	}
	for _, name := range []string{"sigma", "m"} {
		if _, ok := setting(s, name); !ok {
			err = cmp.Or(err, fmt.Errorf("%s needs the setting %s", s.name, name))
		}
	}
	if k, steps := mixStep(s), stepsOf(s); err == nil && k > 0 && k >= steps {
		err = fmt.Errorf("%s: mix_step must be smaller than steps (%d) to have an effect, got %d", s.name, steps, k)
	}
	return err
}

func stepsOf(m Method) int {
	n, _ := setting(m, "steps")
	return int(n)
}
