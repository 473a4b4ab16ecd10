package engine

import (
	"errors"
	"reflect"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// KeepAddresses sets whether every call places its inputs at the addresses of the inputs of the previous call of the
// same program and shapes. Results must not depend on it. It is for checks: it reveals a plugin that caches data by
// address. Calls over several devices are not affected. No call may be in progress.
func (e *Engine) KeepAddresses(keep bool) error {
	if keep && !e.backend.HasSharedBuffers() {
		return errors.New("the backend does not share memory with the program, so inputs cannot be kept at an address")
	}
	e.addresses = keep
	return nil
}

// place is memory for one input, at a fixed address.
type place struct {
	tensor *tensors.Tensor
	flat   any // a slice of the tensor's memory
}

// keep copies the inputs of a call to x's places. The caller holds the device.
func (x *executable) keep(b compute.Backend, inputs []any) ([]any, error) {
	kept := make([]any, len(inputs))
	for i, input := range inputs {
		t := input.(*tensors.Tensor)
		if len(x.places) == i {
			p, err := newPlace(b, t.Shape())
			if err != nil {
				return nil, err
			}
			x.places = append(x.places, p)
		}
		if err := t.ConstFlatData(
			func(flat any) { reflect.Copy(reflect.ValueOf(x.places[i].flat), reflect.ValueOf(flat)) },
		); err != nil {
			return nil, err
		}
		kept[i] = x.places[i].tensor
	}
	return kept, nil
}

func newPlace(b compute.Backend, shape shapes.Shape) (place, error) {
	buffer, flat, err := b.NewSharedBuffer(0, shape)
	if err != nil {
		return place{}, err
	}
	t, err := tensors.FromBuffer(buffer)
	return place{t, flat}, err
}
