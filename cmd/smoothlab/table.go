package main

import (
	"context"
	"fmt"

	"smoothlab/certify"
	"smoothlab/engine"
	"smoothlab/papertable"
	"smoothlab/zoo"
)

// tableCommand holds the flags of smoothlab table.
type tableCommand struct {
	Table  string    `arg:"" optional:"" default:"mnist" help:"The table: ${tables}."`
	Rows   []string  `help:"Rows, separated by commas; default all of the paper: ${rows}." placeholder:"NAMES"`
	Sigmas []float64 `help:"Noise levels (0.5,0.25,1)." placeholder:"NUMBERS"`
	Seeds  []uint64  `help:"Seeds for weights, order, noise and votes (1)." placeholder:"NUMBERS"`
	Out    string    `help:"Directory for checkpoints, logs and cards (table-TABLE)." placeholder:"DIRECTORY"`
	Part   string    `help:"Part of the classifiers to make in this task of a job array, such as 3/30." placeholder:"N/OF"`
	Show   bool      `help:"Only show the finished rows next to the authors' runs."`

	Publish string `help:"Directory to copy finished rows to, with logs and the weights to store." placeholder:"DIRECTORY"`

	Epochs     int     `help:"Epochs of every row, instead of the row's own."`
	Schedule   string  `help:"Learning-rate schedule, instead of cosine."`
	LR         float64 `help:"Largest learning rate, instead of the row's own." name:"lr"`
	Batch      int     `help:"Images per batch."`
	Data       string  `help:"Data set to use instead of the table's, with the same shape, such as mnist-mini." placeholder:"NAME"`
	Train      int     `help:"Train on the first N images only."`
	Validation int     `help:"Exclude the last N training images from training, and certify them instead of test images."`
	SoftVotes  int     `help:"Votes per training image, for rows that train on soft labels." default:"1000"`
	Every      int     `help:"Certify every n-th image." default:"20"`
	N0         int     `help:"Votes that select the class." name:"n0" default:"100"`
	N          int     `help:"Votes that bound its probability." name:"n" default:"10000"`
	Alpha      float64 `help:"Failure probability per certificate." default:"0.001"`
}

// Run makes the missing rows of the table and shows it.
func (c *tableCommand) Run(ctx context.Context, t *terminal) error {
	ctx, stop := t.interruptible(ctx)
	defer stop()
	plan, err := c.plan()
	if err != nil {
		return err
	}
	part, err := certify.ParseShard(c.Part)
	if err != nil {
		return err
	}
	out := c.Out
	if out == "" {
		out = "table-" + c.Table
	}
	var failed error
	if !c.Show {
		_, failed = papertable.Make(ctx, papertable.Job{Plan: plan, Dir: out, Part: part, Console: t.console,
			Open: func(ctx context.Context) (*engine.Engine, error) {
				return engine.Open(ctx, engine.Options{Programs: engine.ProgramsDir(), Progress: t.console.download})
			}})
		if ctx.Err() != nil {
			return fmt.Errorf("%w; the same command resumes", failed)
		}
	}
	if failed != nil {
		return failed
	}
	if c.Publish != "" {
		copied, err := papertable.Publish(out, c.Publish)
		for _, name := range copied {
			t.console.Say(name + " → " + c.Publish)
		}
		if err != nil {
			return err
		}
	}
	return c.show(t, plan, out)
}

// show prints the rows at each noise level next to the authors' runs, and the tests of the paper's claims.
func (c *tableCommand) show(t *terminal, plan papertable.Plan, dir string) error {
	z, err := zoo.Dir(dir)
	if err != nil {
		return err
	}
	for _, sigma := range plan.Sigmas {
		standings, err := papertable.Compare(z, c.Table, sigma)
		if err != nil {
			return err
		}
		t.console.Say(papertable.Grid(standings).Text())
		claims, err := papertable.Claims(standings)
		if err != nil {
			return err
		}
		for _, claim := range claims {
			t.console.Say(claim.String())
		}
		t.console.Say("")
	}
	return nil
}

// plan returns the table with the rows and settings chosen by the flags.
func (c *tableCommand) plan() (papertable.Plan, error) {
	plan, err := papertable.DefaultPlan(c.Table)
	if err != nil {
		return plan, err
	}
	if len(c.Rows) > 0 {
		var chosen []papertable.Row
		for _, name := range c.Rows {
			row, err := papertable.FindRow(append(plan.Rows, papertable.LaterRows(c.Table)...), name)
			if err != nil {
				return plan, err
			}
			chosen = append(chosen, row)
		}
		plan.Rows = chosen
	}
	if len(c.Sigmas) > 0 {
		plan.Sigmas = c.Sigmas
	}
	if len(c.Seeds) > 0 {
		plan.Seeds = c.Seeds
	}
	plan.Every, plan.Votes = c.Every, certify.Fixed(c.N0, c.N, c.Alpha)
	plan.SoftVotes = c.SoftVotes
	plan.Data, plan.Train, plan.Validation = c.Data, c.Train, c.Validation
	plan.Epochs, plan.LR, plan.Batch, plan.Schedule = c.Epochs, c.LR, c.Batch, c.Schedule
	_, err = plan.Tasks()
	return plan, err
}
