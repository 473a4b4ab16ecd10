package session

import (
	"fmt"
	"runtime"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/memory"
	"smoothlab/language"
	"smoothlab/method"
	"smoothlab/report"
	"smoothlab/walk"

	"go.starlark.net/starlark"
)

// walkArgs are those of walk().
type walkArgs struct {
	Classifier *classifierValue `arg:"c,required" help:"the classifier; it is not changed"`
	Data       images           `arg:"data,required" want:"a dataset or an image" help:"the images of the step: a few"`
	Method     *methodValue     `arg:"method,required" want:"a method such as smoothmix(sigma=0.5)" help:"the training objective; its settings may be changed between verbs"`
	Seed       uint64           `arg:"seed" help:"of the noise and lambda"`
	Epoch      int              `arg:"epoch" help:"whose warm-up is used, from 0; -1 for full strength"`
}

// maxWalk bounds the images of a walk: all their noisy copies and search points are held.
const maxWalk = 256

// walkShare is the part of the machine's memory, one in so many, that the noisy copies of a walk may take.
const walkShare = 16

// bounded is the method as it is now, or why its noisy copies of the images are too many.
func (v *walkValue) bounded() (method.Method, error) {
	m := v.method.now()
	draws, _ := starlark.AsInt32(attribute(v.method, "m"))
	bytes := float64(draws) * float64(v.data.Len()) * float64(v.shape().Size()) * 4 // float32
	if bound := float64(memory.Total() / walkShare); bytes > bound {
		return m, fmt.Errorf(
			"%d noisy copies of %d images take %.1f GB, and on this machine at most %.1f GB are taken: lower m or walk with fewer images",
			draws,
			v.data.Len(),
			bytes/1e9,
			bound/1e9,
		)
	}
	return m, nil
}

// walkValue is a walk in the language.
type walkValue struct {
	language.Base
	w       *walk.Walk
	data    *dataset.Dataset
	method  *methodValue
	arch    string
	epoch   int
	updated *classifier.Classifier // by the last update; nil before
}

// walk is walk().
func (s *Session) walk(c *language.Call, a *walkArgs) (starlark.Value, error) {
	d := a.Data.images()
	if d.Len() == 0 || d.Len() > maxWalk {
		return nil, fmt.Errorf("a walk takes 1 to %d images, got %d: t[:8], for instance", maxWalk, d.Len())
	}
	if a.Epoch < -1 {
		return nil, fmt.Errorf("epoch must be 0 or more, or -1 for full strength, got %d", a.Epoch)
	}
	now, err := a.Classifier.read(c.Ctx)
	if err != nil {
		return nil, err
	}
	if err := fits(now, d); err != nil {
		return nil, err
	}
	printNotes(c, d)
	eng, err := s.engine.get(c)
	if err != nil {
		return nil, err
	}
	w, err := walk.New(walk.Job{Engine: eng, Start: now, Data: d, Seed: a.Seed, Epoch: a.Epoch}, a.Method.now())
	if err != nil {
		return nil, err
	}
	v := &walkValue{w: w, data: d, method: a.Method, arch: now.Arch.Name, epoch: a.Epoch}
	runtime.AddCleanup(v, func(w *walk.Walk) { w.Close() }, w)
	return v, nil
}

func walkKind() *language.Kind {
	return &language.Kind{
		Name: "walk",
		Help: "One training step by hand. A walk goes forward: repeating an earlier verb discards what followed it. " +
			"The settings are those that the method has when a verb is called.",
		Attributes: []language.Attribute{
			language.Attr(
				"path",
				"the search so far, image by image",
				func(v *walkValue) starlark.Value { return figures(report.WalkPath{Images: v.paths(0)}) },
			),
			language.Attr(
				"images",
				"the images",
				func(v *walkValue) starlark.Value { return &datasetValue{Dataset: v.data} },
			),
			language.Attr("method", "the method", func(v *walkValue) starlark.Value { return v.method }),
			language.Attr(
				"classifier",
				"the classifier that update() made; None before",
				func(v *walkValue) starlark.Value {
					if v.updated == nil {
						return starlark.None
					}
					return newClassifier(v.updated, "")
				},
			),
		},
		Methods: []*language.Function{
			language.Method(
				"noise",
				"draw the noise of the step: m draws an image, the same in every pass that follows",
				noiseArgs{},
				walkNoise,
			),
			language.Method("loss", "the smoothed loss at the images", struct{}{}, walkLoss),
			language.Method(
				"search",
				"take n more steps of the adversarial search on the smoothed loss",
				searchArgs{N: 1},
				walkSearch,
			),
			language.Method(
				"mix",
				"mix the images with the far end of the search, and their labels with doubt",
				struct{}{},
				walkMix,
			),
			language.Method(
				"update",
				"take the training step from the walk's initial weights; c itself stays as it is, w.classifier is the new one",
				updateDefaults(),
				walkUpdate,
			),
		},
	}
}

func (*walkValue) Kind() *language.Kind                         { return walkKind() }
func (*walkValue) Type() string                                 { return "walk" }
func (v *walkValue) Attr(name string) (starlark.Value, error)   { return walkKind().Get(v, name) }
func (*walkValue) AttrNames() []string                          { return walkKind().Names() }
func (*walkValue) SetField(name string, _ starlark.Value) error { return walkKind().Refuse(name) }
func (v *walkValue) String() string                             { return plainText(v.Report()) }

func (v *walkValue) Report() report.Report {
	return report.Walk{
		Dataset:    v.data.Name,
		Split:      v.data.Split,
		Classifier: v.arch,
		Method:     call(v.method.now()),
		Seed:       v.w.Seed(),
		Epoch:      v.epoch,
		Done:       v.w.Done(),
		Images:     v.names(),
	}
}

// names are the images of the walk.
func (v *walkValue) names() []report.WalkImage {
	var list []report.WalkImage
	for i := range v.data.Len() {
		list = append(list, v.name(i))
	}
	return list
}

func (v *walkValue) name(i int) report.WalkImage {
	y := int(v.data.Labels[i])
	return report.WalkImage{Index: v.data.Indices[i], Label: y, Class: v.data.Classes[y]}
}
