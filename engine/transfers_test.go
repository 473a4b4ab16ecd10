package engine_test

import (
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/testengine"
)

// Inputs count when a call copies them to the device, not when they are already there. Readings always count.
func TestTransfers(t *testing.T) {
	e, built := testengine.Open(t), 0
	p := double(t, e, unique(t, e), &built)
	since := e.Transfers()
	expect := func(when string, uploads, uploaded, readings, read int) {
		t.Helper()
		got := e.Transfers().Since(since)
		if want := (engine.Transfers{Uploads: uploads, Uploaded: uploaded, Readings: readings, BytesRead: read}); got != want {
			t.Errorf("%s: %+v, want %+v", when, got, want)
		}
	}
	once, err := p.Call(t.Context(), []float32{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	expect("a Go value", 1, 12, 0, 0)
	twice, err := p.Call(t.Context(), once[0])
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Free(append(once, twice...)...)
	expect("another call's output", 1, 12, 0, 0)
	for range 2 {
		if x, err := engine.Read[float32](e, twice[0]); err != nil || x[2] != 12 {
			t.Errorf("%v, %v", x, err)
		}
	}
	expect("read twice", 1, 12, 2, 24)
	if err := engine.Free(once...); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Read[float32](e, once[0]); err == nil {
		t.Error("a freed tensor can be read")
	}
	expect("a freed tensor", 1, 12, 2, 24)
}
