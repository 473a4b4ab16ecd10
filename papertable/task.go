package papertable

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/atomicfile"
	"smoothlab/method"
	"smoothlab/smoothing"
	"smoothlab/sweep"
	"smoothlab/train"
	"smoothlab/zoo"

	"gonum.org/v1/gonum/stat/distuv"
)

// radii lists the radii of the paper's tables.
var radii = [...]float64{0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75}

// Radii returns the radii at which the paper's tables give certified accuracy at a noise level.
func Radii(sigma float64) []float64 {
	last := map[float64]float64{0.25: 0.75, 0.5: 1.75}[sigma]
	if last == 0 {
		return slices.Clone(radii[:])
	}
	return slices.Clone(radii[:slices.Index(radii[:], last)+1])
}

// card returns the card of a task before any work.
func (w *work) card(t Task, set *images) (*zoo.Card, error) {
	settings, err := json.Marshal(t.Recipe.Settings)
	name := filepath.Base(t.path())
	return &zoo.Card{
		Format:  zoo.Format,
		Version: zoo.Version,
		Row:     t.Name,
		Label:   t.Label,
		Dataset: t.Dataset,
		Arch:    t.Arch,
		Sigma:   t.Sigma,
		Seed:    t.Seed,
		Method: method.Describe(
			t.Recipe.Method,
		),
		Training: t.Recipe.Settings.String(),
		Settings: settings,
		Images:   w.trainingImages(t, set),
		Weights: zoo.File{
			Name: name + ".safetensors",
		},
		Log:   zoo.File{Name: name + ".tsv"},
		Plan:  w.Plan.Votes,
		Every: set.every,
	}, err
}

// kept reads the card of a task; nil if there is none. A card with other settings is an error.
func (w *work) kept(t Task, set *images) (*zoo.Card, error) {
	path := w.file(t, ".json")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	have, err := zoo.Decode(path, data)
	if err != nil {
		return nil, err
	}
	want, err := w.card(t, set)
	if err != nil {
		return nil, err
	}
	for _, fact := range []struct {
		name     string
		was, now string
	}{
		{"network", have.Arch, want.Arch},
		{"method", have.Method, want.Method},
		{"training", have.Training, want.Training},
		{"training images", have.Images, want.Images}, {"certified images", have.Every, want.Every},
		{"plan", fmt.Sprint(have.Plan), fmt.Sprint(want.Plan)},
	} {
		if fact.was != fact.now {
			return nil, fmt.Errorf(
				"%s was made with %s %s, not %s: name another directory, or remove that row",
				path,
				fact.name,
				fact.was,
				fact.now,
			)
		}
	}
	return have, nil
}

// finished returns the card of a task that is trained and certified; nil if it is not.
func (w *work) finished(t Task, set *images) (*zoo.Card, error) {
	card, err := w.kept(t, set)
	if err != nil || card == nil || !card.Finished() {
		return nil, err
	}
	for _, f := range []zoo.File{card.Log, card.Weights} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(w.file(t, "")), f.Name)); err != nil {
			return nil, fmt.Errorf(
				"%s is finished, but its file %s is missing: restore it, or remove the card",
				w.file(t, ".json"),
				f.Name,
			)
		}
	}
	return card, nil
}

// make trains and certifies one classifier, resuming where it was stopped, and writes its card.
func (w *work) make(ctx context.Context, t Task) (*zoo.Card, error) {
	set, err := w.images(ctx, t)
	if err != nil {
		return nil, err
	}
	if w.engine == nil {
		if w.engine, err = w.Open(ctx); err != nil {
			return nil, err
		}
	}
	card, err := w.kept(t, set)
	if err == nil && card == nil {
		card, err = w.card(t, set)
	}
	if err != nil {
		return nil, err
	}
	if here := w.engine.Provenance(); !slices.ContainsFunc(
		card.Computed,
		func(p map[string]string) bool { return reflect.DeepEqual(p, here) },
	) {
		card.Computed = append(card.Computed, here)
	}
	if err := w.write(t, card); err != nil {
		return nil, err
	}
	cost := w.cost(t, set)
	c, err := w.train(ctx, t, set, card, cost)
	if err != nil {
		return nil, err
	}
	k, err := w.certify(ctx, t, set, c, cost)
	if err != nil {
		return nil, err
	}
	if err := w.conclude(t, card, c, k); err != nil {
		return nil, err
	}
	w.clock.done += cost.certify
	return card, w.write(t, card)
}

