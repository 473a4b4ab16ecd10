package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"smoothlab/classifier"
	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// classifierValue is a classifier as a value of the language. At most one run trains it at a time; readers get the
// current weights.
type classifierValue struct {
	language.Object[*classifierValue]
	session *Session

	mu     sync.Mutex
	c      *classifier.Classifier            // replaced, never changed
	writer *run                              // run that is training it; nil if none
	path   string                            // file that holds it; "" if none does
	began  map[string]*classifier.Classifier // initial weights by path of out=, so that the same line can be run again
}

// began remembers, by path of out=, the weights that a training had when it began, so that the same line, typed again,
// is the same training.

func newClassifier(s *Session, c *classifier.Classifier, path string) *classifierValue {
	return &classifierValue{session: s, c: c, path: path, began: map[string]*classifier.Classifier{}}
}

// read returns the current classifier; during training, the one after the latest step.
func (v *classifierValue) read(ctx context.Context) (*classifier.Classifier, error) {
	v.mu.Lock()
	writer, c := v.writer, v.c
	v.mu.Unlock()
	if writer == nil {
		return c, nil
	}
	latest, err := writer.classifierNow(ctx)
	if errors.Is(err, errOver) { // the run ended in between
		v.mu.Lock()
		defer v.mu.Unlock()
		return v.c, nil
	}
	return latest, err
}

// claim makes r the run that trains the classifier. It fails while another run does.
func (v *classifierValue) claim(r *run) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.writer != nil {
		return fmt.Errorf(
			"this classifier is being trained by run %d: wait for it, stop it with .stop(), or train c.copy()",
			v.writer.id,
		)
	}
	v.writer = r
	return nil
}

// release ends a run and stores its classifier; nil leaves the classifier as it was.
func (v *classifierValue) release(c *classifier.Classifier, path string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.writer = nil
	if c != nil {
		v.c, v.path = c, path
	}
}

// unsaved reports whether the classifier was trained and no file holds it.
func (v *classifierValue) unsaved() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.path == "" && v.c.Facts.Method != "" && v.writer == nil
}

// last returns the classifier without asking its run for the latest step.
func (v *classifierValue) last() (c *classifier.Classifier, path string, writer *run) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.c, v.path, v.writer
}

// Describe lists the attributes and methods of classifiers.
func (*classifierValue) Describe() *language.Kind {
	attr := func(name, help string, get func(c *classifier.Classifier, path string) starlark.Value) language.Attribute {
		return language.Attr(name, help, func(v *classifierValue) starlark.Value {
			c, path, _ := v.last()
			return get(c, path)
		})
	}
	return &language.Kind{
		Name: "classifier",
		Help: "A base classifier: a network with its weights. Training changes it in place; during a run, " +
			"reading it gives the weights after the latest step.",
		Attributes: []language.Attribute{
			attr("arch", "name of the network", func(c *classifier.Classifier, _ string) starlark.Value {
				return starlark.String(cmp.Or(c.Arch.Base, c.Arch.Name))
			}),
			attr(
				"parameters",
				"number of trainable parameters",
				func(c *classifier.Classifier, _ string) starlark.Value {
					return starlark.MakeInt(c.Arch.Trainable())
				},
			),
			attr(
				"sigma",
				"standard deviation of the Gaussian noise it was trained with, in pixel units of [0,1]; 0 if without",
				func(c *classifier.Classifier, _ string) starlark.Value {
					return starlark.Float(c.Facts.Sigma)
				},
			),
			attr(
				"noise",
				`the noise it was trained with, "sigma 0.5" or "laplace scale 0.5"; empty if none is known`,
				func(c *classifier.Classifier, _ string) starlark.Value {
					return starlark.String(trainingNoise(c.Facts))
				},
			),
			attr(
				"method",
				"the method it was trained with, as a call",
				func(c *classifier.Classifier, _ string) starlark.Value { return starlark.String(c.Facts.Method) },
			),
			attr(
				"weights",
				`what its weights are if not those after the last step of training, such as "average with decay 0.999"`,
				func(c *classifier.Classifier, _ string) starlark.Value { return starlark.String(c.Facts.Weights) },
			),
			attr(
				"dataset",
				"name of the data set it was trained on",
				func(c *classifier.Classifier, _ string) starlark.Value { return starlark.String(c.Facts.Dataset) },
			),
			attr(
				"seed",
				"seed for the initial weights",
				func(c *classifier.Classifier, _ string) starlark.Value { return starlark.MakeUint64(c.Facts.Seed) },
			),
			attr(
				"source",
				"name of the file that it was imported from; empty if it was not",
				func(c *classifier.Classifier, _ string) starlark.Value {
					return starlark.String(c.Facts.Source)
				},
			),
			attr(
				"classes",
				"class names, by output; None if unknown",
				func(c *classifier.Classifier, _ string) starlark.Value {
					if c.Facts.Classes == nil {
						return starlark.None
					}
					return texts(c.Facts.Classes)
				},
			),
			attr(
				"outputs",
				"number of classes",
				func(c *classifier.Classifier, _ string) starlark.Value { return starlark.MakeInt(c.Arch.Classes) },
			),
			attr(
				"mean",
				"mean subtracted from pixels of [0,1] before the network, per channel; None without normalization",
				func(c *classifier.Classifier, _ string) starlark.Value {
					if c.Arch.Scaling == nil {
						return starlark.None
					}
					return list(c.Arch.Scaling.Mean)
				},
			),
			attr(
				"std",
				"standard deviation that pixels are then divided by, per channel; None without normalization",
				func(c *classifier.Classifier, _ string) starlark.Value {
					if c.Arch.Scaling == nil {
						return starlark.None
					}
					return list(c.Arch.Scaling.SD)
				},
			),
			attr(
				"notes",
				"notes on decisions made during import",
				func(c *classifier.Classifier, _ string) starlark.Value { return texts(c.Facts.Notes) },
			),
			attr(
				"path",
				"path of the file that holds it; empty if none does",
				func(_ *classifier.Classifier, path string) starlark.Value { return starlark.String(path) },
			),
		},
		Methods: append(
			classMethods(),
			accuracyMethod(),
			language.Method(
				"copy",
				"a copy that can be trained separately",
				struct{}{},
				func(c *language.Call, v *classifierValue, _ *struct{}) (starlark.Value, error) {
					now, err := v.read(c.Ctx)
					if err != nil {
						return nil, err
					}
					_, path, _ := v.last()
					return newClassifier(v.session, now.Clone(), path), nil
				},
			),
			language.Method(
				"fingerprint",
				"SHA-256 of the weights, as recorded in certificates",
				struct{}{},
				func(c *language.Call, v *classifierValue, _ *struct{}) (starlark.Value, error) {
					now, err := v.read(c.Ctx)
					if err != nil {
						return nil, err
					}
					return starlark.String(now.Fingerprint()), nil
				},
			),
		),
	}
}

