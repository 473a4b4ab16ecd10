package smoothing

import (
	"encoding/json"
	"math"
	"math/big"
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

// TestL1Radius compares with the quantiles that SciPy's laplace.ppf and uniform(-1, 2).ppf print: of the Laplace
// distribution at scale 1, and of the uniform distribution on [-1, 1], whose quantiles are the radii. The radius is
// never above, and below by a relative 1e-14 at most.
func TestL1Radius(t *testing.T) {
	for _, c := range []struct{ p, laplace, uniform float64 }{
		{0.5, 0.0, 0.0},
		{0.51, 0.020202707317519466, 0.020000000000000018},
		{0.6, 0.2231435513142097, 0.19999999999999996},
		{0.75, 0.6931471805599453, 0.5},
		{0.9, 1.6094379124341005, 0.8},
		{0.99, 3.912023005428145, 0.98},
		{0.999, 6.2146080984221905, 0.998},
		{0.9999999, 15.42494847092473, 0.9999998000000001},
	} {
		for _, scale := range []float64{0.25, 0.5, 1} {
			for _, s := range []struct {
				Smoothing
				want float64
			}{{Laplace{scale}, scale * c.laplace}, {Uniform{scale}, scale * c.uniform}} {
				got := s.Radius(c.p)
				// SciPy's own values have an error of some units in the last place.
				if got > s.want*(1+4e-15) || math.Abs(got-s.want) > 1e-14*math.Abs(s.want) {
					t.Errorf("%s at scale %v, p %v: radius %v, want %v", s.Name(), scale, c.p, got, s.want)
				}
			}
		}
	}
	if r := (Uniform{0.5}).Radius(1); r != 0.5 {
		t.Errorf("radius %v of 1 under uniform noise, want the scale, 0.5", r)
	}
	if p := (Uniform{0.5}).Probability(0.6); !math.IsInf(p, 1) {
		t.Errorf("probability %v for a radius above the scale, want +Inf", p)
	}
}

// TestUniformRadiusIsRoundedDown compares radii with 200-bit arithmetic.
func TestUniformRadiusIsRoundedDown(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 10_000 {
		u, p := Uniform{rng.Float64()}, 0.5+rng.Float64()/2
		exact := new(big.Float).SetPrec(200).SetFloat64(p)
		exact.Sub(exact, big.NewFloat(0.5)).Mul(exact, big.NewFloat(2*u.Scale))
		if r := u.Radius(p); exact.Cmp(big.NewFloat(r)) < 0 || exact.Cmp(big.NewFloat(math.Nextafter(r, 2))) > 0 {
			t.Fatalf("%+v: radius %v of %v, exactly %v", u, r, p, exact)
		}
	}
}

// TestProbabilityIsTheInverse checks every smoothing at random radii: the probability certifies the radius, and a
// probability that is smaller by a relative 1e-12 does not.
func TestProbabilityIsTheInverse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		for _, s := range examples(math.Exp(rng.Float64()*6 - 4)) {
			r := s.Radius(0.5 + rng.Float64()/2)
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

// examples returns one of every noise, with all parameters at one value.
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

// TestContract checks every smoothing against the contract of the interface.
func TestContract(t *testing.T) {
	for i, s := range examples(0.5) {
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", s.Name(), err)
		}
		if r := s.Radius(0.5); r != 0 || math.Signbit(r) {
			t.Errorf("%s: radius %v of ½, want 0", s.Name(), r)
		}
		if s.Name() != Names()[i] {
			t.Errorf("%s is %s in the list", s.Name(), Names()[i])
		}
		if len(s.Parameters()) != 1 || Scale(s) != 0.5 {
			t.Errorf("%s: parameters %v, want one, which scales the noise", s.Name(), s.Parameters())
		}
		for p, last := 0.5, -1.0; p <= 1; p += 0x1p-7 {
			if r := s.Radius(p); !(r > last) {
				t.Errorf("%s: radius %v of %v does not increase", s.Name(), r, p)
			} else {
				last = r
			}
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
	if d := Describe(Laplace{0.25}); d != "laplace scale 0.25" {
		t.Errorf("got %q", d)
	}
	if d := Describe(nil); d != "" {
		t.Errorf("got %q for none", d)
	}
}
