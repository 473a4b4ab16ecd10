package stepgraph

import (
	"context"
	"errors"
	"math"

	"smoothlab/engine"

	"github.com/gomlx/gomlx/core/tensors"
)

// Arguments puts parameters before the other inputs of a program.
func Arguments[T any](params []T, more ...any) []any {
	args := make([]any, 0, len(params)+len(more)+2)
	for _, p := range params {
		args = append(args, p)
	}
	return append(args, more...)
}

// Call calls a program whose outputs are float32 and copies them to the host.
func Call(ctx context.Context, e *engine.Engine, p *engine.Program, params []*tensors.Tensor,
	more ...any) ([][]float32, error) {
	out, err := p.Call(ctx, Arguments(params, more...)...)
	if err != nil {
		return nil, err
	}
	return TakeAll(e, out)
}

// TakeAll copies tensors to the host and frees them.
func TakeAll(e *engine.Engine, out []*tensors.Tensor) ([][]float32, error) {
	all, err := CopyAll(e, out)
	return all, errors.Join(err, engine.Free(out...))
}

// CopyAll copies tensors to the host.
func CopyAll(e *engine.Engine, ts []*tensors.Tensor) ([][]float32, error) {
	all := make([][]float32, len(ts))
	for i, t := range ts {
		v, err := engine.Read[float32](e, t)
		if err != nil {
			return nil, err
		}
		all[i] = v
	}
	return all, nil
}

// Finite reports whether every value is a finite number.
func Finite(v []float32) bool {
	for _, x := range v {
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			return false
		}
	}
	return true
}
