package engine

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes/gotype"
	"github.com/gomlx/gomlx/core/tensors"
)

// Transfers counts copies between the host and the devices. Tests bound it, since on a GPU a step waits for them.
type Transfers struct {
	Uploads, Uploaded   int // inputs of calls that were not on the device yet, and their bytes
	Readings, BytesRead int // [Read]
}

// Transfers returns the counts so far.
func (e *Engine) Transfers() Transfers {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.transfers
}

// Since returns the difference to earlier counts.
func (t Transfers) Since(before Transfers) Transfers {
	return Transfers{Uploads: t.Uploads - before.Uploads, Uploaded: t.Uploaded - before.Uploaded,
		Readings: t.Readings - before.Readings, BytesRead: t.BytesRead - before.BytesRead}
}

// uploading counts the inputs of a call that have to be copied to the device.
func (e *Engine) uploading(device int, inputs []any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, in := range inputs {
		if t := in.(*tensors.Tensor); !t.IsOnDevice(compute.DeviceNum(device)) {
			e.transfers.Uploads++
			e.transfers.Uploaded += int(t.ByteSize())
		}
	}
}

// Read copies a tensor's values to the host, row by row, and counts that. It waits for the call that computes them.
func Read[T gotype.Supported](e *Engine, t *tensors.Tensor) ([]T, error) {
	values, err := tensors.CopyFlatData[T](t)
	if err == nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.transfers.Readings++
		e.transfers.BytesRead += int(t.ByteSize())
	}
	return values, err
}
