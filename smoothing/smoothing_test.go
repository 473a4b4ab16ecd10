package smoothing

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestGaussianRadius compares with the quantiles of the normal distribution that R's qnorm and SciPy's norm.ppf print.
// The radius is never above, and below by a relative 1e-14 at most.
func TestGaussianRadius(t *testing.T) {
	for _, c := range []struct{ p, z float64 }{
		{0.9, 1.2815515655446004},
		{0.975, 1.959963984540054},
		{0.99, 2.3263478740408408},
		{0.999, 3.090232306167813},
		{0.3, -0.5244005127080407},
	} {
		for _, sigma := range []float64{0.25, 0.5, 1} {
			got, want := Gaussian{sigma}.Radius(c.p), sigma*c.z
			if got > want || math.Abs(got-want) > 1e-14*math.Abs(want) {
				t.Errorf("sigma %v, p %v: radius %v, want %v", sigma, c.p, got, want)
			}
		}
	}
	if r := (Gaussian{1}).Radius(0.5); r != 0 {
		t.Errorf("radius %v of ½, want 0", r)
	}
}

// TestProbabilityIsTheInverse checks every smoothing at random radii: the probability certifies the radius, and one
// that is smaller by a relative 1e-14 and more of what is left to 1 does not.
func TestProbabilityIsTheInverse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		for _, s := range examples(math.Exp(rng.Float64()*6 - 4)) {
			r := rng.Float64() * 6 * s.Parameters()[0].Value
			p := s.Probability(r)
			if !(p >= 0.5 && p <= 1) || !(s.Radius(p) >= r) {
				t.Fatalf("%+v: Probability(%v) = %v, whose radius is %v", s, r, p, s.Radius(p))
			}
			if below := p - 1e-12*p; below >= 0.5 && s.Radius(below) >= r {
				t.Fatalf("%+v: Probability(%v) = %v, and %v is enough", s, r, p, below)
			}
		}
	}
	if p := (Gaussian{1}).Probability(40); p != 1 {
		t.Errorf("Probability(40·sigma) = %v, want 1: rounded up", p)
	}
	if p := (Gaussian{0.5}).Probability(0); p != 0.5 {
		t.Errorf("Probability(0) = %v, want 0.5", p)
	}
}

// examples are one of every noise, with all parameters at one value.
func examples(scale float64) (list []Smoothing) {
	for _, n := range noises() {
		values := make([]float64, len(n.parameters))
		for i := range values {
			values[i] = scale
		}
		list = append(list, n.make(values))
	}
	return list
}

// TestContract holds every smoothing to what the interface promises.
func TestContract(t *testing.T) {
	for _, s := range examples(0.5) {
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", s.Name(), err)
		}
		if r := s.Radius(0.4); !(r < 0) {
			t.Errorf("%s: radius %v of a probability below ½", s.Name(), r)
		}
		if a, b := s.Radius(0.7), s.Radius(0.8); !(a > 0 && b > a) {
			t.Errorf("%s: radii %v and %v of 0.7 and 0.8 do not increase from above 0", s.Name(), a, b)
		}
		for _, bad := range []float64{0, -1, math.NaN(), math.Inf(1)} {
			for _, x := range examples(bad) {
				if x.Name() == s.Name() && x.Check() == nil {
					t.Errorf("%s takes parameters of %v", s.Name(), bad)
				}
			}
		}
		text, err := json.Marshal(Record{s})
		var back Record
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if err != nil || back.Smoothing != s {
			t.Errorf("%s: %s reads back as %+v, %v", s.Name(), text, back, err)
		}
	}
}

func TestRecord(t *testing.T) {
	text, err := json.Marshal(Record{Gaussian{0.25}})
	if err != nil || string(text) != `{"noise":"gaussian","norm":"L2","sigma":0.25}` {
		t.Errorf("got %s, %v", text, err)
	}
	var unknown Record
	if err := json.Unmarshal([]byte("null"), &unknown); err != nil || unknown.Smoothing != nil {
		t.Errorf("null reads as %+v, %v", unknown, err)
	}
	for text, want := range map[string]string{
		`{"noise":"gaussian","norm":"L1","sigma":0.25}`:             "certifies radii in L2",
		`{"noise":"cauchy","norm":"L2","sigma":0.25}`:               `"cauchy" is not a noise`,
		`{"noise":"gaussian","norm":"L2"}`:                          "needs the parameter sigma",
		`{"noise":"gaussian","norm":"L2","sigma":0.25,"scale":0.1}`: "has no parameter scale",
		`{"noise":"gaussian","norm":"L2","sigma":"a lot"}`:          "is not a number",
		`{"noise":"gaussian","norm":"L2","sigma":-1}`:               "must be above 0",
		`{"sigma":0.25}`: "is not a noise",
		`7`:              "cannot unmarshal",
	} {
		var r Record
		if err := json.Unmarshal([]byte(text), &r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", text, err, want)
		}
	}
}

func TestCheckUnits(t *testing.T) {
	for _, sigma := range []float64{1e-3, 0.25, 1, 10} {
		if err := CheckUnits(Gaussian{sigma}); err != nil {
			t.Errorf("sigma %v: %v", sigma, err)
		}
	}
	if err := CheckUnits(Gaussian{64}); err == nil || !strings.Contains(err.Error(), "write 64/255 (0.251)") {
		t.Errorf("sigma 64: %v", err)
	}
	if CheckUnits(Gaussian{0}) == nil || CheckUnits(Gaussian{math.NaN()}) == nil {
		t.Error("sigma 0 or NaN is taken")
	}
}

func TestDescribe(t *testing.T) {
	if d := Describe(Gaussian{0.25}); d != "sigma 0.25" {
		t.Errorf("got %q", d)
	}
	if d := Describe(nil); d != "" {
		t.Errorf("got %q for none", d)
	}
}
