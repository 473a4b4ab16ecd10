package certify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"smoothlab/internal/faulttest"
)

// killedLog names the log of a certification that this test binary makes as a separate process.
const killedLog = "CERTIFY_TEST_KILLED_LOG"

// slowly takes a moment for every vote, so that a process can be killed anywhere.
func slowly() *toyVoter {
	return &toyVoter{seed: 7, share: toyShares(toyCount), each: func(int) { time.Sleep(20 * time.Microsecond) }}
}

// TestMain certifies into a log where TestRunKilled asks for it.
func TestMain(m *testing.M) {
	out := os.Getenv(killedLog)
	if out == "" {
		os.Exit(m.Run())
	}
	if _, err := runAs(
		context.Background(),
		slowly(),
		toyImages(toyCount),
		ladderSettings(false),
		out,
		nil,
	); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A process that is killed repeatedly, later each time, leaves the log of an uninterrupted process, except for the time
// column.
func TestRunKilled(t *testing.T) {
	dir := t.TempDir()
	whole, out := filepath.Join(dir, "whole.tsv"), filepath.Join(dir, "killed.tsv")
	if _, err := runAs(t.Context(), slowly(), toyImages(toyCount), ladderSettings(false), whole, nil); err != nil {
		t.Fatal(err)
	}
	within := 0
	kills := faulttest.Kill(t, killedLog, out, func(kills int) {
		if c, err := ReadLog(out, nil, Plan{}); err == nil && len(c.Rows) < toyCount {
			if checkFinished(c) == nil {
				t.Fatalf("after %d kills an unfinished log passes for a finished one", kills)
			}
			within += min(1, len(c.Rows))
		}
	})
	if got := withoutTime(t, out); got != withoutTime(t, whole) {
		t.Errorf("killed %d times, the log became\n%s\nexpected\n%s", kills, got, withoutTime(t, whole))
	}
	if within == 0 {
		t.Errorf("none of %d kills came between the first row and the last", kills)
	}
	t.Logf("killed %d times, %d of them between the first row and the last", kills, within)
}
