// Package testengine opens the one engine that the tests of a package share: XLA is slow to start and must be opened
// once per process.
package testengine

import (
	"context"
	"sync"
	"testing"

	"smoothlab/engine"
)

var shared = sync.OnceValues(
	func() (*engine.Engine, error) { return engine.Open(context.Background(), engine.Options{}) },
)

// Open returns the process's engine, or fails the test: without a backend nothing here can be tested.
func Open(t testing.TB) *engine.Engine {
	t.Helper()
	e, err := shared()
	if err != nil {
		t.Fatalf("no backend to test on: %v", err)
	}
	return e
}
