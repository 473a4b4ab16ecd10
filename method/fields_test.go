package method_test

import (
	"math"
	"strings"
	"testing"

	"smoothlab/baseline"
	"smoothlab/method"
	"smoothlab/smoothmix"
)

// The form of a method in checkpoints and in the names of compiled steps: existing files must stay readable.
func TestSettingsAreStored(t *testing.T) {
	for _, c := range []struct {
		m         method.Method
		json, key string
	}{
		{baseline.NewGaussian(), `{"name":"gaussian","settings":{"sigma":0.5}}`, "gaussian"},
		{baseline.NewStability(), `{"name":"stability","settings":{"sigma":0.5,"lbd":2}}`, "stability"},
		{smoothmix.New(), `{"name":"smoothmix","settings":{"sigma":0.5,"m":4,"steps":4,"alpha":1,"eta":5,"mix_step":0,"maxnorm":0,"warmup":10}}`,
			"smoothmix m=4 steps=4 mix_step=0 maxnorm=false"},
		{&smoothmix.SmoothMix{Sigma: 1, M: 2, Steps: 3, Alpha: 1, MaxNorm: 2},
			`{"name":"smoothmix","settings":{"sigma":1,"m":2,"steps":3,"alpha":1,"eta":0,"mix_step":0,"maxnorm":2,"warmup":0}}`,
			"smoothmix m=2 steps=3 mix_step=0 maxnorm=true"},
		{baseline.NewSmoothAdv(), `{"name":"smoothadv","settings":{"sigma":0.5,"m":4,"steps":10,"eps":0.99609375,"warmup":10}}`, "smoothadv m=4 steps=10"},
		{baseline.NewMACER(), `{"name":"macer","settings":{"sigma":0.5,"m":16,"lbd":16,"beta":16,"margin":8,"defer":30}}`, "macer m=16"},
		{baseline.NewConsistency(), `{"name":"consistency","settings":{"sigma":0.5,"m":2,"lbd":5,"eta":0.5}}`, "consistency m=2"},
		{baseline.NewSmoothAdvConsistency(),
			`{"name":"smoothadv+consistency","settings":{"sigma":0.5,"m":4,"lbd":1,"eta":0.5,"steps":10,"eps":0.99609375,"warmup":10}}`,
			"smoothadv+consistency m=4 steps=10"},
	} {
		data, err := method.Marshal(c.m)
		if err != nil || string(data) != c.json {
			t.Errorf("%s is kept as\n%s, want\n%s (%v)", c.m.Name(), data, c.json, err)
		}
		if key := method.CompiledKey(c.m); key != c.key {
			t.Errorf("the key of %s is %q, want %q", c.m.Name(), key, c.key)
		}
	}
}

// Positive settings in epochs are scaled with the schedule, and the given method stays as it is.
func TestStretched(t *testing.T) {
	macer := baseline.NewMACER()
	for _, c := range []struct {
		m    method.Method
		name string
		want float64
	}{
		{macer, "defer", 10}, {&baseline.MACER{Defer: -1}, "defer", -1}, {&baseline.MACER{Defer: 0}, "defer", 0},
		{smoothmix.New(), "warmup", 10. / 3}, {baseline.NewSmoothAdv(), "warmup", 10. / 3}, {baseline.NewSmoothAdvConsistency(), "warmup", 10. / 3},
	} {
		m := method.Stretched(c.m, 1./3)
		if got, _ := method.Setting(m, c.name); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s of %s is %g in a third of the epochs, want %g", c.name, m.Name(), got, c.want)
		}
	}
	if macer.Defer != 30 {
		t.Errorf("the method given has defer %g now", macer.Defer)
	}
}

// A custom method with a field that would be frozen into compiled steps without being part of their names is refused.
func TestFieldsThatAreNoSettingsAreRefused(t *testing.T) {
	type flagged struct {
		baseline.Gaussian
		Verbose bool `json:"verbose"`
	}
	type named struct {
		flagged
	}
	type nameless struct {
		baseline.Gaussian
		Scale float64
	}
	type dropped struct {
		baseline.Gaussian
		Scale float64 `json:"-"`
	}
	type sized struct {
		baseline.Gaussian
		Depth int32 `json:"depth"`
	}
	type pointed struct{ *baseline.Gaussian }
	type private struct {
		baseline.Gaussian
		name  string
		Depth int `json:"depth,omitempty" help:"layers"`
	}
	g := baseline.Gaussian{Sigma: 0.5}
	for want, m := range map[string]method.Method{
		"its field Verbose (bool) would be frozen":                                      &named{flagged{Gaussian: g}},
		"its field Scale (float64)":                                                     &nameless{Gaussian: g},
		"its field Scale (float64) would":                                               &dropped{Gaussian: g},
		"its field Depth (int32)":                                                       &sized{Gaussian: g},
		"its field Gaussian (*baseline.Gaussian)":                                       &pointed{&g},
		"a method is a pointer to a struct with its settings, got <nil>":                nil,
		"a method is a pointer to a struct with its settings, got *method_test.private": (*private)(nil),
	} {
		if err := method.Check(m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want a sentence with %q, got %v", want, err)
		}
	}
	good := &private{Gaussian: g, name: "mine"}
	if err := method.Check(good); err != nil {
		t.Error(err)
	}
	if key := method.CompiledKey(good); key != good.Name()+" depth=0" {
		t.Errorf("key %q", key)
	}
}

// careless is a custom method that checks nothing.
type careless struct{ baseline.Gaussian }

func (*careless) Check() error { return nil }

func TestSettingsAreFinite(t *testing.T) {
	for _, c := range []struct {
		m     method.Method
		name  string
		value float64
		want  string
	}{
		{smoothmix.New(), "alpha", math.Inf(1), "smoothmix: alpha must be a finite number, got +Inf"},
		{smoothmix.New(), "sigma", 64, "smoothmix: sigma 64 is more than 10 times the range of a pixel, which is from 0 to 1; if it is in levels of 0 to 255, write 64/255 (0.251)"},
		{smoothmix.New(), "alpha", math.Inf(-1), "smoothmix: alpha must be greater than 0, got -Inf"},
		{smoothmix.New(), "steps", math.Inf(1), "smoothmix: steps must be a whole number below 2³¹, got +Inf"},
		{smoothmix.New(), "steps", 1e300, "smoothmix: steps must be a whole number below 2³¹, got 1e+300"},
		{smoothmix.New(), "steps", math.NaN(), "smoothmix: steps must be a whole number, got NaN"},
		{&careless{baseline.Gaussian{Sigma: 1}}, "sigma", math.Inf(1), "gaussian: sigma must be a finite number, got +Inf"},
	} {
		if _, err := method.With(c.m, c.name, c.value); err == nil || err.Error() != c.want {
			t.Errorf("%s = %g: %v, want %s", c.name, c.value, err, c.want)
		}
	}
}

// hasty is a custom method whose Traits do not state how a batch is split.
type hasty struct{ baseline.Gaussian }

func (*hasty) Traits() method.Traits { return method.Traits{Noises: 1} }

// A method with zero noise samples or zero steps per batch is refused; there are no defaults.
func TestTraitsAreRequired(t *testing.T) {
	const want = "gaussian: Traits must give Noises (m) and Splits (optimizer steps per batch, usually m), got 1 and 0"
	if err := method.Check(&hasty{baseline.Gaussian{Sigma: 0.5}}); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