func (v *classifierValue) Attr(name string) (starlark.Value, error) { return v.Lookup(v, name) }
func (v *classifierValue) String() string                           { return plainText(v.Report()) }

func (v *classifierValue) Report() report.Report {
	c, path, writer := v.last()
	r := report.Classifier{
		Architecture: c.Arch.Name,
		Parameters:   c.Arch.Trainable(),
		Fingerprint:  c.Fingerprint(),
		Dataset:      c.Facts.Dataset,
		Method:       c.Facts.Method,
		Weights:      c.Facts.Weights,
		Sigma:        c.Facts.Sigma,
		Path:         path,
		Height:       c.Arch.Input.Height,
		Width:        c.Arch.Input.Width,
		Channels:     c.Arch.Input.Channels,
		Classes:      c.Facts.Classes,
	}
	switch {
	case writer != nil:
		r.State = "in training: " + writer.name()
	case c.Arch.Ensemble != nil:
		r.State = fmt.Sprintf("an ensemble of %d members", len(c.Arch.Ensemble.Members))
	case c.Facts.NewHead:
		r.State = fmt.Sprintf("with a new last layer, seed %d", c.Facts.Seed)
	case c.Facts.Source != "" && c.Facts.Method == "":
		r.State = strings.Join(append([]string{"imported from " + c.Facts.Source}, c.Facts.Notes...), "; ")
	case c.Facts.Method == "":
		r.State = fmt.Sprintf("untrained, seed %d", c.Facts.Seed)
	}
	return r
}

// classifierArgs are the arguments of classifier().
type classifierArgs struct {
	Arch string `arg:"arch,required" complete:"classifier" help:"name of the network; help(\"classifiers\") shows the list"`
	Data images `arg:"data" want:"a dataset" help:"dataset with the images to classify; sets one output per class, and the class names"`
	Seed uint64 `arg:"seed" help:"seed for the initial weights"`
}

// makeClassifier implements classifier().
func (s *Session) makeClassifier(_ *language.Call, a *classifierArgs) (starlark.Value, error) {
	arch, err := classifier.Lookup(a.Arch)
	if err != nil {
		return nil, err
	}
	if a.Data == nil {
		return newClassifier(s, classifier.New(arch, a.Seed), ""), nil
	}
	d := a.Data.images()
	if arch.Input == shapeOf(d) { // else fits returns the error
		if arch, err = arch.WithClasses(len(d.Classes)); err != nil {
			return nil, err
		}
	}
	c := classifier.New(arch, a.Seed)
	c.Facts.Classes = d.Classes
	if err := fits(c, d); err != nil {
		return nil, err
	}
	return newClassifier(s, c, ""), nil
}

// pathArgs are the arguments of load_classifier().
type pathArgs struct {
	Path string `arg:"path,required" complete:"file" help:"a checkpoint, as written by save and train(…, out=…)"`
}

// loadClassifier implements load_classifier().
func (s *Session) loadClassifier(c *language.Call, a *pathArgs) (starlark.Value, error) {
	path := expandTilde(a.Path)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && !strings.HasSuffix(path, checkpointExt) {
		path += checkpointExt
	}
	ck, err := classifier.Load(path)
	if err != nil {
		return nil, err
	}
	printDoubts(c, ck.Classifier)
	return newClassifier(s, ck.Classifier, path), nil
}

// checkpointExt is the extension of checkpoint files.
const checkpointExt = ".safetensors"
