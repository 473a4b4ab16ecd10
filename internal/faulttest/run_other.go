//go:build !linux

package faulttest

import "testing"

// Run needs Linux.
func Run(t *testing.T, _ func(t *testing.T) []Work) {
	t.Helper()
	t.Skip("the calls of a process can be watched on Linux only")
}
