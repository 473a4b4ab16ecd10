package walk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"
	"smoothlab/method"
	"smoothlab/train"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// backToNoise discards everything after the noise.
func (at *position) backToNoise() {
	*at = position{seed: at.seed, under: at.under, noise: at.noise, look: at.look, images: at.images}
}

// Votes classifies the noisy copies in training mode, and discards everything after the noise. It is for methods that
// select copies, such as CATRS.
func (w *Walk) Votes(ctx context.Context, m method.Method) (result *Votes, err error) {
	err = w.verb(m, func(at *position) error {
		m := w.phase(m)
		if err := checkOnNoise(m); err != nil {
			return err
		}
		at.backToNoise()
		if err := w.ensureNoise(ctx, m, at); err != nil {
			return err
		}
		if err := w.startAttack(at); err != nil { // selection takes it, but the votes do not depend on it
			return err
		}
		s, err := w.selection(ctx, m, at)
		if err != nil {
			return err
		}
		at.attacked, at.voted = nil, true
		result = &Votes{Share: s.share, Confidence: s.confidence}
		for _, classes := range split(s.classes, w.job.Data.Len()) {
			row := make([]int, len(classes))
			for i, k := range classes {
				row[i] = int(k)
			}
			result.Classes = append(result.Classes, row)
		}
		for i := range w.job.Data.Len() {
			result.Target = append(result.Target, toFloat64(w.job.Data.Target(i)))
		}
		return nil
	})
	return result, err
}

// Attack takes n more steps of a search that moves the noise, with the current settings of m, and returns the points:
// the drawn noise first if this is the first call, then the n new ones.
func (w *Walk) Attack(ctx context.Context, m method.Method, n int) (result []NoisePoint, err error) {
	err = w.verb(m, func(at *position) error {
		m := w.phase(m)
		if err := checkOnNoise(m); err != nil {
			return err
		}
		if n < 1 {
			return fmt.Errorf("search takes at least 1 step, got %d", n)
		}
		if err := w.ensureNoise(ctx, m, at); err != nil {
			return err
		}
		at.selected, at.updated = false, false
		before := len(at.attack)
		if err := w.attack(ctx, m, at, n); err != nil {
			return err
		}
		result = at.attack[before:]
		return nil
	})
	return result, err
}

// Select sorts the losses of the noisy copies and draws how many of them are trained on, with the uniform numbers of
// update 0. If nothing was searched it first takes the method's number of steps.
func (w *Walk) Select(ctx context.Context, m method.Method) (result *Selection, err error) {
	err = w.verb(m, func(at *position) error {
		m := w.phase(m)
		if err := checkOnNoise(m); err != nil {
			return err
		}
		at.updated = false
		if err := w.ensureSearched(ctx, m, at); err != nil {
			return err
		}
		s, err := w.selection(ctx, m, at)
		if err != nil {
			return err
		}
		at.selected, result = true, &Selection{Low: s.low, High: s.high}
		b := w.job.Data.Len()
		for i := range b {
			var losses []float64
			for k := i; k < len(s.losses); k += b {
				losses = append(losses, s.losses[k])
			}
			slices.Sort(losses)
			result.Losses = append(result.Losses, losses)
			result.Accepted = append(result.Accepted, int(s.accepted[i]))
			result.All = append(result.All, s.mask[i] == 1)
		}
		return nil
	})
	return result, err
}

// Attacked returns the points of the search on the noise so far, starting with the drawn noise; nil before it has
// begun. The caller must not change it.
func (w *Walk) Attacked() []NoisePoint { return slices.Clip(w.at.attack) }

// NoiseNow returns the noise at the last point of the search: [m][B][H·W·C]; nil before the search has begun.
func (w *Walk) NoiseNow() [][][]float32 {
	n := w.job.Start.Arch.Input.Size()
	var noises [][][]float32
	for _, row := range split(w.at.attacked, w.job.Data.Len()*n) {
		noises = append(noises, split(row, n))
	}
	return noises
}

// checkOnNoise returns an error if a method has no search on the noise: Votes, Attack and Select are for such methods
// only.
func checkOnNoise(m method.Method) error {
	if !m.Traits().OnNoise {
		return fmt.Errorf("%s selects no noisy copies and does not attack the noise: call update() next", m.Name())
	}
	return nil
}

// startAttack makes the drawn noise the start of the search.
func (w *Walk) startAttack(at *position) (err error) {
	at.attacked, err = engine.Read[float32](w.job.Engine, at.noise)
	return err
}

// ensureAttacked takes the method's number of steps if nothing was searched.
func (w *Walk) ensureAttacked(ctx context.Context, m method.Method, at *position) error {
	if at.attack != nil {
		return nil
	}
	steps, _ := method.Setting(m, "steps")
	return w.attack(ctx, m, at, int(steps))
}

