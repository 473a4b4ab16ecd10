package faulttest

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// maxKills is how often [Kill] kills before it gives up.
const maxKills = 1000

// Kill starts this test binary with the environment variable set to out, again and again, and kills each process, later
// each time, until one ends by itself. The process must resume what is at out and print nothing to standard error. each
// looks at out after every kill. Kill returns the number of kills.
func Kill(t *testing.T, variable, out string, each func(kills int)) (kills int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for after := 5 * time.Millisecond; ; after += 3 * time.Millisecond {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), variable+"="+out)
		var said strings.Builder
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // it may have ended
		err := cmd.Wait()
		timer.Stop()
		if err == nil {
			return kills
		}
		if said.Len() > 0 {
			t.Fatalf("after %d kills: %s", kills, said.String())
		}
		kills++
		each(kills)
		if kills > maxKills {
			t.Fatal("it never ends")
		}
	}
}
