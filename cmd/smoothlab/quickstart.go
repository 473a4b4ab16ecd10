package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"smoothlab/certify"
	"smoothlab/engine"
	"smoothlab/quickstart"
	"smoothlab/smoothing"
)

// quickstartCommand holds the flags of smoothlab quickstart. The plan sets flags that are left out.
type quickstartCommand struct {
	Plan   string   `default:"${plan}" help:"Plan to run: ${plans}." placeholder:"NAME"`
	Out    string   `help:"Directory for checkpoints, logs, plot and table (quickstart-PLAN)." placeholder:"DIRECTORY"`
	Data   *string  `help:"Data set: ${datasets}." placeholder:"NAME"`
	Net    *string  `help:"Classifier: ${classifiers}." placeholder:"NAME" name:"classifier"`
	Sigma  *float64 `help:"Standard deviation of the noise, in [0,1] pixel units."`
	Epochs *int     `help:"Epochs of each row."`
	Shared *int     `help:"Epochs of Gaussian training that all rows start from."`
	Batch  *int     `help:"Images per batch."`
	LR     *float64 `help:"First learning rate." name:"lr"`
	M      *int     `help:"Noise samples per image of SmoothMix; each batch is split into m optimizer steps." name:"m"`
	Steps  *int     `help:"Steps of SmoothMix's search."`
	Step   *float64 `help:"Length of a search step (the paper's alpha), in pixel units." name:"step-length"`
	Eta    *float64 `help:"Weight of the mixture's loss."`
	Every  *int     `help:"Certify every n-th test image." placeholder:"N"`
	N0     *int     `help:"Votes that select the class." name:"n0"`
	N      *int     `help:"Votes that bound its probability." name:"n"`
	Alpha  *float64 `help:"Failure probability per certificate."`
	Seed   *uint64  `help:"Seed for weights, order, noise and votes."`
	Beside []string `help:"Published log to include in the table, as NAME=FILE; assumed to have the plan's N and alpha." placeholder:"NAME=FILE" sep:"none"`
}

// Run runs the plan and prints the table.
func (q *quickstartCommand) Run(ctx context.Context, t *terminal) error {
	ctx, stop := t.interruptible(ctx)
	defer stop()
	c := t.console
	began := time.Now()
	plan, err := q.plan()
	if err != nil {
		return err
	}
	if err := plan.Check(); err != nil {
		return err
	}
	others, err := q.published(plan)
	if err != nil {
		return err
	}
	dir := q.Out
	if dir == "" {
		dir = "quickstart-" + q.Plan
	}
	c.Say(strings.TrimSuffix(plan.String(), "\n"))
	r, err := quickstart.Run(ctx, quickstart.Job{Plan: plan, Dir: dir, Published: others, Console: c,
		Open: func(ctx context.Context) (*engine.Engine, error) {
			return engine.Open(ctx, engine.Options{Programs: engine.ProgramsDir(), Progress: c.download})
		}})
	if err != nil {
		return err
	}
	c.Say("\n" + r.Table)
	for _, d := range r.Differences {
		c.Say(d)
	}
	c.Say("One run of each: this compares these classifiers, not yet the methods.\n")
	c.Say(
		fmt.Sprintf(
			"checkpoints, logs, %s in %s · %s in all",
			names(r.Files),
			dir,
			time.Since(began).Round(time.Second),
		),
	)
	c.Say(nextCommands(q.Plan, dir))
	return nil
}

// plan returns the named plan changed by the given flags.
func (q *quickstartCommand) plan() (quickstart.Plan, error) {
	p, err := quickstart.FindPlan(q.Plan)
	if err != nil {
		return p, err
	}
	set(&p.Data, q.Data)
	set(&p.Classifier, q.Net)
	set(&p.Sigma, q.Sigma)
	set(&p.Epochs, q.Epochs)
	set(&p.Shared, q.Shared)
	set(&p.Batch, q.Batch)
	set(&p.LR, q.LR)
	set(&p.Mix.M, q.M)
	set(&p.Mix.Steps, q.Steps)
	set(&p.Mix.Alpha, q.Step)
	set(&p.Mix.Eta, q.Eta)
	set(&p.Every, q.Every)
	set(&p.Votes.N0, q.N0)
	set(&p.Votes.N, q.N)
	set(&p.Votes.Alpha, q.Alpha)
	set(&p.Seed, q.Seed)
	return p, nil
}

func set[T any](field *T, flag *T) {
	if flag != nil {
		*field = *flag
	}
}

// published reads the published logs, reduced to the images that the plan certifies.
func (q *quickstartCommand) published(p quickstart.Plan) ([]certify.Entry, error) {
	var entries []certify.Entry
	for _, arg := range q.Beside {
		name, file, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("--beside takes NAME=FILE, got %q", arg)
		}
		k, err := certify.ReadLog(file, smoothing.Gaussian{Sigma: p.Sigma}, p.Votes)
		if err != nil {
			return nil, err
		}
		if k.Unfinished() {
			return nil, fmt.Errorf("%s is unfinished: finish that certification first", file)
		}
		entries = append(entries, certify.Entry{Name: name, Certificates: k})
	}
	return entries, nil
}

func names(files []string) string {
	var n []string
	for _, f := range files {
		n = append(n, filepath.Base(f))
	}
	return strings.Join(n, ", ")
}

// nextCommands returns three commands to try next.
func nextCommands(plan, dir string) string {
	next := "half-hour"
	if plan == next {
		next = "minute"
	}
	return fmt.Sprintf(`
what to try next:
  %[1]s quickstart --plan %[2]s   the same comparison at another budget
  %[1]s quickstart --plan %[3]s --sigma 0.5 --out %[4]s-0.5   less noise: smaller radii, higher accuracy
  go doc smoothlab/train   train and certify from Go`, program(), next, plan, dir)
}

// program returns how to run this program: its name if the shell finds it, else a command that works in this directory.
func program() string {
	if _, err := exec.LookPath("smoothlab"); err == nil {
		return "smoothlab"
	}
	if _, err := os.Stat(filepath.Join("cmd", "smoothlab")); err == nil {
		return "go run ./cmd/smoothlab"
	}
	return os.Args[0]
}
