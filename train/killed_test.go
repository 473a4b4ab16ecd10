package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// killedVariable makes this test binary train until it kills itself: "PATH REPORTS".
const killedVariable = "SMOOTHLAB_TEST_KILLED"

// killedJob has everything that a checkpoint can hold: chosen images and their weights, both moments of AdamW, the
// weights and their average, a table of rates.
func killedJob(t *testing.T, out string) Job {
	job := boostJob(t)
	job.Settings.Optimizer, job.Settings.Clip, job.Settings.EMA = "adamw", 0.5, 0.9
	job.Settings = job.Settings.WithRates(func(epoch int) float64 { return 0.01 / float64(epoch+1) })
	job.SaveEvery, job.Out = 1, out
	return job
}

// A process that is killed in the middle of an epoch, while it judges images, and after that, leaves a file from which
// the run resumes and ends with the bytes of an uninterrupted one.
func TestKilledRunIsTheSame(t *testing.T) {
	if order := os.Getenv(killedVariable); order != "" {
		trainUntilKilled(t, order)
		return
	}
	dir := t.TempDir()
	if _, err := Train(context.Background(), killedJob(t, filepath.Join(dir, "straight"))); err != nil {
		t.Fatal(err)
	}
	for _, reports := range []int{5, 60, 140} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledRunIsTheSame$")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s", killedVariable, reports, filepath.Join(dir, "killed")))
		var exit *exec.ExitError
		if out, err := cmd.CombinedOutput(); !errors.As(err, &exit) || exit.Exited() {
			t.Fatalf("it was to be killed after %d reports and ended with %v\n%s", reports, err, out)
		}
	}
	run, err := Train(context.Background(), killedJob(t, filepath.Join(dir, "killed")))
	if err != nil || run.Loaded {
		t.Fatalf("%+v, %v", run, err)
	}
	straight, killed := readFile(t, filepath.Join(dir, "straight.safetensors")), readFile(t, run.Path)
	if !bytes.Equal(straight, killed) {
		t.Error("the checkpoint of the killed run differs from the straight one's")
	}
}

// trainUntilKilled trains, and kills this process after a number of reports of progress.
func trainUntilKilled(t *testing.T, order string) {
	var reports, out string
	if _, err := fmt.Sscan(order, &reports, &out); err != nil {
		t.Fatal(err)
	}
	left, err := strconv.Atoi(reports)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	job := killedJob(t, out)
	job.Progress = func(Progress, Control) {
		if left--; left < 0 {
			self.Kill()
			select {}
		}
	}
	_, err = Train(context.Background(), job)
	t.Fatalf("the training ended with %v", err)
}
