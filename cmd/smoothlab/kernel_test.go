package main

import (
	"os/exec"
	"testing"
	"time"
)

// A session that belongs to another process ends after that process, and not before.
func TestUntil(t *testing.T) {
	owner := exec.Command("sleep", "600")
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go until(t.Context(), owner.Process.Pid, func() { close(ended) })
	select {
	case <-ended:
		t.Error("ended before its owner")
	case <-time.After(1500 * time.Millisecond):
	}
	owner.Process.Kill()
	owner.Wait()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("still there 10 s after the end of its owner")
	}
}