// attack appends n steps to the points of the search on the noise.
func (w *Walk) attack(ctx context.Context, m method.Method, at *position, n int) error {
	p, err := attackProgram(w.job.Engine, w.job.Start.Arch, m)
	if err != nil {
		return err
	}
	if at.attack == nil {
		if err := w.startAttack(at); err != nil {
			return err
		}
	}
	scalars, b := stepgraph.ScalarInputs(m, w.warm(m)), w.job.Data.Len()
	for range n {
		z := tensors.FromFlatDataAndDimensions(at.attacked, at.noise.Shape().Dimensions...)
		out, err := stepgraph.Call(ctx, w.job.Engine, p, w.inputs(), at.noise, scalars, z)
		if err := errors.Join(err, engine.Free(z)); err != nil {
			return err
		}
		if !stepgraph.Finite(out[1]) || !stepgraph.Finite(out[3]) {
			return fmt.Errorf("search step %d: %w", max(1, len(at.attack)), train.ErrNotFinite)
		}
		if at.attack == nil {
			zero := table(make([]float32, len(out[1])), b)
			at.attack = []NoisePoint{{Distance: zero, Divergence: table(out[2], b), Wrong: flags(out[4], b)}}
		}
		at.attacked = out[0]
		at.attack = append(at.attack, NoisePoint{Step: len(at.attack), Distance: table(out[1], b),
			Divergence: table(out[3], b), Wrong: flags(out[5], b)})
	}
	return nil
}

// flags returns rows of length n: true where v is not 0.
func flags(v []float32, n int) [][]bool {
	var rows [][]bool
	for _, r := range split(v, n) {
		row := make([]bool, n)
		for i, x := range r {
			row[i] = x != 0
		}
		rows = append(rows, row)
	}
	return rows
}

// attackProgram takes one step of a search on the noise. More inputs: scalars [S] float32; n, noise [m, B, H, W, C].
// Outputs: the next noise; its distance from the drawn one [m, B]; before and after the step, the divergences [m, B],
// from the label if the method has no targets; and, likewise, 1 for each copy that is misclassified, else 0 [m, B].
func attackProgram(e *engine.Engine, a *classifier.Architecture, m method.Method) (*engine.Program, error) {
	return e.Program(walkName("attack", a, m), func(_ *engine.Program, in []*Node) []*Node {
		n := len(a.Params)
		images, rest := stepgraph.CutImages(m, in[n:])
		st := stepgraph.Step(a, m, in[:n], images, rest[0], nil, nil)
		next := st.Advance(rest[1])
		d := next.Shape().Dimensions
		distance := Sqrt(ReduceSum(Square(Sub(next, st.Noise)), 2, 3, 4))
		distance.AssertDims(d[0], d[1])
		before, wrongBefore := underNoise(st, rest[1])
		after, wrongAfter := underNoise(st, next)
		return []*Node{next, distance, before, after, wrongBefore, wrongAfter}
	})
}

// underNoise returns the divergence of each copy from its target, or else from its label, and 1 where the copy is
// misclassified: noise [m, B, …] → both [m, B].
func underNoise(st *method.Step, noise *Node) (divergence, wrong *Node) {
	logits, target := st.AttackLogitsUnder(noise), st.Target
	k := logits.Shape().Dimensions[1]
	if target == nil {
		target = OneHot(st.Y, k, logits.DType())
	}
	classes := Reshape(ArgMax(logits, -1, st.Y.DType()), st.M(), -1)
	wrong = ConvertDType(NotEqual(classes, InsertAxes(st.Y, 0)), logits.DType())
	return method.Divergence(target, logits), wrong
}

// selected is a method.Selection on the host.
type selected struct {
	classes                                   []float32
	share, confidence, losses, accepted, mask []float64
	low, high                                 []float64
}

// selection computes what the method selects.
func (w *Walk) selection(ctx context.Context, m method.Method, at *position) (*selected, error) {
	p, err := selectProgram(w.job.Engine, w.job.Start.Arch, m)
	if err != nil {
		return nil, err
	}
	out, err := w.callAtEnds(ctx, p, m, at)
	switch {
	case errors.Is(err, errNoSelection):
		return nil, fmt.Errorf("%s selects nothing: call update() next", m.Name())
	case err != nil:
		return nil, err
	}
	v, err := stepgraph.TakeAll(w.job.Engine, out)
	if err != nil {
		return nil, err
	}
	return &selected{classes: v[0], share: toFloat64(v[1]), confidence: toFloat64(v[2]), losses: toFloat64(v[3]),
		accepted: toFloat64(v[4]), mask: toFloat64(v[5]), low: toFloat64(v[6]), high: toFloat64(v[7])}, nil
}

// selectProgram outputs a method.Selection, as float32, in the order of its fields. It takes the inputs of
// [stepAtEnds].
func selectProgram(e *engine.Engine, a *classifier.Architecture, m method.Method) (*engine.Program, error) {
	return e.Program(walkName("select", a, m), func(_ *engine.Program, in []*Node) []*Node {
		st, _ := stepAtEnds(a, m, in)
		m.Loss(st)
		s := st.Selection()
		if s == nil {
			panic(errNoSelection)
		}
		return []*Node{ConvertDType(s.Classes, s.Losses.DType()), s.Share, s.Confidence, s.Losses, s.Accepted, s.Mask,
			s.Low, s.High}
	})
}
