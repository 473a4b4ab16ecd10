package engine

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
)

// Whole is the axis of a [Sharded] that is not cut.
const Whole = -1

// Sharded is a tensor on the devices from 0 on: cut along an axis into equal parts, one per device, or whole on each of
// them. Like a tensor it is used by one goroutine at a time.
type Sharded struct {
	axis  int
	parts []*tensors.Tensor // by device
}

// Shard cuts a tensor into parts for a number of devices, along an axis whose length that number divides. After success
// t must not be used any more.
func Shard(t *tensors.Tensor, axis, devices int) (*Sharded, error) {
	if err := t.CheckValid(); err != nil {
		return nil, err
	}
	shape := t.Shape()
	switch d := shape.Dimensions; {
	case axis < 0 || axis >= len(d):
		return nil, fmt.Errorf("a tensor of shape %v has no axis %d to cut", shape, axis)
	case devices < 1 || d[axis]%devices != 0:
		return nil, fmt.Errorf(
			"axis %d of a tensor of shape %v cannot be cut into %d equal parts",
			axis,
			shape,
			devices,
		)
	case devices == 1:
		return &Sharded{axis, []*tensors.Tensor{t}}, nil
	}
	mesh, err := newMesh(devices)
	if err != nil {
		return nil, err
	}
	cut, err := dtensor.ShardTensor(cutAt(mesh, axis), t)
	if err != nil {
		return nil, err
	}
	return &Sharded{axis, cut.Shards()}, Free(t)
}

// Replicate returns t, which it owns from now on, as a tensor that is whole on every device. The first call on a device
// copies it there.
func Replicate(t *tensors.Tensor) *Sharded { return &Sharded{Whole, []*tensors.Tensor{t}} }

// Devices returns the number of devices that it is on.
func (s *Sharded) Devices() int { return len(s.parts) }

// Part returns the part on a device, which s still owns; for a whole tensor, all of it.
func (s *Sharded) Part(device int) *tensors.Tensor { return s.parts[device] }

// CheckValid returns an error if the tensor is nil or freed.
func (s *Sharded) CheckValid() error {
	if s == nil || len(s.parts) == 0 {
		return errors.New("the tensor is nil or freed")
	}
	for _, t := range s.parts {
		if err := t.CheckValid(); err != nil {
			return err
		}
	}
	return nil
}

// FinalizeAll frees all parts, as [Free] does.
func (s *Sharded) FinalizeAll() error { return Free(s.parts...) }

// replicateTo copies a whole tensor to the first devices, where it is not there yet, from device to device.
func (s *Sharded) replicateTo(b compute.Backend, devices int) error {
	for d := len(s.parts); d < devices; d++ {
		t, err := copyTo(b, compute.DeviceNum(d), s.parts[0])
		if err != nil {
			return err
		}
		s.parts = append(s.parts, t)
	}
	return nil
}

func copyTo(b compute.Backend, device compute.DeviceNum, t *tensors.Tensor) (*tensors.Tensor, error) {
	if !t.IsOnAnyDevice() {
		return t.LocalClone() // the call moves it to the device
	}
	from, err := t.Device()
	if err != nil {
		return nil, err
	}
	buffer, err := t.Buffer(b, from)
	if err != nil {
		return nil, err
	}
	if buffer, err = buffer.CopyToDevice(device); err != nil {
		return nil, err
	}
	return tensors.FromBuffer(buffer)
}

// meshAxis is the one axis of a mesh.
const meshAxis = "devices"

func newMesh(devices int) (*distributed.DeviceMesh, error) {
	return distributed.NewDeviceMesh([]int{devices}, []string{meshAxis})
}

// cutAt returns the specification of tensors that are cut along an axis, or whole.
func cutAt(mesh *distributed.DeviceMesh, axis int) *distributed.ShardingSpec {
	spec := &distributed.ShardingSpec{Mesh: mesh}
	if axis != Whole {
		spec.Axes = make([]distributed.AxisSpec, axis+1)
		spec.Axes[axis] = distributed.AxisSpec{meshAxis}
	}
	return spec
}

// shapesOfParts returns the shapes of the parts on the first device.
func shapesOfParts(inputs []*Sharded) []shapes.Shape {
	var all []shapes.Shape
	for _, s := range inputs {
		all = append(all, s.parts[0].Shape())
	}
	return all
}
