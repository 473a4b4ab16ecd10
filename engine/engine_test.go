package engine_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smoothlab/engine"
	"smoothlab/internal/testengine"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// double is a program of one input whose result is 2x; built counts how often its graph was built.
func double(t testing.TB, e *engine.Engine, name string, built *int) *engine.Program {
	t.Helper()
	p, err := e.Program(name, func(_ *engine.Program, in []*Node) []*Node {
		*built++
		return []*Node{MulScalar(in[0], 2)}
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// unique returns a name that no earlier run of the test (-count=2) has used, because calls are counted.
func unique(t testing.TB, e *engine.Engine) string {
	_, calls := e.Counts()
	return fmt.Sprintf("%s %d", t.Name(), calls)
}

// call runs a program with one output and returns its values.
func call(t testing.TB, p *engine.Program, args ...any) []float32 {
	t.Helper()
	out, err := p.Call(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(out...)
	return tensors.MustCopyFlatData[float32](out[0])
}

// There is one graph per name and shape for all callers; values of the same shape do not compile again.
func TestCompiledOncePerShape(t *testing.T) {
	e, built := testengine.Open(t), 0
	compiled, calls := e.Counts()
	name := unique(t, e)
	for i := range 3 {
		p := double(t, e, name, &built) // the second and third time it is the first result
		for _, x := range [][]float32{{1, float32(i)}, {3, 4}, {5, 6, float32(i)}} {
			got := call(t, p, x)
			for k := range x {
				if got[k] != 2*x[k] {
					t.Errorf("2·%v = %v", x, got)
				}
			}
		}
	}
	if built != 2 {
		t.Errorf("built %d graphs for two shapes", built)
	}
	if c, n := e.Counts(); c-compiled != 2 || n-calls != 9 {
		t.Errorf("counts %d graphs and %d calls, want 2 and 9", c-compiled, n-calls)
	}
}

func TestLabelsAreTheFirstBuilders(t *testing.T) {
	e := testengine.Open(t)
	name := unique(t, e)
	labelled := func(label string) *engine.Program {
		p, err := e.Program(name, func(p *engine.Program, in []*Node) []*Node {
			p.Label(label)
			return in
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := labelled("first")
	if l := p.Labels(); l != nil {
		t.Errorf("labels %q before the first call", l)
	}
	call(t, p, []float32{1})
	if l := labelled("second").Labels(); len(l) != 1 || l[0] != "first" {
		t.Errorf("labels %q, want those of the program that exists", l)
	}
}

// A build function that panics, with an error or with anything else, is an error that names the program; the next call
// builds anew, and other programs are not affected.
func TestBuildPanics(t *testing.T) {
	e := testengine.Open(t)
	for name, value := range map[string]any{
		"error": errors.New("7 columns do not divide 24"), "string": "7 columns do not divide 24", "bounds": nil,
	} {
		t.Run(name, func(t *testing.T) {
			fail := true
			p, err := e.Program(unique(t, e), func(_ *engine.Program, in []*Node) []*Node {
				if fail && value == nil {
					return in[1:][:2]
				}
				if fail {
					panic(value)
				}
				return in
			})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				_, err = p.Call(t.Context(), []float32{1})
				checkSentence(t, err, t.Name())
				if value != nil && !strings.Contains(err.Error(), "7 columns do not divide 24") {
					t.Errorf("%v: want the builder's words", err)
				}
			}
			fail = false
			if got := call(t, p, []float32{1}); got[0] != 1 {
				t.Errorf("the repaired program gives %v", got)
			}
		})
	}
}

// Arguments that cannot be run are an error, and the program can still be called.
func TestBadArguments(t *testing.T) {
	e, built := testengine.Open(t), 0
	p := double(t, e, t.Name(), &built)
	freed := tensors.FromValue([]float32{1})
	if err := engine.Free(freed); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]any{
		"none": {}, "a struct": {struct{ A int }{1}}, "nil": {nil}, "ragged": {[][]float32{{1}, {2, 3}}}, "a string": {"x"},
		"nil tensor": {(*tensors.Tensor)(nil)}, "freed tensor": {freed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := p.Call(t.Context(), args...)
			checkSentence(t, err, "TestBadArguments")
		})
	}
	if got := call(t, p, []float32{3}); got[0] != 6 {
		t.Errorf("2·3 = %v after bad arguments", got)
	}
}

// checkSentence checks that there is an error of one line that names the program.
func checkSentence(t *testing.T, err error, name string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if s := err.Error(); !strings.Contains(s, name) || strings.Contains(s, "\n") {
		t.Errorf("%q: want one line that names %s", s, name)
	}
}

// A cancelled context is noticed before anything is compiled, and while the call waits for the device.
func TestCancelled(t *testing.T) {
	e, built := testengine.Open(t), 0
	p := double(t, e, unique(t, e), &built)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Call(ctx, []float32{1}); !errors.Is(err, context.Canceled) || built != 0 {
		t.Errorf("error %v after %d builds, want context.Canceled and none", err, built)
	}

	call(t, p, []float32{1})
	release := e.Hold()
	_, before := e.Counts()
	ctx, cancel = context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() {
		_, err := p.Call(ctx, []float32{1})
		waiting <- err
	}()
	time.Sleep(20 * time.Millisecond) // so that the call waits; if it comes later, it is refused too
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) { // the device is still held
		t.Errorf("error %v, want context.Canceled", err)
	}
	if _, after := e.Counts(); after != before {
		t.Errorf("%d calls of a device that is held", after-before)
	}
	release()
	if got := call(t, p, []float32{1}); got[0] != 2 {
		t.Errorf("2·1 = %v after cancelled calls", got)
	}
}

// blocking is a program whose build function signals that it has begun and then waits; built counts its graphs.
func blocking(t *testing.T, e *engine.Engine) (p *engine.Program, begun, goOn chan struct{}, built *atomic.Int32) {
	t.Helper()
	begun, goOn, built = make(chan struct{}, 8), make(chan struct{}), new(atomic.Int32)
	p, err := e.Program(unique(t, e)+" blocking", func(_ *engine.Program, in []*Node) []*Node {
		built.Add(1)
		begun <- struct{}{}
		<-goOn
		return []*Node{MulScalar(in[0], 2)}
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, begun, goOn, built
}

// While a program is compiled its callers can stop waiting, other programs can be called, callers with the same shape
// share the compilation, and the program is kept.
func TestCompilingAside(t *testing.T) {
	e, built := testengine.Open(t), 0
	other := double(t, e, unique(t, e), &built)
	p, begun, goOn, builds := blocking(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	for range 2 {
		go func() {
			_, err := p.Call(ctx, []float32{1})
			left <- err
		}()
	}
	<-begun
	if got := call(t, other, []float32{3}); got[0] != 6 {
		t.Errorf("2·3 = %v beside a compilation", got)
	}
	cancel()
	for range 2 {
		if err := <-left; !errors.Is(err, context.Canceled) { // the build function still waits
			t.Errorf("error %v, want context.Canceled", err)
		}
	}
	stays := make(chan error)
	go func() {
		out, err := p.Call(t.Context(), []float32{2})
		stays <- errors.Join(err, engine.Free(out...))
	}()
	time.Sleep(
		20 * time.Millisecond,
	) // so that this caller finds the compilation in progress; a later one finds its result
	close(goOn)
	if err := <-stays; err != nil {
		t.Error(err)
	}
	if got := call(t, p, []float32{4}); got[0] != 8 || builds.Load() != 1 {
		t.Errorf("2·4 = %v after %d builds, want 1", got, builds.Load())
	}
}

// A failed compilation without waiting callers is dropped: the next call tries again.
func TestAbandonedCompilationFails(t *testing.T) {
	e := testengine.Open(t)
	for name, fail := range map[string]func(){"panic": func() { panic("no such layer") }, "exit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			begun, goOn, first := make(chan struct{}), make(chan struct{}), true
			p, err := e.Program(unique(t, e), func(_ *engine.Program, in []*Node) []*Node {
				if first {
					first = false
					close(begun)
					<-goOn
					fail()
				}
				return in
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			go func() { <-begun; cancel() }()
			if _, err := p.Call(ctx, []float32{1}); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want context.Canceled", err)
			}
			shared := make(chan error)
			go func() {
				_, err := p.Call(t.Context(), []float32{1})
				shared <- err
			}()
			time.Sleep(20 * time.Millisecond) // as in TestCompilingAside
			close(goOn)
			if err := <-shared; err != nil { // nil if the call came after the failure
				checkSentence(t, err, t.Name())
			}
			if got := call(t, p, []float32{1}); got[0] != 1 {
				t.Errorf("the repaired program gives %v", got)
			}
		})
	}
}

// Several goroutines share programs, use the same names and compile the same shapes at once (run with -race).
func TestConcurrentCalls(t *testing.T) {
	e := testengine.Open(t)
	before, _ := e.Counts()
	name := unique(t, e)
	var wg sync.WaitGroup
	failures := make(chan error, 64)
	for worker := range 8 {
		wg.Go(func() {
			for i := range 20 {
				if err := scaled(t.Context(), e, fmt.Sprintf("%s %d", name, i%2), worker, 1+i%3); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(failures)
	for err := range failures {
		t.Error(err)
	}
	if c, _ := e.Counts(); c-before != 6 {
		t.Errorf("compiled %d graphs, want 6: two names of three shapes", c-before)
	}
}

// scaled calls the program of that name, which returns 3x, on n values and checks them.
func scaled(ctx context.Context, e *engine.Engine, name string, first, n int) error {
	p, err := e.Program(name, func(p *engine.Program, in []*Node) []*Node {
		p.Label("tripled")
		return []*Node{MulScalar(in[0], 3)}
	})
	if err != nil {
		return err
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(first + i)
	}
	out, err := p.Call(ctx, x)
	if err != nil {
		return err
	}
	got, err := tensors.CopyFlatData[float32](out[0])
	if err := errors.Join(err, engine.Free(out...)); err != nil {
		return err
	}
	for i := range got {
		if got[i] != 3*x[i] || p.Labels()[0] != "tripled" {
			return fmt.Errorf("3·%v = %v, labels %q", x, got, p.Labels())
		}
	}
	return nil
}

// Closing waits for the call and the compilation in progress, and a closed engine returns errors.
func TestClose(t *testing.T) {
	e, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	built := 0
	p := double(t, e, "used", &built)
	call(t, p, []float32{1})
	slow, begun, goOn, _ := blocking(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	if _, err := slow.Call(ctx, []float32{1}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() {
		e.Close()
		close(closed)
	}()
	stillOpen := func(during string) {
		select {
		case <-closed:
			t.Error("closed during " + during)
		case <-time.After(20 * time.Millisecond):
		}
	}
	stillOpen("a compilation")
	release := e.Hold()
	close(goOn)
	stillOpen("a call")
	release()
	<-closed
	_, err = p.Call(t.Context(), []float32{1})
	checkSentence(t, err, "used")
	_, err = slow.Call(t.Context(), []float32{1})
	checkSentence(t, err, "blocking")
	_, err = e.Program("another", func(_ *engine.Program, in []*Node) []*Node { return in })
	checkSentence(t, err, "another")
	e.Close()
}

// Everything that certificates record of the engine is filled in.
func TestProvenance(t *testing.T) {
	e := testengine.Open(t)
	for key, value := range e.Provenance() {
		if strings.TrimSpace(value) == "" {
			t.Errorf("%s is empty", key)
		}
	}
	if e.String() == "" || e.Backend() == nil {
		t.Error("the engine does not say what it is")
	}
}

func TestFreeSkipsNil(t *testing.T) {
	if err := engine.Free(nil, tensors.FromValue(float32(1)), nil); err != nil {
		t.Error(err)
	}
}

// Devices are addressed by number, and each has its own lock: a call on one does not block calls on others.
func TestDevices(t *testing.T) {
	e, built := testengine.Open(t), 0
	if e.Devices() < 2 {
		t.Fatalf("%d devices: XLA's CPU plugin has several, and this is the only test of them", e.Devices())
	}
	p := double(t, e, unique(t, e), &built)
	on := func(device int) float32 {
		out, err := p.CallOn(t.Context(), device, []float32{3})
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Free(out...)
		return tensors.MustCopyFlatData[float32](out[0])[0]
	}
	release := e.Hold()
	for d := 1; d < e.Devices(); d++ {
		if got := on(d); got != 6 {
			t.Errorf("2·3 = %v on device %d", got, d)
		}
	}
	release()
	for d := range e.Devices() {
		if got := on(d); got != 6 || built != 1 {
			t.Errorf("2·3 = %v on device %d, after %d builds", got, d, built)
		}
	}
	for d := range e.Devices() { // a tensor stays on the first device that used it, and so do its results
		x := tensors.FromValue([]float32{3})
		out, err := p.CallOn(t.Context(), d, x)
		if err != nil {
			t.Fatal(err)
		}
		for _, lives := range []*tensors.Tensor{x, out[0]} {
			elsewhere, err := p.CallOn(t.Context(), (d+1)%e.Devices(), lives)
			checkSentence(t, err, t.Name())
			if err := engine.Free(elsewhere...); err != nil {
				t.Error(err)
			}
		}
		if err := engine.Free(x, out[0]); err != nil {
			t.Error(err)
		}
	}
	for _, d := range []int{-1, e.Devices()} {
		_, err := p.CallOn(t.Context(), d, []float32{3})
		checkSentence(t, err, t.Name())
	}
	if n := e.ParallelDevices(); n != 1 { // the tests' engine is a CPU
		t.Errorf("%d devices of one CPU are said to be independent", n)
	}
}
