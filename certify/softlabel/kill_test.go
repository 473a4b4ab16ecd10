package softlabel

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"smoothlab/certify"
	"smoothlab/internal/faulttest"
)

// killedFile names the file that this test binary makes as a separate process.
const killedFile = "SOFTLABEL_TEST_KILLED_FILE"

// slow takes a moment for every image, so that a process can be killed anywhere.
func slow() *toyVoter {
	v := newToy()
	v.takes = time.Millisecond
	return v
}

// TestMain makes soft labels where TestKilled asks for it.
func TestMain(m *testing.M) {
	out := os.Getenv(killedFile)
	if out == "" {
		os.Exit(m.Run())
	}
	if _, err := Make(context.Background(), slow(), toyImages(), toyVotes, certify.Shard{}, out, nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A process that is killed repeatedly, later each time, leaves the same file as an uninterrupted process.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	whole, out := filepath.Join(dir, "whole.tsv"), filepath.Join(dir, "killed.tsv")
	makeToy(t, slow(), certify.Shard{}, whole)
	within := 0
	kills := faulttest.Kill(t, killedFile, out, func(int) {
		if l, err := Read(out); err == nil && !l.Finished() && len(l.Rows) > 0 {
			within++
		}
	})
	if contents(t, out) != contents(t, whole) {
		t.Errorf("killed %d times, the file became\n%s\nexpected\n%s", kills, contents(t, out), contents(t, whole))
	}
	if within == 0 {
		t.Errorf("none of %d kills came between the first image and the last", kills)
	}
	t.Logf("killed %d times, %d of them between the first image and the last", kills, within)
}
