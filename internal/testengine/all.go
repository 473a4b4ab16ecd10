package testengine

import (
	"os"
	"testing"
)

// AllVariable names the environment variable that also runs the tests that take minutes, whatever its value.
const AllVariable = "SMOOTHLAB_TEST_ALL"

// All reports whether the tests that take minutes run.
func All() bool { return os.Getenv(AllVariable) != "" }

// SkipUnlessAll skips a test that takes minutes.
func SkipUnlessAll(t testing.TB) {
	t.Helper()
	if !All() {
		t.Skip("it takes minutes: " + AllVariable + "=1 runs it")
	}
}
