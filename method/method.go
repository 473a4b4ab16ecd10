package method

import (
	"fmt"
	"math"
	"smoothlab/smoothing"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

// Method is a training objective with its settings. Implementations are pointers to structs whose exported fields, and
// those of structs embedded in them, are the settings and nothing else: float64 fields are inputs of the compiled step,
// which may change while a run goes; int fields are compiled in. A run works on a copy of the method that it was given.
// Field tags name and explain them: `json:"alpha" help:"…"`, and more as in [Field].
type Method interface {
	// Name is the method's name in the list.
	Name() string
	// Check says in a sentence what is wrong with the settings, or returns nil.
	Check() error
	// Traits are the facts about the method that training needs besides the loss, under its present settings.
	Traits() Traits
	// Loss builds the training loss.
	Loss(st *Step) Terms
}

// Traits are the facts about a method that training and walks need besides its loss. Noises and Splits have no default:
// [Check] refuses a method that leaves one at zero.
type Traits struct {
	// Noises is m, the number of noise samples per image in each step.
	Noises int
	// Splits is the number of optimizer steps that each batch is cut into: m in the authors' methods, except MACER with
	// 1.
	Splits int
	// Ramp is the factor of [Step.Warm] in an epoch, counted from 0; nil for a constant 1.
	Ramp func(epoch int) float64
	// Advance builds one step of the method's search from z, a leaf that gradients can be taken for: [B, …] → [B, …].
	// The step detaches the result. Methods that call [Step.Search] have it, and the setting "steps"; nil for all
	// others.
	Advance func(st *Step, z *graph.Node) *graph.Node
	// WholeSearch marks a method whose Loss makes its search itself, without [Step.Search]: a walk cannot take it step
	// by step.
	WholeSearch bool
}

// Warm is the factor of an epoch: Ramp, or 1 where there is none.
func (t Traits) Warm(epoch int) float64 {
	if t.Ramp == nil {
		return 1
	}
	return t.Ramp(epoch)
}

// Warmup is min(1, (epoch+1)/epochs), the authors' linear warm-up; 1 where epochs is 0.
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

// MixStep is the number of the search's point that the near end of the mixture starts from; 0 for the images.
func MixStep(m Method) int {
	k, _ := Setting(m, "mix_step")
	return int(k)
}

// Clone copies a method, so that changes through the caller's pointer do not reach a run.
func Clone(m Method) Method { return withValues(m, valuesOf(Fields(m))) }

// Describe writes a method as a call, such as smoothmix(sigma=0.5, m=4, …); settings that are zero and may be are
// left out.
func Describe(m Method) string {
	var args []string
	for _, f := range Fields(m) {
		if f.Value != 0 || f.Name == "sigma" || f.Name == "eta" {
			args = append(args, fmt.Sprintf("%s=%.4g", f.Name, f.Value))
		}
	}
	return m.Name() + "(" + strings.Join(args, ", ") + ")"
}

// Check says in a sentence what is wrong with a method, which may be a caller's own type, or returns nil.
func Check(m Method) error {
	if err := CheckFields(m); err != nil {
		return err
	}
	if err := m.Check(); err != nil {
		return err
	}
	for _, f := range Fields(m) { // which a checkpoint could not hold
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

// AtLeast is the error of a setting that is not a number in [lowest, ∞); nil if it is.
func AtLeast(method, name string, v, lowest float64) error {
	return checkRange(method, name, v, lowest, false)
}

// Above is the error of a setting that is not a number in (bound, ∞); nil if it is.
func Above(method, name string, v, bound float64) error {
	return checkRange(method, name, v, bound, true)
}

// checkRange is one sentence when v is not a number of [lowest, ∞), or of (lowest, ∞) if that is open.
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
