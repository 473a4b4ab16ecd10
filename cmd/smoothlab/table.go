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
	Rows   []string  `help:"Rows of it, separated by commas; all without: ${rows}." placeholder:"NAMES"`
	Sigmas []float64 `help:"Noise levels (0.5,0.25,1)." placeholder:"NUMBERS"`
	Seeds  []uint64  `help:"Seeds of weights, order, noise and votes (1)." placeholder:"NUMBERS"`
	Out    string    `help:"Directory for checkpoints, logs and cards (table-TABLE)." placeholder:"DIRECTORY"`
	Part   string    `help:"Part of the classifiers that this task of a job array makes, as in 3/30." placeholder:"N/OF"`
	Show   bool      `help:"Show what is finished next to the authors' runs, and make nothing."`

	Publish string `help:"Copy finished rows, with logs and the weights to be stored, there." placeholder:"DIRECTORY"`

	Epochs     int     `help:"Epochs of every row, in place of the row's own."`
	Schedule   string  `help:"Schedule of the learning rate, in place of cosine."`
	LR         float64 `help:"Largest learning rate, in place of the row's own." name:"lr"`
	Batch      int     `help:"Images of a batch."`
	Data       string  `help:"Data set in place of the table's, of the same shape, such as mnist-mini." placeholder:"NAME"`
	Train      int     `help:"Train on the first N images only."`
	Validation int     `help:"Leave the last N training images out, and certify these in place of test images."`
	Every      int     `help:"Certify each image whose index this divides." default:"20"`
	N0         int     `help:"Votes that choose the class." name:"n0" default:"100"`
	N          int     `help:"Votes that bound its probability." name:"n" default:"10000"`
	Alpha      float64 `help:"Failure probability of a certificate." default:"0.001"`
}

// Run makes what is missing of the table and shows it.
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
				return engine.Open(ctx, engine.Options{Progress: t.console.download})
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

// plan is the whole table with what the flags choose and set.
func (c *tableCommand) plan() (papertable.Plan, error) {
	plan, err := papertable.DefaultPlan(c.Table)
	if err != nil {
		return plan, err
	}
	if len(c.Rows) > 0 {
		var chosen []papertable.Row
		for _, name := range c.Rows {
			row, err := papertable.FindRow(plan.Rows, name)
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
	plan.Data, plan.Train, plan.Validation = c.Data, c.Train, c.Validation
	plan.Epochs, plan.LR, plan.Batch, plan.Schedule = c.Epochs, c.LR, c.Batch, c.Schedule
	_, err = plan.Tasks()
	return plan, err
}
