package papertable

import (
	"context"
	"errors"
	"fmt"

	"smoothlab/certify"
	"smoothlab/certify/softlabel"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/humanize"
	"smoothlab/smoothing"
	"smoothlab/zoo"
)

// targetSigma is the noise level of the Gaussian classifier whose votes are the soft labels of every row that needs
// some, as the authors of CAT-RS have it.
const targetSigma = 0.25

// trainingImages describes the training images of a task, with their soft labels.
func (w *work) trainingImages(t Task, set *images) string {
	if !t.Recipe.Method.Traits().Targets {
		return set.train.String()
	}
	return fmt.Sprintf("%s, with soft labels of %s votes at sigma %g", set.train, humanize.Grouped(w.Plan.SoftVotes),
		targetSigma)
}

// trainOn returns the training images of a task. If its method needs soft labels, they are made first: a Gaussian
// classifier is trained, or loaded if the table has that row, and votes on them.
func (w *work) trainOn(ctx context.Context, t Task, set *images) (d *dataset.Dataset, err error) {
	if !t.Recipe.Method.Traits().Targets {
		return set.train, nil
	}
	of, err := w.gaussian(t)
	if err != nil {
		return nil, err
	}
	cost := w.cost(of, set)
	w.clock.all += cost.train
	c, err := w.trainFrom(ctx, of, set.train, set, &zoo.Card{}, cost)
	if err != nil {
		return nil, err
	}
	v, err := votes.New(w.engine, c, set.train, smoothing.Gaussian{Sigma: targetSigma}, t.Seed,
		softlabel.Chunk(votes.DefaultChunk, w.Plan.SoftVotes))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	out := w.file(of, fmt.Sprintf(".soft-labels-%d.tsv", w.Plan.SoftVotes))
	all := float64(set.train.Len()*w.Plan.SoftVotes) * secondsPerVote
	w.clock.all += all
	first := -1
	show := func(p softlabel.Progress) {
		if first < 0 {
			first = p.Done
		}
		w.progress("soft labels for "+t.String(), p.Done, p.Total, fmt.Sprintf("%.0f votes/s", p.Rate),
			all*float64(p.Done-first)/float64(p.Total))
	}
	labels, err := softlabel.Make(ctx, v, v.Images(), w.Plan.SoftVotes, certify.Shard{}, out, show)
	if err != nil {
		return nil, err
	}
	w.clock.done += all
	return labels.On(set.train)
}

// gaussian returns the task of the Gaussian row whose classifier votes for a task.
func (w *work) gaussian(t Task) (Task, error) {
	rows, err := Rows(t.Dataset)
	if err != nil {
		return Task{}, err
	}
	row, err := FindRow(rows, "gaussian")
	if err != nil {
		return Task{}, err
	}
	recipe, err := row.Recipe(targetSigma)
	if err != nil {
		return Task{}, err
	}
	return Task{row, targetSigma, t.Seed, w.Plan.retimed(row, recipe, t.Seed)}, nil
}

// train trains a task's classifier, or loads it.
func (w *work) train(
	ctx context.Context,
	t Task,
	set *images,
	card *zoo.Card,
	cost cost,
) (*classifier.Classifier, error) {
	d, err := w.trainOn(ctx, t, set)
	if err != nil {
		return nil, err
	}
	return w.trainFrom(ctx, t, d, set, card, cost)
}
