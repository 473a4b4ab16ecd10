// Package testengine opens the one engine that the tests of a package share: XLA is slow to start and must be opened
// once per process.
package testengine

import (
	"context"
	"os"
	"sync"
	"testing"

	"smoothlab/engine"
)

// ProgramsVariable names a directory in which the compiled programs of tests are kept. Unless it is set, every test
// compiles, and the user's own programs are never used: a test must not pass because a former compiler was right.
const ProgramsVariable = "SMOOTHLAB_TEST_PROGRAMS"

var shared = sync.OnceValues(
	func() (*engine.Engine, error) {
		return engine.Open(context.Background(), engine.Options{Programs: os.Getenv(ProgramsVariable)})
	},
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
