package certify

import (
	"strings"
	"testing"

	"smoothlab/internal/humanize"
	"smoothlab/smoothing"
)

// The settings of a certificate are the voter's: the same votes at four times the noise have four times the radius, and
// nothing that a caller writes can give a voter another noise.
func TestSettingsAreTheVoters(t *testing.T) {
	plan := Fixed(100, 1000, 0.001)
	for _, sigma := range []float64{0.25, 1} {
		v := &toyVoter{share: []float64{1}}
		v.reports(gaussian(sigma, Plan{}))
		c, err := Run(t.Context(), v, []Image{{}}, plan, "", nil)
		// All of 1000 votes: p is 0.001^(1/1000), and Φ⁻¹ of it 2.46326261478081 (Python's statistics.NormalDist). The
		// bound's margin of 1e-10 in alpha costs less than 1e-12 of p.
		if want := 2.46326261478081 * sigma; err != nil || c.Rows[0].Radius > want ||
			c.Rows[0].Radius < want*(1-1e-10) ||
			c.Sigma() != sigma {
			t.Errorf("sigma %v: radius %v at sigma %v, %v", sigma, c.Rows[0].Radius, c.Sigma(), err)
		}
		row, err := Certify(t.Context(), v, Image{}, plan)
		if err != nil || row.Radius != c.Rows[0].Radius {
			t.Errorf("Certify gives %v, %v", row.Radius, err)
		}
	}
}

// The slack is the voter's: it is always subtracted, and a plan with a different slack is refused.
func TestSlackIsTheVoters(t *testing.T) {
	plan := Fixed(10, 1000, 0.001)
	v := &toyVoter{share: []float64{1}}
	s := gaussian(0.5, plan)
	s.Plan.Slack = 0.01
	v.reports(s)
	c, err := Run(t.Context(), v, []Image{{}}, plan, "", nil)
	if err != nil || c.Plan.Slack != 0.01 || c.Rows[0].PLower >= LowerBound(1000, 1000, 0.001)-0.01 {
		t.Errorf("p_lower %v, slack %v: %v", c.Rows[0].PLower, c.Plan.Slack, err)
	}
	other := plan
	other.Slack = 0.001
	if _, err := Run(t.Context(), v, []Image{{}}, other, "", nil); err == nil ||
		!strings.Contains(err.Error(), "slack 0.001, and the voter's noise 0.01") {
		t.Errorf("another slack: %v", err)
	}
}

// Numbers with which nothing can be certified or predicted are refused before any vote, with the least n that could;
// with that n, votes that all agree certify. 0.001^(1/9) = 0.464 and 0.001^(1/10) = 0.501; 2·2^-10 = 0.00195 and
// 2·2^-11 = 0.00098.
func TestHopelessNumbers(t *testing.T) {
	for _, c := range []struct {
		alpha            float64
		certify, predict int
	}{{0.001, 10, 11}, {0.05, 5, 6}, {1e-9, 30, 31}, {0.5, 2, 2}} {
		for _, n := range []int{1, c.certify - 1, c.certify} {
			v := &toyVoter{share: []float64{1}}
			row, err := Certify(t.Context(), v, Image{}, Fixed(100, n, c.alpha))
			switch {
			case n >= c.certify:
				if err != nil || row.Predicted != 0 {
					t.Errorf("alpha %v, n %d: class %d, %v", c.alpha, n, row.Predicted, err)
				}
			case err == nil || !strings.Contains(err.Error(), "no image can be certified, even if all votes agree: give n="+humanize.Grouped(c.certify)+" or more") || v.drawn > 0:
				t.Errorf("alpha %v, n %d: %v after %d votes", c.alpha, n, err, v.drawn)
			}
		}
		for _, n := range []int{1, c.predict - 1, c.predict} {
			v := &toyVoter{share: []float64{1}}
			class, _, err := Predict(t.Context(), v, Image{}, n, c.alpha)
			switch {
			case n >= c.predict:
				if err != nil || class != 0 {
					t.Errorf("alpha %v, n %d: class %d, %v", c.alpha, n, class, err)
				}
			case err == nil || !strings.Contains(err.Error(), "every prediction abstains, even if all votes agree: give n="+humanize.Grouped(c.predict)+" or more") || v.drawn > 0:
				t.Errorf("alpha %v, n %d: %v after %d votes", c.alpha, n, err, v.drawn)
			}
		}
	}
	small := Plan{
		N0:     1,
		N:      100,
		Alpha:  0.001,
		Ladder: &Ladder{Radii: []float64{3}, Rungs: []int{100}, Weights: []float64{1}},
	}
	if _, err := Certify(t.Context(), &toyVoter{share: []float64{1}}, Image{}, small); err == nil ||
		!strings.Contains(err.Error(), "100 votes, all for one class, do not prove radius 3") {
		t.Errorf("a ladder out of reach: %v", err)
	}
	c := &Certificates{Settings: gaussian(0.5, Fixed(100, 1000, 0.001)), Rows: []Row{{Votes: 900, Used: 1000}}}
	if _, err := c.Forecast(small); err == nil || !strings.Contains(err.Error(), "do not prove radius 3") {
		t.Errorf("a forecast of a ladder out of reach: %v", err)
	}
}

// Settings that are probably mistakes are refused; logs that have them are read.
func TestHardlyMeant(t *testing.T) {
	v := &toyVoter{share: []float64{1}}
	if _, err := Certify(t.Context(), v, Image{}, Fixed(100, 1000, 0.999)); err == nil ||
		!strings.Contains(err.Error(), "wrong more often than right: give 0.001, which is usual, or at most 0.5") {
		t.Errorf("alpha 0.999: %v", err)
	}
	if _, _, err := Predict(t.Context(), v, Image{}, 1000, 0.999); err == nil ||
		!strings.Contains(err.Error(), "wrong more often than right") {
		t.Errorf("a prediction at alpha 0.999: %v", err)
	}
	v.reports(gaussian(64, Plan{}))
	for name, err := range map[string]error{
		"certify": func() error { _, err := Certify(t.Context(), v, Image{}, Fixed(100, 1000, 0.001)); return err }(),
		"run":     func() error { _, err := Run(t.Context(), v, []Image{{}}, Fixed(100, 1000, 0.001), "", nil); return err }(),
		"predict": func() error { _, _, err := Predict(t.Context(), v, Image{}, 1000, 0.001); return err }(),
		"read": func() error {
			_, err := ReadLog("testdata/published.tsv", smoothing.Gaussian{Sigma: 64}, Plan{})
			return err
		}(),
	} {
		if err == nil || !strings.Contains(err.Error(), "write 64/255 (0.251)") {
			t.Errorf("%s at sigma 64: %v", name, err)
		}
	}
	if v.drawn > 0 {
		t.Errorf("%d votes were drawn", v.drawn)
	}
}
