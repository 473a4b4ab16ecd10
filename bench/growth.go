package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"smoothlab/engine"
	"smoothlab/internal/atomicfile"
)

// point is one measured point of a curve; times are in seconds per unit, medians over rounds.
type point struct {
	Curve   string  `json:"curve"`
	X       int     `json:"x"`
	Axis    string  `json:"axis"`
	Unit    string  `json:"unit"`
	Cores   int     `json:"cores"`
	Seconds float64 `json:"seconds"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	CPU     float64 `json:"cpu_seconds"`
	Memory  int64   `json:"peak_bytes"` // resident, of the whole process
	Rounds  int     `json:"rounds"`
}

// grow measures every curve whose name contains a text, each point in a process of its own, and writes growth.json and
// a figure for each curve to a directory.
func grow(ctx context.Context, o options, out, notes io.Writer) error {
	chosen := slices.DeleteFunc(curves(), func(c curve) bool { return !strings.Contains(c.name, o.Only) })
	if len(chosen) == 0 {
		return fmt.Errorf("no curve has %q in its name", o.Only)
	}
	var all []point
	for _, c := range chosen {
		for _, x := range c.values {
			if c.cores && x > runtime.NumCPU() {
				continue
			}
			p, err := inProcess(ctx, c, x, o.Rounds)
			if err != nil {
				return fmt.Errorf("%s at %d: %w", c.name, x, err)
			}
			fmt.Fprintf(notes, "%s at %d: %.3g ms per %s, %d MB\n", c.name, x, 1000*p.Seconds, p.Unit, p.Memory/1_000_000)
			all = append(all, p)
		}
	}
	if err := write(o.Growth, all); err != nil {
		return err
	}
	fmt.Fprint(out, growthTable(all))
	return nil
}

// inProcess measures a point in a new process, with as many cores as the curve asks for.
func inProcess(ctx context.Context, c curve, x, rounds int) (point, error) {
	self, err := os.Executable()
	if err != nil {
		return point{}, err
	}
	cores := runtime.NumCPU()
	if c.cores {
		cores = x
	}
	var output strings.Builder
	cmd := exec.CommandContext(ctx, self, "--point", c.name+"="+strconv.Itoa(x), "--rounds", strconv.Itoa(rounds))
	cmd.Stdout, cmd.Stderr = &output, os.Stderr
	if err := startOn(cmd, cores); err != nil {
		return point{}, err
	}
	if err := cmd.Wait(); err != nil {
		return point{}, errors.Join(ctx.Err(), err)
	}
	var p point
	if err := json.Unmarshal([]byte(output.String()), &p); err != nil {
		return point{}, fmt.Errorf("the process answers %q: %w", output.String(), err)
	}
	p.Cores = cores
	if used, known := cmd.ProcessState.SysUsage().(*syscall.Rusage); known {
		p.Memory = used.Maxrss * 1024 // Linux counts kilobytes
	}
	return p, nil
}

// measurePoint measures one point, such as "votes_n=1000", in this process, and prints it as JSON.
func measurePoint(ctx context.Context, o options, out io.Writer) error {
	name, value, _ := strings.Cut(o.Point, "=")
	x, err := strconv.Atoi(value)
	all := curves()
	at := slices.IndexFunc(all, func(c curve) bool { return c.name == name })
	if err != nil || at < 0 {
		return fmt.Errorf("--point wants a curve and a number, such as votes_n=1000; got %q", o.Point)
	}
	c := all[at]
	e, err := engine.Open(ctx, engine.Options{})
	if err != nil {
		return err
	}
	defer e.Close()
	s := &ourSide{engine: e}
	var took []perUnit
	for round := range o.Rounds + 1 {
		t, units, err := c.run(ctx, s, x)
		if err != nil {
			return err
		}
		if round > 0 { // the first one compiles
			took = append(took, t.per(units))
		}
	}
	return json.NewEncoder(out).Encode(point{
		Curve:   c.name,
		X:       x,
		Axis:    c.axis,
		Unit:    c.unit,
		Seconds: median(walls(took)),
		Low:     slices.Min(walls(took)),
		High:    slices.Max(walls(took)),
		CPU:     median(cpus(took)),
		Rounds:  o.Rounds,
	})
}

// write writes the points as JSON lines, and the figures, to a directory.
func write(dir string, all []point) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var lines strings.Builder
	if err := jsonLines(&lines, all); err != nil {
		return err
	}
	failed := []error{atomicfile.Write(filepath.Join(dir, "growth.json"), []byte(lines.String()))}
	for _, name := range curveNames(all) {
		svg, err := growthFigure(name, all)
		if err == nil {
			err = atomicfile.Write(filepath.Join(dir, name+".svg"), svg)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}
