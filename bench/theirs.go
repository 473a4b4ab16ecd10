package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed torch/bench.py
var program string

//go:embed torch/requirements.txt
var requirements string

// tolerance is the allowed relative difference between PyTorch's losses and the golden tensors: single precision,
// summed in another order.
const tolerance = 1e-5

// logitsTolerance is the allowed difference between an engine's logits and PyTorch's, relative to the largest: engines
// fold batch normalization into weights and sum in other orders.
const logitsTolerance = 1e-3

// torch is the other side, a process that answers one request at a time.
type torch struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Scanner
}

// answer is the process's reply to a request.
type answer struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
	Worst   float64 `json:"worst"`
	Facts   string  `json:"facts"`
	Error   string  `json:"error"`
}

// refusal is an error that the process answers: it answers the next request, but cannot do this one.
type refusal string

func (r refusal) Error() string { return string(r) }

// startTorch starts the process with the given Python, or with the Python of an environment that it creates once, to
// compute on a device, cpu or cuda.
func startTorch(ctx context.Context, python, device string, notes io.Writer) (*torch, error) {
	if python == "" {
		var err error
		if python, err = environment(ctx, notes); err != nil {
			return nil, err
		}
	}
	t := &torch{cmd: exec.CommandContext(ctx, python, "-c", program, device)}
	t.cmd.Stderr = notes
	var err error
	if t.in, err = t.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := t.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	t.answers = bufio.NewScanner(out)
	if err := t.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", python, err)
	}
	return t, nil
}

// environment returns the Python of a virtual environment with the pinned packages, in the user's cache.
func environment(ctx context.Context, notes io.Writer) (python string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "smoothlab", "bench-torch")
	python, mark := filepath.Join(dir, "bin", "python"), filepath.Join(dir, "smoothlab-requirements.txt")
	if made, err := os.ReadFile(mark); err == nil && string(made) == requirements {
		return python, nil
	}
	fmt.Fprintf(notes, "making %s with PyTorch, ONNX Runtime and OpenVINO; this downloads some 3 GB, once\n", dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	list := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(list, []byte(requirements), 0o644); err != nil {
		return "", err
	}
	for _, command := range [][]string{
		{"python3", "-m", "venv", dir},
		{python, "-m", "pip", "install", "--quiet", "--requirement", list},
	} {
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Stdout, cmd.Stderr = notes, notes
		if err := cmd.Run(); err != nil {
			return "", fmt.Errorf("%v: %w; name a Python that has PyTorch with --python", command, err)
		}
	}
	return python, os.Rename(list, mark)
}

func (t *torch) ask(ctx context.Context, request map[string]any) (answer, error) {
	line, err := json.Marshal(request)
	if err != nil {
		return answer{}, err
	}
	if _, err := t.in.Write(append(line, '\n')); err != nil {
		return answer{}, t.died(ctx, err)
	}
	if !t.answers.Scan() {
		return answer{}, t.died(ctx, t.answers.Err())
	}
	var a answer
	if err := json.Unmarshal(t.answers.Bytes(), &a); err != nil {
		return answer{}, fmt.Errorf("PyTorch's side answers %q: %w", t.answers.Text(), err)
	}
	if a.Error != "" {
		return a, refusal(a.Error)
	}
	return a, nil
}

// died returns the error of a process that does not answer.
func (t *torch) died(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf(
		"PyTorch's side has ended (%w); does the Python have the packages of bench/torch/requirements.txt?",
		errors.Join(err, t.cmd.Wait()),
	)
}

func (t *torch) facts(ctx context.Context) (string, error) {
	a, err := t.ask(ctx, map[string]any{"do": "facts"})
	return a.Facts, err
}

// check compares PyTorch's losses with the golden tensors.
func (t *torch) check(ctx context.Context, dir string, notes io.Writer) error {
	for _, work := range []string{"gaussian", "smoothmix", "smoothmix_one_step", "smoothmix_maxnorm", "smoothadv"} {
		a, err := t.ask(ctx, map[string]any{"do": "check", "work": work, "dir": dir})
		if err != nil {
			return fmt.Errorf("comparing PyTorch's %s loss with the golden tensors: %w", work, err)
		}
		if !(a.Worst <= tolerance) {
			return fmt.Errorf(
				"PyTorch's %s loss differs from the golden tensors by %.1g, more than %.0g: the two sides do not do the same work",
				work,
				a.Worst,
				tolerance,
			)
		}
		fmt.Fprintf(notes, "%s: PyTorch's loss is within %.1g of the golden tensors\n", work, a.Worst)
	}
	return nil
}

// checkEngines compares the logits of each network in each engine with PyTorch's. An engine that is not there, or that
// does not run, is a note; one that computes something else is an error.
func (t *torch) checkEngines(ctx context.Context, works []work, anchors []anchor, notes io.Writer) error {
	for _, w := range works {
		if !strings.HasPrefix(w.name, "votes_") {
			continue
		}
		for _, by := range anchors {
			a, err := t.ask(ctx, map[string]any{"do": "logits", "work": w.name + by.suffix})
			var refused refusal
			switch {
			case errors.As(err, &refused):
				fmt.Fprintf(notes, "%s: %s does not work here: %v\n", w.name, by.name, err)
			case err != nil:
				return fmt.Errorf("comparing the logits of %s: %w", by.name, err)
			case !(a.Worst <= logitsTolerance):
				return fmt.Errorf(
					"%s: the logits of %s differ from PyTorch's by %.1g, more than %.0g: they are not the same network",
					w.name, by.name, a.Worst, logitsTolerance)
			default:
				fmt.Fprintf(notes, "%s: the logits of %s are within %.1g of PyTorch's\n", w.name, by.name, a.Worst)
			}
		}
	}
	return nil
}

// export writes the network of a work as an ONNX file.
func (t *torch) export(ctx context.Context, work, path string) error {
	_, err := t.ask(ctx, map[string]any{"do": "export", "work": work, "file": path})
	return err
}

func (t *torch) run(ctx context.Context, name string, n int) (cost, error) {
	a, err := t.ask(ctx, map[string]any{"do": "run", "work": name, "n": n})
	second := float64(time.Second)
	return cost{wall: time.Duration(a.Seconds * second), cpu: time.Duration(a.CPU * second)}, err
}

func (t *torch) close() {
	t.in.Close()
	_ = t.cmd.Wait() // every answer has been read
}
