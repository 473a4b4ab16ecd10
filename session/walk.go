package session

import (
	"fmt"
	"math"
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

// walkArgs are the arguments of walk().
type walkArgs struct {
	Classifier *classifierValue `arg:"c,required" help:"the classifier; it is not changed"`
	Data       images           `arg:"data,required" want:"a dataset or an image" help:"the images of the step, a few at most"`
	Method     *methodValue     `arg:"method,required" want:"a method such as smoothmix(sigma=0.5)" help:"the training objective; its settings may be changed between verbs"`
	Seed       uint64           `arg:"seed" help:"seed for the noise and lambda"`
	SoftLabels starlark.Value   `arg:"soft_labels" complete:"file" want:"soft labels, or the path of their file" help:"soft labels of the images, for methods that need them, such as catrs(…)"`
	Epoch      int              `arg:"epoch" help:"epoch, from 0, whose warm-up is used; -1 for full strength"`
}

// maxWalk is the maximum number of images of a walk, which holds all their noisy copies and search points.
const maxWalk = 256

// walkShare limits the noisy copies of a walk, and the points of its search, to 1/walkShare of the machine's memory
// each.
const walkShare = 16

// checkedMethod returns the current method, or an error if its noisy copies of the images, or the points of its search
// and of more steps, take too much memory.
func (v *walkValue) checkedMethod(more int) (method.Method, error) {
	m := v.method.now()
	bound := float64(memory.Total() / walkShare)
	images := float64(v.data.Len()) * float64(v.shape().Size()) * 4 // float32
	draws, _ := method.Setting(m, "m")
	if bytes := draws * images; bytes > bound {
		return m, fmt.Errorf(
			"%.0f noisy copies of %d images take %.1f GB, more than the limit of %.1f GB on this machine: lower m or use fewer images",
			draws,
			v.data.Len(),
			bytes/1e9,
			bound/1e9,
		)
	}
	steps, _ := method.Setting(m, "steps")
	if m.Traits().OnNoise {
		images *= draws
	}
	total := max(steps, float64(len(v.w.Path()))+float64(more))
	if bytes := total * images; bytes > bound {
		return m, fmt.Errorf(
			"the points of %.0f search steps take %.1f GB, more than the limit of %.1f GB on this machine; %.0f steps fit",
			total,
			bytes/1e9,
			bound/1e9,
			math.Floor(bound/images),
		)
	}
	return m, nil
}

// walkValue is a walk as a value of the language.
type walkValue struct {
	language.Object[*walkValue]
	w       *walk.Walk
	data    *dataset.Dataset
	method  *methodValue
	arch    string
	epoch   int
	updated *classifier.Classifier // result of the last update; nil before
}

// walk implements walk().
func (s *Session) walk(c *language.Call, a *walkArgs) (starlark.Value, error) {
	d := a.Data.images()
	if d.Len() == 0 || d.Len() > maxWalk {
		return nil, fmt.Errorf("a walk takes 1 to %d images, got %d; use t[:8], for instance", maxWalk, d.Len())
	}
	if a.Epoch < -1 {
		return nil, fmt.Errorf("epoch must be 0 or more, or -1 for full strength, got %d", a.Epoch)
	}
	d, err := withSoftLabels(a.Method.now(), d, a.SoftLabels)
	if err != nil {
		return nil, err
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

// Describe lists the attributes and methods of walks.
func (*walkValue) Describe() *language.Kind {
	return &language.Kind{
		Name: "walk",
		Help: "One training step by hand. A walk moves forward: repeating an earlier verb discards the later ones. " +
			"Each verb uses the method's settings at the time of the call.",
		Attributes: []language.Attribute{
			language.Attr(
				"path",
				"the search path of each image so far; w.path[0][2] is a point of it",
				func(v *walkValue) starlark.Value {
					if v.method.now().Traits().OnNoise {
						return newReportValue(v.attacked(0))
					}
					return v.path()
				},
			),
			language.Attr(
				"images",
				"the images",
				func(v *walkValue) starlark.Value { return &datasetValue{Dataset: v.data} },
			),
			language.Attr("method", "the method", func(v *walkValue) starlark.Value { return v.method }),
			language.Attr(
				"classifier",
				"the classifier made by update(); None before",
				func(v *walkValue) starlark.Value {
					if v.updated == nil {
						return starlark.None
					}
					return newClassifier(v.method.session, v.updated, "")
				},
			),
		},
		Methods: []*language.Function{
			language.Method(
				"noise",
				"draw the noise of the step: m samples per image, reused in every later pass",
				noiseArgs{},
				walkNoise,
			),
			language.Method("loss", "the smoothed loss at the images", struct{}{}, walkLoss),
			language.Method(
				"search",
				"take n more steps of the adversarial search on the smoothed loss, or of the attack on the noise",
				searchArgs{N: 1},
				walkSearch,
			),
			language.Method(
				"votes",
				"classify the noisy copies and count the correct ones, for methods that select copies, such as catrs",
				struct{}{},
				walkVotes,
			),
			language.Method(
				"mix",
				"mix each image with its adversarial example and soften its label",
				struct{}{},
				walkMix,
			),
			language.Method(
				"select",
				"sort the losses of the noisy copies and draw how many are trained on, for methods such as catrs",
				struct{}{},
				walkSelect,
			),
			language.Method(
				"update",
				"take the training step from the walk's initial weights; w.classifier is the result, c is unchanged",
				updateDefaults(),
				walkUpdate,
			),
		},
	}
}

func (v *walkValue) Attr(name string) (starlark.Value, error) { return v.Lookup(v, name) }
func (v *walkValue) String() string                           { return plainText(v.Report()) }

func (v *walkValue) Report() report.Report {
	return report.Walk{
		Dataset:    v.data.Name,
		Split:      v.data.Split,
		Classifier: v.arch,
		Method:     formatCall(v.method.now()),
		Seed:       v.w.Seed(),
		Epoch:      v.epoch,
		Done:       v.w.Done(),
		Images:     v.names(),
	}
}

// names identifies the images of the walk.
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
