package session_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smoothlab/internal/onnxruntimetest"
)

// A trained network gives the same votes in both engines: logits differ by some 1e-6, so none of 3,300 votes should
// differ. A log keeps its engine, and a log of another engine is refused.
func TestVotesInONNXRuntime(t *testing.T) {
	onnxruntimetest.Open(t)
	t.Chdir(t.TempDir())
	s := newSession(t, nil)
	evaluate(t, s, `d, t = dataset("mnist-mini", split="train")[:512], dataset("mnist-mini")[:3]
c = classifier("linear", d, seed=1)
r = train(c, d, gaussian(sigma=0.5), epochs=1, batch=64, lr=0.05, seed=1)
def certified(engine):
    return certify(c, t, sigma=0.5, n=1000, seed=5, engine=engine, out=engine + ".tsv")
def rows(k): return [(x.predicted, x.votes) for x in k]
here, there = certified("xla"), certified("onnxruntime")`)
	if got := evaluate(t, s, "rows(here) == rows(there), min([x.votes for x in here]) < 990"); got != "(True, True)\n" {
		t.Errorf("alike: %s\n%s", got, evaluate(t, s, "rows(here), rows(there)"))
	}
	if got := evaluate(t, s, `rows(certified("onnxruntime")) == rows(there)`); !strings.Contains(got, "loaded") {
		t.Errorf("the finished log is not loaded: %s", got)
	}
	settings, err := os.ReadFile("onnxruntime.tsv.json")
	if err != nil || !strings.Contains(string(settings), `"engine": "onnxruntime"`) ||
		!strings.Contains(string(settings), `"engine": "ONNX Runtime `) {
		t.Errorf("%s (%v) does not name the engine and its version", settings, err)
	}
	for _, engine := range [][2]string{{"xla", "onnxruntime"}, {"onnxruntime", "xla"}} {
		line := fmt.Sprintf("certify(c, t, sigma=0.5, n=1000, seed=5, engine=%q, out='%s.tsv')", engine[1], engine[0])
		_, err := s.Evaluate(t.Context(), line, &screen{})
		want := fmt.Sprintf("%s.tsv was made with engine %q, not %q", engine[0], engine[0], engine[1])
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", line, err, want)
		}
	}
}

// Ctrl-C ends a batch in ONNX Runtime, and the session votes again.
func TestInterruptedONNXRuntime(t *testing.T) {
	onnxruntimetest.Open(t)
	net, err := filepath.Abs(filepath.Join("..", "notebooks", "thin_resnet.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	s := newSession(t, nil)
	const line = `certify(c, t, sigma=0.5, n=%s, seed=1, engine="onnxruntime", out="k.tsv")`
	evaluate(t, s, fmt.Sprintf("t = dataset('mnist-mini')[:2]\nc = from_onnx(%q)\n", net))
	warm := strings.ReplaceAll(fmt.Sprintf(line, "100"), "k.tsv", "warm.tsv")
	evaluate(t, s, warm) // nothing is compiled later
	if took := interruptedAfter(t, s, fmt.Sprintf(line, "3000000"), time.Second); took > 2*time.Second {
		t.Errorf("certify returned %v after the interrupt", took)
	}
	if got := evaluate(t, s, fmt.Sprintf("len(%s)", warm)); !strings.HasSuffix(got, "2\n") {
		t.Errorf("afterwards: %s", got)
	}
}
