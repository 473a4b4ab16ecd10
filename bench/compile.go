package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"smoothlab/baseline"
	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/engine"
	"smoothlab/internal/texttable"
	"smoothlab/method"
	"smoothlab/noise"
	"smoothlab/smoothing"
	"smoothlab/smoothmix"
	"smoothlab/train"
)

// compiling holds how long the programs of one network take to compile, in seconds.
type compiling struct {
	Name   string             `json:"name"`
	Params int                `json:"parameters"`
	Took   map[string]float64 `json:"seconds"`      // by program
	Kept   map[string]float64 `json:"kept_seconds"` // by program, in a second session, which finds it compiled on disk
}

// compiled lists the programs compiled for each network, in the order of the table.
var compiled = [...]string{"votes", "gaussian step", "smoothmix step"}

// compileTwice measures every listed network whose name contains a text, in two sessions: the second one finds the
// programs of the first on disk.
func compileTwice(ctx context.Context, only string, notes io.Writer) ([]compiling, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var sessions [2][]compiling
	for i := range sessions {
		e, err := engine.Open(ctx, engine.Options{Programs: dir})
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(notes, "session %d: %s · %d processors · %s\n", i+1, e, runtime.NumCPU(), runtime.Version())
		sessions[i], err = (&ourSide{engine: e}).compileAll(ctx, only, notes)
		e.Close()
		if err != nil {
			return sessions[0], err
		}
	}
	for i := range sessions[0] {
		sessions[0][i].Kept = sessions[1][i].Took
	}
	return sessions[0], nil
}

// compileAll measures the networks in one session. It times a first call minus a second one, with few images: their
// number makes no difference to the compiler.
func (s *ourSide) compileAll(ctx context.Context, only string, notes io.Writer) ([]compiling, error) {
	var all []compiling
	for _, a := range classifier.Architectures() {
		if !strings.Contains(a.Name, only) {
			continue
		}
		c := compiling{Name: a.Name, Params: a.Trainable(), Took: map[string]float64{}}
		two := smoothmix.New()
		two.M, two.Steps = 2, 4
		for i, first := range []func() (time.Duration, error){
			func() (time.Duration, error) { return s.firstVote(ctx, a) },
			func() (time.Duration, error) { return s.firstStep(ctx, a.Name, baseline.NewGaussian()) },
			func() (time.Duration, error) { return s.firstStep(ctx, a.Name, two) },
		} {
			took, err := first()
			if err != nil {
				return all, fmt.Errorf("%s, %s: %w", a.Name, compiled[i], err)
			}
			c.Took[compiled[i]] = took.Seconds()
			fmt.Fprintf(notes, "%s, %s: %.2f s\n", a.Name, compiled[i], took.Seconds())
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no classifier has %q in its name", only)
	}
	return all, nil
}

// firstVote returns how much longer the first batch of four votes takes than the second.
func (s *ourSide) firstVote(ctx context.Context, a *classifier.Architecture) (time.Duration, error) {
	const few = 4
	c, d, err := s.network(a.Name, few)
	if err != nil {
		return 0, err
	}
	v, err := votes.New(s.engine, c, d, smoothing.Gaussian{Sigma: 0.5}, 1, few)
	if err != nil {
		return 0, err
	}
	defer v.Close()
	var took [2]time.Duration
	for i := range took {
		began := time.Now()
		if err := v.VoteAll(ctx, noise.Bound, []certify.Request{{N: few, Counts: make([]int, a.Classes)}}); err != nil {
			return 0, err
		}
		took[i] = time.Since(began)
	}
	return took[0] - took[1], nil
}

// firstStep returns how much longer the first optimizer step, of eight noisy images, takes than the second.
func (s *ourSide) firstStep(ctx context.Context, arch string, m method.Method) (time.Duration, error) {
	const batch = 8
	c, d, err := s.network(arch, 4*batch)
	if err != nil {
		return 0, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	settings := train.DefaultSettings()
	settings.Batch = batch
	began := time.Now()
	var took [2]time.Duration
	done := false
	_, err = train.Train(ctx, train.Job{Engine: s.engine, Start: c, Data: d, Method: m, Settings: settings,
		Progress: func(p train.Progress, _ train.Control) {
			if p.Update < 1 || p.Update > 2 {
				return
			}
			took[p.Update-1], began = time.Since(began), time.Now()
			if p.Update == 2 {
				done = true
				stop()
			}
		}})
	if done {
		return took[0] - took[1], nil
	}
	return 0, err
}

func compileTable(all []compiling) string {
	head := []string{"classifier", "parameters"}
	for _, name := range compiled {
		head = append(head, name+", s", "kept")
	}
	rows := [][]string{head}
	for _, c := range all {
		row := []string{c.Name, strconv.Itoa(c.Params)}
		for _, name := range compiled {
			kept := "–"
			if took, measured := c.Kept[name]; measured {
				kept = fmt.Sprintf("%.2f", took)
			}
			row = append(row, fmt.Sprintf("%.2f", c.Took[name]), kept)
		}
		rows = append(rows, row)
	}
	return texttable.New(rows, 1).Text(rows)
}
