package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// settled is much more than the two seconds that an interrupt takes on a quiet machine, and much less than the programs
// take.
const settled = 20 * time.Second

// longRuns are programs of one step that would take minutes or all memory. refused is the error that ends a program at
// once; if it is empty, the program runs until it is interrupted.
func longRuns() map[string]struct{ source, refused string } {
	return map[string]struct{ source, refused string }{
		"sum":         {"sum(range(10000000000))", ""},
		"mean":        {"mean(range(10000000000))", "mean: xs takes at most 10,000,000 values"},
		"max":         {"max(range(10000000000))", ""},
		"all":         {"all(range(1, 10000000000))", ""},
		"loop":        {"while True: pass", ""},
		"list":        {"list(range(10000000000))", "list would have more than"},
		"enumerate":   {"enumerate(range(10000000000))", "enumerate would have more than"},
		"zip":         {"zip(range(10000000000), range(10000000000))", "zip would have more than"},
		"repeat":      {"x = 'a' * 10000000000", "x * y would have more than"},
		"nested json": {"json.decode('[' * 3000000)", "nested more than 200 deep"},
		"nested key":  {"x = ()\nfor i in range(100000): x = (x,)\n{x: 1}", "a key may be nested at most 200 deep"},
		"radii": {
			"read_log('k.tsv').accuracies([i / 1000000.0 for i in range(1000000)])",
			"radii takes at most 10,000 values",
		},
		"many radii": {
			"k = read_log('k.tsv')\nwhile True: compare(k, k, radii=[i / 1000.0 for i in range(1000)])",
			"",
		},
		"table radii": {
			"k = read_log('k.tsv')\nwhile True: table([k, k], names=['a', 'b'], radii=[i / 1000.0 for i in range(1000)])",
			"",
		},
		"many logs": {"k = read_log('k.tsv')\ntable([k] * 10000)", "at most 1,000 entries"},
		"ladder":    {"ladder(radii=[i / 1000.0 for i in range(100000)])", "radii takes at most 1,000 values"},
		"train": {
			"d = dataset('mnist-mini', split='train')\nc = classifier('linear', d, seed=1)\ntrain(c, d, gaussian(sigma=0.5), epochs=100000, seed=1, test=d[:0])",
			"",
		},
		"compile": {
			"d = dataset('mnist-mini', split='train')\nc = classifier('lenet', d, seed=1)\ntrain(c, d, smoothmix(sigma=0.5, m=4, steps=300), epochs=2, seed=1)",
			"",
		},
		"certify": {
			"d = dataset('mnist-mini', split='train')\nc = classifier('linear', d, seed=1)\ncertify(c, dataset('mnist-mini'), sigma=0.5, plan=fixed(n=10000000))",
			"",
		},
		"walk": {
			"d = dataset('mnist-mini', split='train')\nc = classifier('lenet', d, seed=1)\nw = walk(c, d[:8], smoothmix(sigma=0.5), seed=1)\nw.search(20000)",
			"",
		},
		"walk steps": {
			"d = dataset('mnist-mini', split='train')\nc = classifier('linear', d, seed=1)\nw = walk(c, d[:8], smoothmix(sigma=0.5), seed=1)\nw.search(1000000000)",
			"the points of 1000000000 search steps take",
		},
		"train steps": {
			"d = dataset('mnist-mini', split='train')\nc = classifier('lenet', d, seed=1)\ntrain(c, d, smoothmix(sigma=0.5, steps=1000000000), epochs=2, seed=1)",
			"of memory, more than the",
		},
		"walk draws": {
			"d = dataset('mnist-mini', split='train')\nc = classifier('lenet', d, seed=1)\nw = walk(c, d[:8], smoothmix(sigma=0.5, m=20000), seed=1)\n" +
				"while True:\n    w.noise()\n    w.loss()\n    w.search(4)",
			"",
		},
	}
}

// One Ctrl-C ends a program at any point, and a line that would take too much memory is refused before.
func TestInterruptEnds(t *testing.T) {
	rows := "idx\tlabel\tpredict\tradius\tcorrect\ttime\n" + "0\t7\t7\t0.5\t1\t0:00:00.1\n1\t2\t2\t0.25\t1\t0:00:00.1\n"
	for name, c := range longRuns() {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "k.tsv"), []byte(rows), 0o600); err != nil {
				t.Fatal(err)
			}
			program := "print('begun')\n" + c.source + "\n"
			p := start(t, dir, program)
			if c.refused != "" {
				p.ends(t, settled)
				if !strings.Contains(p.err.String(), c.refused) || strings.Count(p.err.String(), "\nerror: ") > 1 {
					t.Errorf("ends with %s, want %q", p.err.String(), c.refused)
				}
				return
			}
			time.Sleep(2 * time.Second)
			p.cmd.Process.Signal(os.Interrupt)
			took := p.ends(t, settled)
			if code := p.cmd.ProcessState.ExitCode(); code != 130 ||
				!strings.Contains(p.err.String(), "interrupted: ") {
				t.Errorf("exit status %d, %s", code, p.err.String())
			}
			t.Logf("ended %v after the interrupt", took.Round(10*time.Millisecond))
		})
	}
}

// A second Ctrl-C, or a second SIGTERM, ends a program at once, even if the first cannot.
func TestSecondSignalEnds(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		p := start(
			t,
			t.TempDir(),
			"print('begun')\nd = dataset('mnist-mini', split='train')\nc = classifier('lenet', d, seed=1)\n"+
				"train(c, d, smoothmix(sigma=0.5, m=4), epochs=200, seed=1)\n",
		)
		time.Sleep(2 * time.Second)
		p.cmd.Process.Signal(signal)
		time.Sleep(50 * time.Millisecond)
		p.cmd.Process.Signal(signal)
		p.ends(t, settled)
		if p.cmd.ProcessState.Success() {
			t.Errorf("after two signals %v the program ends as if nothing had been", signal)
		}
	}
}

// process is a program in a separate process.
type process struct {
	cmd      *exec.Cmd
	out, err bytes.Buffer
	begun    chan struct{} // closed when it has printed something
	over     chan error
}

func start(t *testing.T, dir, source string) *process {
	t.Helper()
	path := filepath.Join(dir, "p.star")
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{
		cmd:   &exec.Cmd{Path: program, Args: []string{"smoothlab", "run", path}, Dir: dir},
		begun: make(chan struct{}),
		over:  make(chan error, 1),
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = &p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		first := make([]byte, 1)
		if n, _ := out.Read(first); n > 0 {
			close(p.begun)
		}
		p.out.ReadFrom(out)
		p.over <- p.cmd.Wait()
	}()
	t.Cleanup(func() { p.cmd.Process.Kill() })
	select {
	case <-p.begun:
	case <-time.After(time.Minute):
		t.Fatal("the program does not begin")
	}
	return p
}

// ends waits for the end and returns how long that took.
func (p *process) ends(t *testing.T, within time.Duration) time.Duration {
	t.Helper()
	begun := time.Now()
	select {
	case err := <-p.over:
		var exit *exec.ExitError
		if err == nil || !errors.As(err, &exit) {
			t.Errorf("the program ends with %v", err)
		}
		return time.Since(begun)
	case <-time.After(within):
		p.cmd.Process.Kill()
		<-p.over
		t.Fatalf("the program is still there after %v: %s", within, p.err.String())
		return within
	}
}
