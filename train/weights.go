package train

import (
	"slices"

	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/stepgraph"

	"github.com/gomlx/gomlx/core/tensors"
)

// weights holds everything that an optimizer step changes, replicated on each device: P parameters, M of them trained.
type weights struct {
	params   []*engine.Sharded // P
	buffers  []*engine.Sharded // M for each buffer of the optimizer's rule, buffer by buffer
	averages []*engine.Sharded // P: averages of the parameters; nil without an EMA
}

// startWeights returns the weights at the beginning of a run, or those of a checkpoint.
func startWeights(
	start *classifier.Classifier,
	rule stepgraph.Rule,
	averaged bool,
	ck *classifier.Checkpoint,
) weights {
	a := start.Arch
	params, averages := start.Params, start.Params
	if ck != nil {
		params, averages = ck.Params, ck.Params
		if averaged {
			params = ck.Current
		}
	}
	w := weights{params: replicated(a, params)}
	for _, name := range rule.Buffers {
		for k, i := range a.Trained() {
			buffer := make([]float32, a.Params[i].Size())
			if ck != nil {
				buffer = ck.Buffers[name][k]
			}
			t := tensors.FromFlatDataAndDimensions(buffer, a.Params[i].Dims...)
			w.buffers = append(w.buffers, engine.Replicate(t))
		}
	}
	if averaged {
		w.averages = replicated(a, averages)
	}
	return w
}

// replicated makes tensors of all parameters of a network.
func replicated(a *classifier.Architecture, values [][]float32) []*engine.Sharded {
	var all []*engine.Sharded
	for i, p := range a.Params {
		all = append(all, engine.Replicate(tensors.FromFlatDataAndDimensions(values[i], p.Dims...)))
	}
	return all
}

// all returns the tensors in the order in which the step takes and returns them.
func (w weights) all() []*engine.Sharded { return slices.Concat(w.params, w.buffers, w.averages) }

// replaced returns weights of the same form, made of a step's results.
func (w weights) replaced(all []*engine.Sharded) weights {
	n, b := len(w.params), len(w.buffers)
	next := weights{params: all[:n:n], buffers: all[n : n+b : n+b]}
	if w.averages != nil {
		next.averages = all[n+b:]
	}
	return next
}

// judged returns the parameters of the classifier that the run returns: their average, if there is one.
func (w weights) judged() []*engine.Sharded {
	if w.averages != nil {
		return w.averages
	}
	return w.params
}

// copyTo copies buffers, and parameters that are not those of the classifier, to a checkpoint.
func (w weights) copyTo(e *engine.Engine, ck *classifier.Checkpoint, rule stepgraph.Rule) error {
	ck.Buffers = map[string][][]float32{}
	trained := len(ck.Arch.Trained())
	for j, name := range rule.Buffers {
		values, err := stepgraph.CopyAll(e, firstShards(w.buffers[j*trained:(j+1)*trained]))
		if err != nil {
			return err
		}
		ck.Buffers[name] = values
	}
	if w.averages == nil {
		return nil
	}
	current, err := stepgraph.CopyAll(e, firstShards(w.params))
	ck.Current = current
	return err
}
