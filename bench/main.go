package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/alecthomas/kong"

	"smoothlab/engine"
)

// options are the command-line flags.
type options struct {
	Only    string `help:"Only works with this text in their name."`
	Rounds  int    `default:"5" help:"Number of times that both sides are timed."`
	JSON    bool   `help:"Print one JSON line per work instead of a table."`
	Python  string `placeholder:"FILE" help:"A Python with PyTorch, numpy and scipy, instead of a new virtual environment."`
	Compile bool   `help:"Measure how long this module's programs take to compile, and to load in a second session, for every classifier, instead of comparing."`
	Growth  string `placeholder:"DIR" help:"Measure how time and memory grow with N, images, batch, m, T and cores, and write growth.json and figures there."`
	Point   string `hidden:"" help:"Measure one point of a curve."`
	Golden  string `default:"smoothmix/testdata/golden" placeholder:"DIR" help:"The golden tensors that PyTorch's losses are compared with."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	kong.Parse(&o, kong.Name("bench"), kong.Description("Compares smoothlab with PyTorch on this machine."))
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out, notes io.Writer) error {
	if o.Rounds < 1 {
		return fmt.Errorf("--rounds must be at least 1, got %d", o.Rounds)
	}
	switch {
	case o.Point != "":
		return measurePoint(ctx, o, out)
	case o.Growth != "":
		return grow(ctx, o, out, notes)
	case o.Compile:
		return compileOnly(ctx, o, out, notes)
	}
	return compareSides(ctx, o, out, notes)
}

// compareSides times the works on both sides and prints the results.
func compareSides(ctx context.Context, o options, out, notes io.Writer) error {
	eng, err := engine.Open(ctx, engine.Options{})
	if err != nil {
		return err
	}
	defer eng.Close()
	ours := &ourSide{engine: eng}
	all := worksOn(eng.Device())
	chosen := only(all, o.Only)
	if len(chosen) == 0 {
		return fmt.Errorf("no work has %q in its name; known: %s", o.Only, strings.Join(names(all), ", "))
	}
	py, err := startTorch(ctx, o.Python, eng.Device(), notes)
	if err != nil {
		return err
	}
	defer py.close()
	if err := py.check(ctx, o.Golden, notes); err != nil {
		return err
	}
	anchors := anchorsOn(eng.Device())
	if err := py.checkEngines(ctx, chosen, anchors[1:], notes); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ours.onnx = exportCNN(ctx, py, dir, notes)
	facts, err := py.facts(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(notes, "%s · %s · %d processors · %s\n", eng, facts, runtime.NumCPU(), runtime.Version())
	rate, err := ours.productRate(ctx)
	if err != nil {
		return err
	}
	results, err := compare(ctx, chosen, ours, py, anchors, o.Rounds, notes)
	if err == nil {
		err = ours.shares(ctx, chosen, results, rate, notes)
	}
	switch {
	case o.JSON:
		if err := jsonLines(out, results); err != nil {
			return err
		}
	case len(results) > 0:
		fmt.Fprint(out, table(results, anchors))
	}
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted; the results above are complete")
	}
	return err
}

// exportCNN writes bench.py's CNN as an ONNX file and returns its path, or "" if PyTorch cannot write it.
func exportCNN(ctx context.Context, py *torch, dir string, notes io.Writer) string {
	path := filepath.Join(dir, "cnn.onnx")
	if err := py.export(ctx, "votes_cnn", path); err != nil {
		fmt.Fprintf(notes, "votes_cnn: PyTorch cannot write the network: %v\n", err)
		return ""
	}
	return path
}

// compileOnly prints the table of compilation times.
func compileOnly(ctx context.Context, o options, out, notes io.Writer) error {
	all, err := compileTwice(ctx, o.Only, notes)
	switch {
	case errors.Is(err, context.Canceled):
		err = errors.New("interrupted; the results above are complete")
	case len(all) == 0:
		return err
	}
	if o.JSON {
		return errors.Join(jsonLines(out, all), err)
	}
	fmt.Fprint(out, compileTable(all))
	return err
}

func jsonLines[T any](out io.Writer, all []T) error {
	e := json.NewEncoder(out)
	for _, x := range all {
		if err := e.Encode(x); err != nil {
			return err
		}
	}
	return nil
}
