package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"

	"smoothlab/classifier/onnxruntime"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/doctor"
	"smoothlab/internal/pjrt"
	"smoothlab/internal/selfcheck"
	"smoothlab/kernel"
)

// doctorCommand holds the flags of smoothlab doctor.
type doctorCommand struct {
	Fix   bool          `help:"Install what is not there yet: XLA's plugin, and the kernel SmoothLab in Jupyter."`
	Check bool          `help:"Also compute: repeat smoothlab's computations on a busy processor and compare the results. Takes about a minute, longer for all methods."`
	For   time.Duration `default:"1m" help:"Duration of --check; from 5m on it covers all methods, the walk, attacks and ResNet-20." placeholder:"TIME"`
}

// Run prints the report. It fails if something is missing or a result is wrong.
func (d doctorCommand) Run(ctx context.Context, t *terminal) error {
	ctx, stop := t.interruptible(ctx)
	defer stop()
	c := t.console
	var unfixed error
	if d.Fix {
		unfixed = t.fix(ctx)
	}
	report := doctor.Examine(
		ctx,
		pjrt.Options{Programs: pjrt.ProgramsDir()},
		append(directories(), kernelLine(), onnxRuntimeLine())...)
	c.Say(strings.TrimSuffix(report.String(), "\n"))
	if d.Check {
		if err := d.check(ctx, c); err != nil {
			return err
		}
	}
	if unfixed != nil {
		return unfixed
	}
	if !report.Complete() {
		return errors.New("something is missing: see above")
	}
	return nil
}

// fix installs the plugin and the kernel where they are not there yet. If one fails, it still tries the other.
func (t *terminal) fix(ctx context.Context) error {
	_, err := pjrt.Ensure(ctx, pjrt.Options{Progress: t.console.download})
	t.console.EndProgress()
	if err != nil {
		err = fmt.Errorf("the plugin cannot be installed: %w", err)
	}
	if line := kernelLine(); !line.Later && line.Fix == "" {
		return err
	}
	return errors.Join(err, (&installCommand{}).Run(ctx, t))
}

// kernelLine reports whether the kernel is installed in Jupyter for this user, and whether its program is there.
func kernelLine() doctor.Line {
	line := doctor.Line{Topic: "kernel"}
	data, err := place{}.dir()
	if err != nil {
		line.Fix = err.Error()
		return line
	}
	program, err := kernel.Installed(data)
	switch {
	case errors.Is(err, kernel.ErrNotInstalled):
		line.Found, line.Later = "not in Jupyter yet; smoothlab install puts it there", true
	case err != nil:
		line.Fix = fmt.Sprintf("%v: smoothlab install writes it anew", err)
	default:
		line.Found = "SmoothLab in Jupyter runs " + program
		if _, err := os.Stat(program); err != nil {
			line.Fix = "the kernel's program " + program + " is not there: smoothlab install names this one"
		}
	}
	return line
}

// onnxRuntimeLine describes ONNX Runtime's library, which is optional: its absence is not a fault.
func onnxRuntimeLine() doctor.Line {
	line := doctor.Line{Topic: "onnxruntime"}
	path, from, err := onnxruntime.Find()
	switch {
	case errors.Is(err, onnxruntime.ErrNotInstalled):
		line.Found = `not there; the first certify(…, engine="onnxruntime") downloads it (28 MB)`
	case err != nil:
		line.Found, line.Fix = "none", err.Error()
	default:
		line.Found = fmt.Sprintf("%s (%s)", path, from)
	}
	return line
}

// check computes with the plugin in use and prints the results.
func (d doctorCommand) check(ctx context.Context, c *console) error {
	choose := selfcheck.Quick
	if d.For >= 5*time.Minute {
		choose = selfcheck.All
	}
	cases, err := choose(ctx)
	if err != nil {
		return err
	}
	e, err := engine.Open(ctx, engine.Options{Programs: engine.ProgramsDir(), Progress: c.download})
	if err != nil {
		return err
	}
	defer e.Close()
	c.Say(fmt.Sprintf("\ncomputing with %v, next to %d busy loops:", e, 2*runtime.NumCPU()))
	r, err := selfcheck.Check(
		ctx,
		e,
		cases,
		selfcheck.Options{Duration: d.For, Loops: 2 * runtime.NumCPU(), Progress: func(what string) { c.Say(what) }},
	)
	if err != nil {
		return err
	}
	c.Say(r.String())
	if wrong, runs := r.Wrong(); wrong > 0 {
		return fmt.Errorf("%d of %d results are wrong", wrong, runs)
	}
	return nil
}

// directories reports where data sets are searched and what was found.
func directories() []doctor.Line {
	var lines []doctor.Line
	for _, f := range dataset.Dirs(dataset.Options{}) {
		line := doctor.Line{Topic: "data", Found: fmt.Sprintf("%s (%s)", f.Path, f.From)}
		switch {
		case errors.Is(f.Err, fs.ErrNotExist) && f.From != "SMOOTHLAB_DATA":
			line.Found += ": does not exist yet; downloads will go there"
		case f.Err != nil:
			line.Fix = f.Err.Error()
		}
		for _, found := range f.Found {
			line.Found += fmt.Sprintf("; %s %s", found.Name, found.Split)
			if !found.Complete() {
				line.Found += " (one file missing)"
			}
		}
		lines = append(lines, line)
	}
	return append(lines, doctor.Line{Topic: "data", Found: "mnist-mini is embedded and needs no file"})
}
