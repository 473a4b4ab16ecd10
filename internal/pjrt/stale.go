package pjrt

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// FaultyVariable is the environment variable that allows a CPU plugin which computes with stale weights: its value must
// be "allow".
const FaultyVariable = "SMOOTHLAB_FAULTY_PLUGIN"

// A CPU plugin may multiply by weights of an earlier call. XLA of 2025 gives some matrix products to XNNPACK, which
// packs the right factor once and finds the packed copy again by the factor's address. When other weights are at the
// same address, as happens when one training follows another, the product is computed with the former weights. Whether
// the allocator gives out the same address depends on timing, so that the fault seemed to come with load
// (docs/evidence.md). The plugin of API 0.81 has the fault and a flag against it. A plugin of API 0.106 has neither.
const (
	minStale, minFixed = 81, 106 // minor versions of the API; the flag is known to be accepted at minStale
	flagsVariable      = "XLA_FLAGS"
	noXNNPACK          = "--xla_cpu_use_xnnpack=false"
)

// errStale reports a plugin that failed the probe; the plugin is its subject.
var errStale = errors.New(
	"computes with weights of an earlier call, so gradients are wrong: name another plugin by " +
		FileVariable + ", or set " + FaultyVariable + "=allow to use this one anyway",
)

// faultyAllowed reports whether the user accepts a faulty plugin.
func faultyAllowed() bool { return os.Getenv(FaultyVariable) == "allow" }

// avoidStale turns XNNPACK off for a CPU plugin that is not yet open, if its API version needs it. It changes nothing
// if the user set the flag or accepts the fault.
func avoidStale(major, minor int) error {
	flags := os.Getenv(flagsVariable)
	if major != 0 || minor < minStale || minor >= minFixed || faultyAllowed() ||
		strings.Contains(flags, "xla_cpu_use_xnnpack") {
		return nil
	}
	return os.Setenv(flagsVariable, strings.TrimSpace(flags+" "+noXNNPACK))
}

// probeStale multiplies by weights twice, changing them in place in between, and returns errStale if the second product
// does not use the second weights. The sizes are such that the plugin of API 0.81 uses XNNPACK.
func probeStale(backend compute.Backend) error {
	const rows, inner, columns = 256, 500, 800
	if !backend.HasSharedBuffers() { // by the option noshared_buffers; weights cannot be changed in place then
		return nil
	}
	buffer, flat, err := backend.NewSharedBuffer(0, shapes.Make(dtypes.Float32, inner, columns))
	if err != nil {
		return err
	}
	weights, err := tensors.FromBuffer(buffer)
	if err != nil {
		return err
	}
	defer weights.FinalizeAll()
	exec, err := graph.NewExec(backend, func(w *graph.Node) *graph.Node {
		ones := graph.Ones(w.Graph(), shapes.Make(dtypes.Float32, rows, inner))
		return graph.ReduceAllMax(graph.Dot(ones, w).Product())
	})
	if err != nil {
		return err
	}
	defer exec.Finalize()
	for _, weight := range []float32{1, 2} {
		w := flat.([]float32)
		for i := range w {
			w[i] = weight
		}
		out, err := exec.Call1(weights)
		if err != nil {
			return err
		}
		largest := tensors.ToScalar[float32](out)
		if err := out.FinalizeAll(); err != nil {
			return err
		}
		if largest != weight*inner {
			return errStale
		}
	}
	return nil
}

// Warning returns a warning, with a leading comma, to be shown with the plugin's name; empty if it is not faulty.
func (p Plugin) Warning() string {
	if !p.Faulty {
		return ""
	}
	return fmt.Sprintf(", which computes wrong gradients (%s=allow)", FaultyVariable)
}
