package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/method"
	"smoothlab/smoothing"
	"smoothlab/train"
)

// Cell is one classifier of a sweep.
type Cell struct {
	Path   string    // of its files, without endings: relative to a directory, with slashes
	Values []Setting // what distinguishes it from the other cells

	Start    func() *classifier.Classifier // makes the classifier before training, the same each time
	Data     *dataset.Dataset              // training images
	Test     *dataset.Dataset              // images to measure accuracy under noise after each epoch; may be nil
	Method   method.Method
	Settings train.Settings

	Held   *dataset.Dataset // images to certify, some or all of them
	Images []certify.Image  // positions in Held
	Noise  smoothing.Smoothing
	Votes  certify.Plan
	Seed   uint64 // of the votes
	Sound  bool   // draw the noise on the grid of 8-bit pixels
}

// Setting is a name with a value, as text.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// String formats the values of a cell, for instance "sigma=0.5, seed=1".
func (c Cell) String() string {
	text := ""
	for i, v := range c.Values {
		if i > 0 {
			text += ", "
		}
		text += v.Name + "=" + v.Value
	}
	return text
}

// Endings of a cell's files.
const (
	TrainingExt = ".training.safetensors" // checkpoint of the training
	WeightsExt  = ".safetensors"          // weights
	LogExt      = ".tsv"                  // certification log
	RecordExt   = ".json"                 // record
)

// File returns a file of the cell by its ending.
func (c Cell) File(dir, ending string) string {
	return filepath.Join(dir, filepath.FromSlash(c.Path)+ending)
}

// Train trains the cell's classifier and saves its weights, or loads a finished training. Stopped by ctx it keeps what
// it has, and the same call resumes.
func (c Cell) Train(
	ctx context.Context,
	e *engine.Engine,
	dir string,
	progress func(train.Progress, train.Control),
) (*train.Run, error) {
	if err := os.MkdirAll(filepath.Dir(c.File(dir, "")), 0o755); err != nil {
		return nil, fmt.Errorf("the directory of the files cannot be made: %w", err)
	}
	run, err := train.Train(ctx, train.Job{
		Engine: e, Start: c.Start(), Data: c.Data, Test: c.Test, Method: c.Method, Settings: c.Settings,
		Out: c.File(dir, TrainingExt), Progress: progress,
	})
	if err != nil {
		return nil, err
	}
	return run, (&classifier.Checkpoint{Classifier: run.Classifier}).Save(c.File(dir, WeightsExt))
}

// Certify certifies the cell's classifier, or loads its finished log. Stopped by ctx it keeps the finished images, and
// the same call resumes.
func (c Cell) Certify(
	ctx context.Context,
	e *engine.Engine,
	dir string,
	trained *classifier.Classifier,
	progress func(certify.Progress),
) (k *certify.Certificates, err error) {
	upload := votes.New
	if c.Sound {
		upload = votes.NewSound
	}
	v, err := upload(e, trained, c.Held, c.Noise, c.Seed, min(votes.DefaultChunk, c.Votes.N))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	return certify.Run(ctx, v, c.Images, c.Votes, c.File(dir, LogExt), progress)
}

// Part returns the elements of a part of a job array: of 1, 2, …, those whose number leaves the part's remainder. noun
// names the elements, in the singular. The zero part is everything.
func Part[T any](all []T, part certify.Shard, noun string) ([]T, error) {
	if part.Of == 0 {
		return all, nil
	}
	if part.Of > len(all) {
		count := fmt.Sprintf("are %d %ss", len(all), noun)
		if len(all) == 1 {
			count = "is 1 " + noun
		}
		return nil, fmt.Errorf("there %s to make, too few for %d parts", count, part.Of)
	}
	var mine []T
	for i, t := range all {
		if i%part.Of == part.Number-1 {
			mine = append(mine, t)
		}
	}
	return mine, nil
}
