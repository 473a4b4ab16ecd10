package session

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/language"
	"smoothlab/method"
	"smoothlab/report"
	"smoothlab/smoothmix"
	"smoothlab/walk"

	"go.starlark.net/starlark"
)

// exploreArgs are the arguments of explore().
type exploreArgs struct {
	Classifier *classifierValue `arg:"c,required" help:"the classifier; it is not changed"`
	Data       images           `arg:"data,required" want:"a dataset or an image" help:"the images to choose from"`
	Method     *methodValue     `arg:"method" default:"None" want:"a method such as smoothmix(sigma=0.5)" help:"the method that searches; None for smoothmix at the classifier's sigma"`
	Seed       uint64           `arg:"seed" help:"seed for the noise"`
}

// explorer draws the adversarial search of one image at the positions of its controls. It repeats only what has
// changed: a longer search continues, another step length searches again under the same noise, another sigma draws
// noise again. All settings are inputs of compiled programs, so that no position needs compiling.
type explorer struct {
	session    *Session
	classifier *classifierValue
	engine     *engine.Engine
	data       *dataset.Dataset
	method     method.Method
	seed       uint64
	controls   []*control

	mu      sync.Mutex
	current *imageWalk // of the image that was drawn last; nil at the beginning
}

// imageWalk is the walk of one image.
type imageWalk struct {
	*walkValue
	image  int
	method method.Method // of the latest verb; nil if its verbs must be repeated
}

// explore implements explore().
func (s *Session) explore(c *language.Call, a *exploreArgs) (starlark.Value, error) {
	d := a.Data.images()
	if d.Len() == 0 {
		return nil, fmt.Errorf("explore needs at least one image")
	}
	start, err := a.Classifier.read(c.Ctx)
	if err != nil {
		return nil, err
	}
	if err := fits(start, d); err != nil {
		return nil, err
	}
	e := &explorer{session: s, classifier: a.Classifier, data: d, seed: a.Seed}
	if a.Method != nil {
		e.method = a.Method.now()
	} else {
		m := smoothmix.New()
		if start.Facts.Sigma > 0 {
			m.Sigma = start.Facts.Sigma
		}
		e.method = m
	}
	if has := e.method.Traits(); !method.Searches(e.method) || has.WholeSearch || has.OnNoise || has.Targets {
		return nil, fmt.Errorf("explore: %s has no search on the image that is taken step by step", e.method.Name())
	}
	if err := e.method.Check(); err != nil {
		return nil, err
	}
	printNotes(c, d)
	if e.engine, err = s.engine.get(c); err != nil {
		return nil, err
	}
	e.controls = e.sliders()
	return nil, s.present(c, e.controls, e.draw, e.draw)
}

// Names of the controls that are not settings of the method.
const (
	imageControl = "image"
	stepsControl = "T"
)

// sliders returns the controls: the image, the steps of the search, and sigma and alpha if the method has them.
func (e *explorer) sliders() []*control {
	var list []*control
	if n := e.data.Len(); n > 1 {
		list = append(list, wholeSlider(imageControl, 0, n-1, 0))
	}
	steps := 4
	if f, ok := method.Setting(e.method, "steps"); ok && f >= 1 {
		steps = int(f)
	}
	list = append(list, wholeSlider(stepsControl, 1, max(10, 2*steps), steps))
	for _, name := range []string{"sigma", "alpha"} {
		if x, ok := method.Setting(e.method, name); ok {
			high := max(1, 2*x)
			one := report.Control{Name: name, Min: 0, Max: high, Step: niceStep(high), First: x}
			one.Min = one.Step
			one.First = max(one.Min, x)
			list = append(list, &control{one, func(at float64) starlark.Value { return starlark.Float(at) }})
		}
	}
	return list
}

// wholeSlider returns a control for whole numbers.
func wholeSlider(name string, low, high, first int) *control {
	return &control{
		report.Control{
			Name: name, Min: float64(low), Max: float64(high), Step: 1, Whole: true, First: float64(first),
		},
		func(at float64) starlark.Value { return starlark.MakeInt(int(at)) },
	}
}

// draw brings the walk to the positions of the controls and returns its search.
func (e *explorer) draw(ctx context.Context, at []float64, _ report.Output) (starlark.Value, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	image, steps := 0, 1
	m := e.method
	for i, one := range e.controls {
		var err error
		switch one.Name {
		case imageControl:
			image = int(at[i])
		case stepsControl:
			steps = int(at[i])
		default:
			if m, err = method.With(m, one.Name, at[i]); err != nil {
				return nil, err
			}
		}
	}
	if err := e.begin(ctx, image, m); err != nil {
		return nil, err
	}
	if err := e.current.reach(ctx, m, steps); err != nil {
		return nil, err
	}
	return e.current.report(m), nil
}

// begin starts the walk of an image, unless it is the one in progress.
func (e *explorer) begin(ctx context.Context, image int, m method.Method) error {
	if e.current != nil && e.current.image == image {
		return nil
	}
	start, err := e.classifier.read(ctx)
	if err != nil {
		return err
	}
	d, err := e.data.Select([]int{image})
	if err != nil {
		return err
	}
	w, err := walk.New(walk.Job{Engine: e.engine, Start: start, Data: d, Seed: e.seed, Epoch: -1}, m)
	if err != nil {
		return err
	}
	if e.current != nil {
		err = e.current.w.Close()
	}
	v := &walkValue{w: w, data: d, method: &methodValue{session: e.session, m: m}, arch: start.Arch.Name, epoch: -1}
	runtime.AddCleanup(v, func(w *walk.Walk) { w.Close() }, w)
	e.current = &imageWalk{walkValue: v, image: image}
	if err == nil {
		_, err = v.checkedMethod(0)
	}
	return err
}

// reach brings the search to a number of steps with the settings of m. It begins again where it must.
func (x *imageWalk) reach(ctx context.Context, m method.Method, steps int) error {
	done := max(0, len(x.w.Path())-1)
	var err error
	switch {
	case x.method == nil || differs(x.method, m, "sigma"):
		x.method, done = nil, 0 // if this is interrupted, the next drawing draws noise again
		_, err = x.w.Noise(ctx, m, x.w.Seed())
	case differs(x.method, m, "alpha") || steps < done:
		done = 0
		_, err = x.w.Loss(ctx, m)
	}
	if err != nil {
		return err
	}
	x.method = m
	if steps > done {
		_, err = x.w.Search(ctx, m, steps-done)
	}
	return err
}

// differs reports whether a setting has another value in another method.
func differs(a, b method.Method, name string) bool {
	x, _ := method.Setting(a, name)
	y, _ := method.Setting(b, name)
	return x != y
}

// report returns the search as a walk shows it.
func (x *imageWalk) report(m method.Method) starlark.Value {
	alpha, _ := method.Setting(m, "alpha")
	r := report.WalkSearch{Alpha: alpha, Images: x.paths(0)}
	var row []report.Image
	for _, p := range x.w.Path() {
		row = append(row, drawn(x.walkValue.data, p.Pixels[0]))
	}
	r.Pictures = [][]report.Image{row}
	return newReportValue(r)
}