func (w *work) write(t Task, card *zoo.Card) error {
	path := w.file(t, ".json")
	data, err := card.Encode()
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = atomicfile.Write(path, data)
	}
	if err != nil {
		return fmt.Errorf("the card cannot be written: %w", err)
	}
	return nil
}

// trainFrom trains a task's classifier on images, or loads it.
func (w *work) trainFrom(
	ctx context.Context,
	t Task,
	data *dataset.Dataset,
	set *images,
	card *zoo.Card,
	cost cost,
) (*classifier.Classifier, error) {
	cell, err := w.cell(t, set)
	if err != nil {
		return nil, err
	}
	cell.Data = data
	first := -1
	share := func(updates, of int) float64 { return cost.train * float64(updates) / float64(of) }
	run, err := cell.Train(
		ctx,
		w.engine,
		w.Dir,
		func(p train.Progress, _ train.Control) {
			if first < 0 { // earlier work took no time in this process
				first = p.Update
				w.clock.all -= share(first, p.Updates)
			}
			detail := fmt.Sprintf("epoch %d/%d · loss %.4f · lr %.3g", p.Epoch+1, p.Epochs, p.Loss, p.LR)
			w.progress("training "+t.String(), p.Update, p.Updates, detail, share(p.Update-first, p.Updates))
		},
	)
	if err != nil {
		return nil, err
	}
	if first < 0 {
		w.clock.all -= cost.train
	} else {
		w.clock.done += share(run.Updates-first, run.Updates)
	}
	card.Changes = nil
	for _, change := range run.Changes {
		card.Changes = append(card.Changes, change.Text)
	}
	if card.History, err = json.Marshal(run.History); err != nil {
		return nil, err
	}
	return run.Classifier, nil
}

// cell returns the task as a cell of a sweep.
func (w *work) cell(t Task, set *images) (sweep.Cell, error) {
	arch, err := classifier.Lookup(t.Arch)
	if err != nil {
		return sweep.Cell{}, err
	}
	return sweep.Cell{
		Path:  t.path(),
		Start: func() *classifier.Classifier { return classifier.New(arch, t.Seed) },
		Data:  set.train, Test: set.held,
		Method: t.Recipe.Method, Settings: t.Recipe.Settings,
		Held: set.held, Images: set.certified, Noise: smoothing.Gaussian{Sigma: t.Sigma},
		Votes: w.Plan.Votes, Seed: t.Seed,
	}, nil
}

// certify certifies a task's classifier, or loads its log.
func (w *work) certify(
	ctx context.Context,
	t Task,
	set *images,
	c *classifier.Classifier,
	cost cost,
) (*certify.Certificates, error) {
	cell, err := w.cell(t, set)
	if err != nil {
		return nil, err
	}
	return cell.Certify(ctx, w.engine, w.Dir, c, func(p certify.Progress) {
		w.progress(
			"certifying "+t.String(),
			p.Done,
			p.Total,
			fmt.Sprintf("%.0f votes/s", p.Rate),
			cost.certify*float64(p.Done)/float64(max(1, p.Total)),
		)
	})
}

// conclude fills in a finished row's card: its files and certificates.
func (w *work) conclude(t Task, card *zoo.Card, c *classifier.Classifier, k *certify.Certificates) error {
	for _, f := range []*zoo.File{&card.Weights, &card.Log} {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(w.file(t, "")), f.Name))
		if err != nil {
			return err
		}
		f.SHA256, f.Bytes = zoo.Sum(data), len(data)
	}
	card.Fingerprint = c.Fingerprint()
	n := len(k.Rows)
	half := k.ACRError() * distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}.Quantile(0.975)
	card.Certified = &zoo.Certified{
		Images:  n,
		ACR:     k.ACR(),
		Error:   k.ACRError(),
		Low:     k.ACR() - half,
		High:    k.ACR() + half,
		Radii:   Radii(t.Sigma),
		Abstain: k.Abstention(),
	}
	for _, r := range card.Certified.Radii {
		card.Certified.Accuracy = append(card.Certified.Accuracy, k.Accuracy(r))
	}
	return nil
}
