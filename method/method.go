package method

import (
	"fmt"
	"math"
	"smoothlab/internal/humanize"
	"smoothlab/smoothing"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

// Method is a training objective with its settings. Implementations are pointers to structs whose exported fields, and
// those of embedded structs, are the settings and nothing else: float64 fields are inputs of the compiled step, which
// may change during a run; int fields are compiled in. A run works on a copy of its method. Field tags name and explain
// them: `json:"alpha" help:"…"`, and more as in [Field].
type Method interface {
	// Name returns the method's name in the list.
	Name() string
	// Check returns an error that describes invalid settings, or nil.
	Check() error
	// Traits returns what training needs besides the loss, under the current settings.
	Traits() Traits
	// Loss builds the training loss.
	Loss(st *Step) Terms
}

// Traits holds what training and walks need of a method besides its loss. Noises and Splits have no default: [Check]
// refuses a method that leaves one at zero.
type Traits struct {
	// Noises is m, the number of noise samples per image in each step.
	Noises int
	// Splits is the number of optimizer steps per batch: m in the authors' methods, except MACER with 1.
	Splits int
	// Ramp returns the factor of [Step.Warm] in an epoch, counted from 0; nil means a constant 1.
	Ramp func(epoch int) float64
	// Advance builds one step of the method's search from z, a leaf for which gradients can be taken: [B, …] → [B, …].
	// The step detaches the result. Methods that call [Step.Search] need it, and the setting "steps"; it is nil for all
	// others.
	Advance func(st *Step, z *graph.Node) *graph.Node
	// WholeSearch marks a method whose Loss runs its search without [Step.Search]: a walk cannot take it step by step.
	WholeSearch bool
	// OnNoise marks a search that moves the noise samples, each by itself, and not the images. It starts at
	// [Step.Noise], and the points of Advance are [m, B, …].
	OnNoise bool
	// Targets marks a method whose Loss reads [Step.Target], a probability vector for each training image.
	Targets bool
}

// Warm returns the factor of an epoch: Ramp, or 1 if there is none.
func (t Traits) Warm(epoch int) float64 {
	if t.Ramp == nil {
		return 1
	}
	return t.Ramp(epoch)
}

// Warmup returns min(1, (epoch+1)/epochs), the authors' linear warm-up; 1 if epochs is 0.
func Warmup(epoch int, epochs float64) float64 {
	if epochs <= 0 {
		return 1
	}
	return math.Min(1, float64(epoch+1)/epochs)
}

// Searches reports whether a method's Loss searches with [Step.Search].
func Searches(m Method) bool {
	_, ok := Setting(m, "steps")
	return ok && m.Traits().Advance != nil
}

// MixStep returns the number of search steps before the near end of the mixture; 0 means the images.
func MixStep(m Method) int {
	k, _ := Setting(m, "mix_step")
	return int(k)
}

// Clone returns a copy of a method, so that changes through the caller's pointer do not reach a run.
func Clone(m Method) Method { return withValues(m, valuesOf(Fields(m))) }

// Describe writes a method as a call, such as smoothmix(sigma=0.5, m=4, …). It leaves out settings that are zero,
// except sigma and eta.
func Describe(m Method) string {
	var args []string
	for _, f := range Fields(m) {
		if f.Value != 0 || f.Name == "sigma" || f.Name == "eta" {
			args = append(args, f.Name+"="+humanize.Setting(f.Value))
		}
	}
	return m.Name() + "(" + strings.Join(args, ", ") + ")"
}

// Check returns an error that describes what is wrong with a method, which may be the caller's own type, or nil.
func Check(m Method) error {
	if err := CheckFields(m); err != nil {
		return err
	}
	if err := m.Check(); err != nil {
		return err
	}
	for _, f := range Fields(m) { // a checkpoint could not hold them
		if math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
			return fmt.Errorf("%s: %s must be a finite number, got %g", m.Name(), f.Name, f.Value)
		}
		if f.Name == "sigma" {
			if err := smoothing.CheckUnits(smoothing.Gaussian{Sigma: f.Value}); err != nil {
				return fmt.Errorf("%s: %w", m.Name(), err)
			}
		}
	}
	if t := m.Traits(); t.Noises < 1 || t.Splits < 1 {
		return fmt.Errorf(
			"%s: Traits must give Noises (m) and Splits (optimizer steps per batch, usually m), got %d and %d",
			m.Name(),
			t.Noises,
			t.Splits,
		)
	}
	return nil
}

// AtLeast returns the error of a setting that is not a number in [lowest, ∞), or nil.
func AtLeast(method, name string, v, lowest float64) error {
	return checkRange(method, name, v, lowest, false)
}

// Above returns the error of a setting that is not a number in (bound, ∞), or nil.
func Above(method, name string, v, bound float64) error {
	return checkRange(method, name, v, bound, true)
}

// checkRange returns an error if v is not a number in [lowest, ∞), or in (lowest, ∞) if open is set.
func checkRange(method, name string, v, lowest float64, open bool) error {
	switch {
	case math.IsInf(v, 1):
		return fmt.Errorf("%s: %s must be a finite number, got %g", method, name, v)
	case open && !(v > lowest):
		return fmt.Errorf("%s: %s must be greater than %g, got %g", method, name, lowest, v)
	case !(v >= lowest):
		return fmt.Errorf("%s: %s must be at least %g, got %g", method, name, lowest, v)
	}
	return nil
}
