package train

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"smoothlab/baseline"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/internal/testengine"
	"smoothlab/method"
	"smoothlab/smoothmix"
)

// blank returns n black images of a network's shape.
func blank(a *classifier.Architecture, n int) *dataset.Dataset {
	in := a.Input
	d := &dataset.Dataset{Name: "blank", Split: "train", Height: in.Height, Width: in.Width, Channels: in.Channels,
		Pixels: make([]byte, n*in.Size()), Labels: make([]uint16, n), Indices: make([]int, n), Total: n}
	for i := range n {
		d.Indices[i] = i
	}
	for i := range a.Classes {
		d.Classes = append(d.Classes, strconv.Itoa(i))
	}
	return d
}

// A step that takes more memory than the machine has is refused, with a smaller value that fits.
func TestMemory(t *testing.T) {
	e := testengine.Open(t)
	mix := func(m, steps int) method.Method {
		s := smoothmix.New()
		s.M, s.Steps = m, steps
		return s
	}
	macer := func(m int) method.Method {
		s := baseline.NewMACER()
		s.M = m
		return s
	}
	for _, c := range []struct {
		network      string
		method       method.Method
		images, size int
		limit        float64
		want         string // the setting that is to be lowered; "" if the step fits
	}{
		{"lenet", mix(4, 4), 600, 256, 16e9, ""},
		{"lenet", mix(1, 4), 2000, 2000, 500e6, "batch"},
		{"lenet", mix(4, 4), 6000, 6000, 400e6, "batch"},
		{"linear", macer(1_000_000), 64, 64, 64e9, "m"},
		{"lenet", macer(16), 64, 64, 1e12, ""},
		{"lenet", mix(1, 1_000_000), 64, 64, 64e9, "steps"},
		{"resnet20", mix(2, 8), 512, 512, 500e6, "batch"},
		{"lenet", mix(1, 4), 8, 8, 1e6, "a smaller network"},
	} {
		a := network(t, c.network)
		s := DefaultSettings()
		s.Batch = c.size
		job := Job{Engine: e, Start: classifier.New(a, 1), Data: blank(a, c.images), Method: c.method, Settings: s}
		tr, err := newTrainer(&job, nil, state{})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.free()
		what := fmt.Sprintf("%s, %s, batch %d", c.network, method.Describe(c.method), c.size)
		err = tr.checkMemory(c.limit)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s is accepted, with %g bytes", what, c.limit)
			continue
		}
		checkAdvice(t, what, tr, err.Error(), c.want, c.limit)
	}
}

// checkAdvice checks that an error names an estimate and a value of a setting that fits, and that three and a half
// times the value would not.
func checkAdvice(t *testing.T, what string, tr *trainer, text, name string, limit float64) {
	t.Helper()
	form := `^a step of \w+ on \d+ images takes about [\d.e+]+ GB of memory, more than the [\d.]+ GB of this machine; ` +
		`(?:(\w+)=(\d+) fits|use a smaller network)$`
	found := regexp.MustCompile(form).FindStringSubmatch(text)
	switch {
	case found == nil:
		t.Errorf("%s: %q", what, text)
		return
	case found[1] == "" && name == "a smaller network":
		return
	case found[1] != name:
		t.Errorf("%s: %q, want advice about %s", what, text, name)
		return
	}
	value, err := strconv.Atoi(found[2])
	if err != nil {
		t.Fatal(err)
	}
	need := func(value float64) float64 {
		d := demand{tr.method, tr.spans[0].to - tr.spans[0].from}
		if name == "batch" {
			d.images = int(value) / tr.state.Settings.Parts(tr.method)
		} else if d.method, err = method.With(d.method, name, value); err != nil {
			t.Fatal(err)
		}
		bytes, err := tr.need(d)
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	if fits, more := need(float64(value)), need(3.5*float64(value)); fits > limit || more < engine.SpareMemory*limit {
		t.Errorf("%s: %q, but that takes %g bytes, and 3.5 times as much %g, of %g", what, text, fits, more, limit)
	}
}

// The estimate of a linear network has an exact part: weights, momentum and gradients in and out, images and noise.
func TestMemoryEstimate(t *testing.T) {
	a := network(t, "linear")
	job := Job{Engine: testengine.Open(t), Start: classifier.New(a, 1), Data: blank(a, 64),
		Method: baseline.NewGaussian(), Settings: DefaultSettings()}
	tr, err := newTrainer(&job, nil, state{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.free()
	per := func(n int) float64 {
		bytes, err := tr.need(demand{job.Method, n})
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	// A noisy image takes one byte and one float32 per pixel as input, and another float32 that is multiplied with the
	// weights.
	if got, want := (per(100_000)-per(50_000))/50_000, float64(9*28*28); got < want || got > 1.1*want {
		t.Errorf("%g bytes an image, want %g and what logits and labels take", got, want)
	}
}
