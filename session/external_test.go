package session_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"smoothlab/classifier"
	"smoothlab/classifier/external"
	"smoothlab/internal/toyserver"
	"smoothlab/report"
	"smoothlab/session"
)

func TestMain(m *testing.M) {
	if toyserver.Called() {
		os.Exit(toyserver.Main())
	}
	os.Exit(m.Run())
}

// A softmax regression gives the same votes here, in float32, and in another process, in float64. Two logits are equal
// within rounding in one vote of ten thousand, so none of 3,300 votes should differ.
func TestExternalVotesAlike(t *testing.T) {
	dir := t.TempDir()
	toyserver.Link(t, dir)
	a, err := classifier.Lookup("linear")
	if err != nil {
		t.Fatal(err)
	}
	var raw []byte
	for _, values := range classifier.New(a, 1).Params {
		for _, v := range values {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "weights"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	s := newSession(t, nil)
	evaluate(t, s, `t = dataset("mnist-mini")[:3]
def voted(c): return [(x.predicted, x.votes) for x in certify(c, t, sigma=0.5, n0=100, n=1000, seed=5)]
here = voted(classifier("linear", seed=1))
there = voted(external(["./toyserver", "linear", "weights"], classes=10, shape=[1, 28, 28]))
classes = voted(external(["./toyserver", "votes", "weights"], classes=10, shape=[1, 28, 28]))`)
	if got := evaluate(t, s, "here == there, here == classes, len(here)"); got != "(True, True, 3)\n" {
		t.Errorf("alike: %s\n%s", got, evaluate(t, s, "here, there, classes"))
	}
	if got := evaluate(t, s, "min([n for k, n in here]) < 900"); got != "True\n" {
		t.Errorf("the votes do not tell draws apart: %s", evaluate(t, s, "here"))
	}
}

// pythonVariable names a Python with numpy and onnxruntime.
const pythonVariable = "SMOOTHLAB_TEST_PYTHON"

// With the Python module, ONNX Runtime votes with the network that from_onnx reads: all classes agree, and all votes
// except one in ten thousand.
func TestExternalPython(t *testing.T) {
	python := os.Getenv(pythonVariable)
	if python == "" {
		t.Skipf("%s names no Python with numpy and onnxruntime", pythonVariable)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"smoothlab_external.py": external.Script(),
		"serve.py": `import onnxruntime
from smoothlab_external import serve, sha256
net = onnxruntime.InferenceSession("tiny.onnx")
print("this goes to the standard error")
serve(lambda images: net.run(None, {"x": images})[0], sha256("tiny.onnx", "serve.py"), [str(k) for k in range(10)])
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(dir, os.DirFS("../classifier/onnx/testdata")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	s := newSession(t, nil)
	made := evaluate(t, s, fmt.Sprintf(`t = dataset("mnist-mini")[:4]
def voted(c): return [(x.predicted, x.votes) for x in certify(c, t, sigma=0.25, n0=100, n=5000, seed=5)]
here = voted(from_onnx("tiny.onnx", t))
c = external([%q, "serve.py"], classes=10, shape=[1, 28, 28])
there = voted(c)
differ = sum([abs(a[1] - b[1]) for a, b in zip(here, there)])`, python))
	got := evaluate(t, s, "[k for k, n in here] == [k for k, n in there], differ <= 2, len(there), c.classes")
	if got != "(True, True, 4, "+`["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])`+"\n" {
		t.Errorf("alike: %s\n%s", got, made)
	}
}

// Ctrl-C ends votes of a process that hangs within two seconds; the process is stopped, and the session continues.
func TestInterruptedExternal(t *testing.T) {
	dir := t.TempDir()
	toyserver.Link(t, dir)
	t.Chdir(dir)
	s := newSession(t, nil)
	evaluate(t, s, `t = dataset("mnist-mini")[:3]
c = external(["./toyserver", "hangs-later"], classes=10, shape=[1, 28, 28])`)
	for _, line := range []string{
		`k = certify(c, t, sigma=0.5, n0=10, n=100, out="k.tsv")`,
		`k = [predict(c, t, sigma=0.5, n=100) for i in range(2)]`,
	} {
		if took := interruptedAfter(t, s, line, time.Second); took > 2*time.Second {
			t.Errorf("%s returned %v after the interrupt", line, took)
		}
		if got := evaluate(t, s, "c.running"); got != "False\n" {
			t.Errorf("%s leaves the process running: %s", line, got)
		}
	}
}

// interruptedAfter evaluates a line, interrupts it after a time, and returns how long it took to end after that.
func interruptedAfter(t *testing.T, s *session.Session, line string, after time.Duration) time.Duration {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	time.AfterFunc(after, cancel)
	began := time.Now()
	_, err := s.Evaluate(ctx, line, &screen{})
	var e *report.Error
	if !errors.As(err, &e) || e.Name != report.Interrupted {
		t.Errorf("%s: %v, want it interrupted", line, err)
	}
	return time.Since(began) - after
}

// A session's processes end with the session.
func TestExternalEndsWithSession(t *testing.T) {
	dir := t.TempDir()
	toyserver.Link(t, dir)
	t.Chdir(dir)
	s := newSession(t, nil)
	evaluate(t, s, `c = external(["./toyserver", "brightness"], classes=10, shape=[1, 28, 28])
c = external(["./toyserver", "brightness"], classes=10, shape=[1, 28, 28])
d = external(["./toyserver", "votes"], classes=10, shape=[1, 28, 28])`)
	if n := children(t); n != 2 {
		t.Errorf("%d processes, want one per command", n)
	}
	s.Close()
	if n := children(t); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}

// children counts the toy servers that this process has started.
func children(t *testing.T) int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		t.Skip("there is no /proc")
	}
	running := regexp.MustCompile(fmt.Sprintf(`^\d+ \(%s\) [^Z] %d `, toyserver.Name, os.Getpid()))
	n := 0
	for _, path := range stats {
		if data, err := os.ReadFile(path); err == nil && running.Match(data) {
			n++
		}
	}
	return n
}
