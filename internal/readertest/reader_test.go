package readertest

import (
	"context"
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/pythonenv"
	"smoothlab/internal/testengine"
	"smoothlab/report"
	"smoothlab/session"
)

//go:embed testdata/requirements.txt
var requirements string

// program saves results in every format, and prints the numbers that the readers must find.
const program = `
d, t = dataset("mnist-mini", split="train")[:256], dataset("mnist-mini")[::50]
c = classifier("linear", d, seed=1)
m = smoothmix(sigma=0.5, m=2, steps=2)
def again():
    return train(c, d, m, epochs=2, batch=64, lr=0.05, seed=1, test=t, out="run", log_dir="tb/run")
r = again()
for ending in ["npz", "csv", "json", "jsonl", "parquet"]:
    r.history.save("history." + ending)
    logits(c, t).save("logits." + ending)
k = certify(c, t, sigma=0.5, n0=20, n=200, seed=1)
k.save("certificates.parquet")
a = attack(c, t, sigma=0.5, eps=[0.5, 1], steps=3, draws=4, n=100)
a.save("attack.npz")
w = walk(c, t[:2], m, seed=3)
w.search(2)
w.path.save("path.npz")
w.path.save("path.csv")
e = evaluate(c, t, sigma=0.5, n=20)
e.save("classes.csv")
save(predict(c, t, sigma=0.5, n=50), "predictions.csv")
e2 = train(classifier("linear", d, seed=2), d, gaussian(sigma=0.5), epochs=1, batch=64, seed=1, test=t, log_dir="tb/twice")
e3 = train(classifier("linear", d, seed=3), d, gaussian(sigma=0.5), epochs=1, batch=64, seed=1, test=t, log_dir="tb/twice")
print(json.encode({
    "epochs": [{"loss": h.loss, "accuracy": h.noisy_accuracy, "term": h.terms[0].value} for h in r.history],
    "names": [x.name for x in r.history[0].terms],
    "logits": [x.logits for x in logits(c, t)],
    "labels": t.labels,
    "radii": k.radii,
    "distances": [x.distance for x in a],
    "path": [[[p.probability, p.distance] for p in x] for x in w.path],
    "pixels": w.path[1][2].pixels,
    "confusion": e.confusion,
    "updates": r.updates,
    "last": e3.history[0].loss,
}))
`

// screen keeps what a program prints.
type screen struct{ strings.Builder }

func (s *screen) Print(text string)        { s.WriteString(text) }
func (s *screen) Show(report.Report)       {}
func (s *screen) Progress(report.Progress) {}

// The programs find the session's numbers in the files.
func TestReaders(t *testing.T) {
	python := filepath.Join(pythonenv.Make(t, "readers", requirements), "python")
	check, err := filepath.Abs("testdata/check.py")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	e := testengine.Open(t)
	s := session.New(session.Options{Shared: true,
		Open: func(context.Context, func(string, int64, int64)) (*engine.Engine, error) { return e, nil }})
	defer s.Close()
	var out screen
	if _, err := s.EvaluateFile(t.Context(), "program.star", program, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if err := os.WriteFile("want.json", []byte(lines[len(lines)-1]), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, check)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "TF_CPP_MIN_LOG_LEVEL=3")
	if found, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, found)
	}
}
