package papertable

import (
	"errors"
	"fmt"
	"slices"

	"smoothlab/certify"
	"smoothlab/certify/softlabel"
	"smoothlab/train"
	"smoothlab/zoo"
)

// Plan is everything that is fixed before a table is made. Zero values of the fields after Votes mean the rows' own
// settings.
type Plan struct {
	Rows   []Row
	Sigmas []float64
	Seeds  []uint64
	Every  int // every Every-th original image is certified
	Votes  certify.Plan

	Data       string  // data set to use instead of the rows' own, with images of the same shape
	Train      int     // number of training images to use, from the first on
	Validation int     // the last training images, certified in place of test images
	Epochs     int     // epochs of every row
	LR         float64 // largest learning rate of every row
	Batch      int     // images per batch
	Schedule   string  // schedule of the learning rate
	SoftVotes  int     // votes per training image, for rows that train on soft labels
}

// DefaultPlan returns the plan of the whole table: seed 1, every 20th test image, N0=100, N=10,000 and alpha=0.001.
func DefaultPlan(dataset string) (Plan, error) {
	rows, err := Rows(dataset)
	return Plan{
		Rows:      rows,
		Sigmas:    Sigmas(),
		Seeds:     []uint64{1},
		Every:     20,
		Votes:     certify.Fixed(100, 10_000, 0.001),
		SoftVotes: 1000,
	}, err
}

// Task is one classifier of a table.
type Task struct {
	Row
	Sigma  float64
	Seed   uint64
	Recipe train.Recipe
}

// String formats the task, for instance "smoothmix at sigma 0.5, seed 1".
func (t Task) String() string { return fmt.Sprintf("%s at sigma %g, seed %d", t.Name, t.Sigma, t.Seed) }

// path returns the path of the task's files below the directory of a table, without an ending.
func (t Task) path() string { return zoo.Path(t.Dataset, t.Sigma, t.Name, t.Seed) }

// Tasks returns the classifiers of the plan in the order in which they are made: all rows of a noise level, then the
// next. It returns an error if the plan is invalid.
func (p Plan) Tasks() ([]Task, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	var tasks []Task
	for _, seed := range p.Seeds {
		for _, sigma := range p.Sigmas {
			for _, row := range p.Rows {
				recipe, err := row.Recipe(sigma)
				if err != nil {
					return nil, err
				}
				t := Task{row, sigma, seed, p.retimed(row, recipe, seed)}
				if err := t.Recipe.Settings.Check(t.Recipe.Method, t.Recipe.Settings.Batch); err != nil {
					return nil, fmt.Errorf("%s: %w", t, err)
				}
				tasks = append(tasks, t)
			}
		}
	}
	return tasks, nil
}

// retimed returns the training of a row: the authors' method, annealed, with the plan's settings.
func (p Plan) retimed(row Row, recipe train.Recipe, seed uint64) train.Recipe {
	epochs := row.Epochs
	if p.Epochs > 0 {
		epochs = p.Epochs
	}
	recipe = recipe.Annealed(epochs)
	s := &recipe.Settings
	if row.Steps {
		s.Schedule = train.Steps
	}
	s.Seed = seed
	if p.Schedule != "" {
		s.Schedule = p.Schedule
	}
	if p.LR != 0 {
		s.LR = p.LR
	}
	if p.Batch != 0 {
		s.Batch = p.Batch
	}
	return recipe
}

func (p Plan) check() error {
	switch {
	case len(p.Rows) == 0 || len(p.Sigmas) == 0 || len(p.Seeds) == 0:
		return errors.New("a table needs at least one row, one sigma and one seed")
	case p.Every < 1:
		return fmt.Errorf("every must be at least 1, got %d", p.Every)
	case p.Train < 0 || p.Validation < 0 || p.Epochs < 0 || p.Batch < 0:
		return fmt.Errorf(
			"numbers of images and epochs must be at least 0, got %d, %d, %d and %d",
			p.Train,
			p.Validation,
			p.Epochs,
			p.Batch,
		)
	}
	if p.SoftVotes < 1 || p.SoftVotes > softlabel.MaxVotes {
		return fmt.Errorf("soft labels take 1 to %d votes per image, got %d", softlabel.MaxVotes, p.SoftVotes)
	}
	for i, row := range p.Rows {
		if slices.ContainsFunc(p.Rows[:i], func(r Row) bool { return r.Name == row.Name }) {
			return fmt.Errorf("row %s is given twice", row.Name)
		}
	}
	for i, sigma := range p.Sigmas {
		if slices.Contains(p.Sigmas[:i], sigma) {
			return fmt.Errorf("sigma %g is given twice", sigma)
		}
	}
	for i, seed := range p.Seeds {
		if slices.Contains(p.Seeds[:i], seed) {
			return fmt.Errorf("seed %d is given twice", seed)
		}
	}
	return p.Votes.Check()
}
