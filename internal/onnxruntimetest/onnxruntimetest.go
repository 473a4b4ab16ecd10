// Package onnxruntimetest opens ONNX Runtime for tests.
package onnxruntimetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"smoothlab/classifier"
	"smoothlab/classifier/onnx"
	"smoothlab/classifier/onnxruntime"
	"smoothlab/internal/fetch"
)

// Open returns the process's ONNX Runtime, which is downloaded once per machine. Where it is not there and cannot be
// downloaded, the test is skipped.
func Open(t testing.TB) *onnxruntime.Library {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	l, err := onnxruntime.Open(ctx, onnxruntime.Options{})
	for _, offline := range []error{fetch.ErrNetwork, fetch.ErrStalled, fetch.ErrStatus, context.DeadlineExceeded} {
		if errors.Is(err, offline) {
			t.Skipf("ONNX Runtime is not there: %v", err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Load puts a classifier into ONNX Runtime for the time of a test.
func Load(t testing.TB, c *classifier.Classifier) *onnxruntime.Network {
	t.Helper()
	l := Open(t)
	file, err := c.ToONNX()
	if err != nil {
		t.Fatal(err)
	}
	n, err := l.Load(t.Context(), file, onnx.Shape(c.Arch.Input), c.Arch.Classes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}
