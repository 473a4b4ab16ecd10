package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"smoothlab/engine"
	"smoothlab/internal/testengine"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// affine is a program of w [K] and x [B, K] whose results are y = x·w [B] and y plus the sum of y.
func affine(t testing.TB, e *engine.Engine) *engine.Program {
	t.Helper()
	p, err := e.Program(unique(t, e), func(_ *engine.Program, in []*Node) []*Node {
		y := DotGeneral(in[1], []int{1}, nil, in[0], []int{0}, nil)
		return []*Node{y, Add(y, ReduceAllSum(y))}
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rows returns affine's images. Its results with weights 1 and 10 are whole numbers, which add up exactly in any order.
func rows() *tensors.Tensor {
	return tensors.FromValue([][]float32{{1, 0}, {2, 0}, {3, 0}, {4, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4}})
}

var (
	products = []float32{1, 2, 3, 4, 10, 20, 30, 40}
	beyond   = []float32{111, 112, 113, 114, 120, 130, 140, 150}
)

func shard(t testing.TB, x *tensors.Tensor, devices int) *engine.Sharded {
	t.Helper()
	s, err := engine.Shard(x, 0, devices)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// across calls affine on a number of devices and checks its results, cut or whole.
func across(ctx context.Context, p *engine.Program, w *engine.Sharded, devices, axis int) error {
	x, err := engine.Shard(rows(), 0, devices)
	if err != nil {
		return err
	}
	out, err := p.CallAcross(ctx, axis, w, x)
	if err := errors.Join(err, engine.Free(x)); err != nil {
		return err
	}
	defer engine.Free(out...)
	for i, want := range [][]float32{products, beyond} {
		if n := out[i].Devices(); n != devices {
			return fmt.Errorf("a result on %d devices, want %d", n, devices)
		}
		for d := range devices {
			part := want
			if axis == 0 {
				part = want[d*8/devices : (d+1)*8/devices]
			}
			got, err := tensors.CopyFlatData[float32](out[i].Part(d))
			if err != nil {
				return err
			}
			if at, err := out[i].Part(d).Device(); err != nil || int(at) != d || !slices.Equal(got, part) {
				return fmt.Errorf("result %d has %v on device %d (%w), want %v on %d", i, got, at, err, part, d)
			}
		}
	}
	return nil
}

// A call across devices returns what a call on one device returns, cut or whole on each, and leaves the results there.
// It is compiled once for each number of devices and layout, on one device as for Call. Whole tensors are copied to
// further devices when needed.
func TestAcross(t *testing.T) {
	e := testengine.Open(t)
	p := affine(t, e)
	compiled, calls := e.Counts()
	weights := tensors.FromValue([]float32{1, 10})
	w := engine.Replicate(weights)
	defer engine.Free(w)
	for range 2 {
		for _, devices := range []int{2, 4, 1} {
			for _, axis := range []int{engine.Whole, 0} {
				if err := across(t.Context(), p, w, devices, axis); err != nil {
					t.Error(err)
				}
			}
		}
	}
	x := rows()
	defer engine.Free(x)
	if got := call(t, p, weights, x); !slices.Equal(got, products) {
		t.Errorf("on one device %v, want %v", got, products)
	}
	if c, n := e.Counts(); c-compiled != 5 || n-calls != 13 {
		t.Errorf("%d graphs and %d calls, want 5 and 13", c-compiled, n-calls)
	}
	if w.Devices() != 4 || w.Part(0) != weights {
		t.Errorf("the weights lie on %d devices", w.Devices())
	}
}

// Go values are copied to all devices, and any axis can be cut.
func TestAcrossAnotherAxis(t *testing.T) {
	e := testengine.Open(t)
	p, err := e.Program(unique(t, e), func(_ *engine.Program, in []*Node) []*Node { return []*Node{Mul(in[0], in[1])} })
	if err != nil {
		t.Fatal(err)
	}
	x, err := engine.Shard(tensors.FromValue([][]float32{{1, 2}, {3, 4}, {5, 6}}), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.CallAcross(t.Context(), 1, float32(10), x)
	if err != nil {
		t.Fatal(err)
	}
	for d, want := range [][]float32{{10, 30, 50}, {20, 40, 60}} {
		if got := tensors.MustCopyFlatData[float32](out[0].Part(d)); !slices.Equal(got, want) {
			t.Errorf("%v on device %d, want %v", got, d, want)
		}
	}
	if err := engine.Free(append(out, x)...); err != nil || x.CheckValid() == nil || out[0].CheckValid() == nil {
		t.Errorf("freed: %v, %v, %v", err, x.CheckValid(), out[0].CheckValid())
	}
}

// Arguments that cannot be run across devices are an error, and the program can still be called.
func TestAcrossBadArguments(t *testing.T) {
	e := testengine.Open(t)
	p := affine(t, e)
	w := engine.Replicate(tensors.FromValue([]float32{1, 10}))
	freed := shard(t, rows(), 2)
	if err := engine.Free(freed); err != nil {
		t.Fatal(err)
	}
	many := tensors.FromFlatDataAndDimensions(make([]float32, 4*e.Devices()), 2*e.Devices(), 2)
	for name, args := range map[string][]any{
		"nil": {nil}, "nil pointer": {(*engine.Sharded)(nil)}, "of one device": {rows()}, "freed": {w, freed},
		"two ways": {shard(t, tensors.FromValue([]float32{1, 10}), 2), shard(t, rows(), 4)},
		"too many": {w, shard(t, many, 2*e.Devices())}, "does not fit": {w, shard(t, tensors.FromValue([]float32{1, 2}), 2)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := p.CallAcross(t.Context(), engine.Whole, args...)
			checkSentence(t, err, "TestAcrossBadArguments")
		})
	}
	if err := across(t.Context(), p, w, 2, 0); err != nil {
		t.Error(err)
	}
	for _, c := range []struct{ axis, devices int }{{2, 2}, {-1, 2}, {0, 3}, {0, 0}} {
		if s, err := engine.Shard(rows(), c.axis, c.devices); err == nil {
			t.Errorf("axis %d was cut into %d parts: %v", c.axis, c.devices, s)
		}
	}
}

// A call across devices waits until it has acquired all of them, and releases those that it has when its context ends;
// other calls keep theirs.
func TestAcrossWaits(t *testing.T) {
	e := testengine.Open(t)
	p := affine(t, e)
	w := engine.Replicate(tensors.FromValue([]float32{1, 10}))
	defer engine.Free(w)
	if err := across(t.Context(), p, w, 2, 0); err != nil {
		t.Fatal(err)
	}
	built := 0
	other := double(t, e, unique(t, e)+" other", &built)
	release := e.HoldDevice(1)
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() { waiting <- across(ctx, p, w, 2, 0) }()
	for !e.Held(0) {
		time.Sleep(time.Millisecond)
	}
	out, err := other.CallOn(t.Context(), 2, []float32{3})
	if err := errors.Join(err, engine.Free(out...)); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) { // device 1 is still held
		t.Errorf("error %v, want context.Canceled", err)
	}
	if e.Held(0) {
		t.Error("a call that was given up keeps a device")
	}
	release()
	if err := across(t.Context(), p, w, 2, 0); err != nil {
		t.Error(err)
	}
}

// While a program is compiled for several devices its callers can stop waiting, and the program is kept.
func TestAcrossCompilesAside(t *testing.T) {
	e := testengine.Open(t)
	p, begun, goOn, builds := blocking(t, e)
	x := shard(t, rows(), 2)
	defer engine.Free(x)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	if _, err := p.CallAcross(ctx, 0, x); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	close(goOn)
	out, err := p.CallAcross(t.Context(), 0, x)
	if err != nil || builds.Load() != 1 {
		t.Errorf("%v after %d builds, want 1", err, builds.Load())
	}
	engine.Free(out...)
}

// Calls on one device and across two and four of them run concurrently without a deadlock (run with -race).
func TestAcrossWithOtherCalls(t *testing.T) {
	e, built := testengine.Open(t), 0
	p, single := affine(t, e), double(t, e, unique(t, e)+" single", &built)
	call(t, single, []float32{1})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for _, devices := range []int{2, 4, 4, 2} {
		all.Go(func() {
			w := engine.Replicate(tensors.FromValue([]float32{1, 10}))
			defer engine.Free(w)
			for range 20 {
				if err := across(ctx, p, w, devices, 0); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for d := range e.Devices() {
		all.Go(func() {
			for range 40 {
				out, err := single.CallOn(ctx, d, []float32{3})
				if err := errors.Join(err, engine.Free(out...)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}
