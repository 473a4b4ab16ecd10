package certify

import (
	"errors"
	"fmt"

	"smoothlab/internal/humanize"
)

// Forecast holds the expected cost and results of an adaptive plan on images whose probabilities are known from
// certificates of a fixed plan.
type Forecast struct {
	Plan       Plan             `json:"plan" help:"the ladder"`
	Sigma      float64          `json:"sigma" help:"standard deviation of the noise, in pixel units of [0,1]"`
	Images     int              `json:"images" help:"number of images"`
	Votes      float64          `json:"votes" help:"expected votes per image, including those that choose the class"`
	FixedVotes int              `json:"fixed_votes" help:"votes per image of the fixed plan"`
	Radii      []ForecastRadius `json:"radii" help:"certified accuracy at each radius of the grid"`
}

// ForecastRadius holds certified accuracy at one radius, as shares.
type ForecastRadius struct {
	Radius float64 `json:"radius" help:"L2, in pixel units of [0,1]"`
	Log    float64 `json:"log" help:"certified accuracy in the certificates"`
	Fixed  float64 `json:"fixed" help:"expected certified accuracy of the fixed plan, with fresh votes"`
	Ladder float64 `json:"ladder" help:"expected certified accuracy of the ladder"`
}

// Error returns the expected loss of the adaptive plan; it is negative for a gain.
func (r ForecastRadius) Error() float64 { return r.Fixed - r.Ladder }

// Saving returns the factor by which the ladder needs fewer votes.
func (f Forecast) Saving() float64 { return float64(f.FixedVotes) / f.Votes }

// Forecast computes, exactly, what an adaptive plan is expected to do on images like those of c, which must be of a
// fixed plan with known votes. The share of votes is taken as the probability of each image's class. If a published log
// has only the radius, the count with the nearest radius is used. Logs do not have the class of an abstention; in a
// published log it is taken to be the right class with probability ½, the most expensive case. A wrong choice of the
// class is left out.
func (c *Certificates) Forecast(p Plan) (*Forecast, error) {
	switch {
	case !p.Procedure().Adaptive():
		return nil, errors.New("a fixed plan needs no forecast: its votes are known; give a ladder")
	case c.Smoothing == nil || c.Plan.N == 0 || c.Plan.Alpha == 0:
		return nil, errors.New(
			"a forecast needs sigma, N and alpha, but the log does not have all of them: give them to read_log",
		)
	case c.Plan.Procedure().Adaptive() || c.ReexpressedFrom > 0:
		return nil, errors.New("a forecast needs certificates of a fixed plan that were not re-expressed")
	case len(c.Rows) == 0:
		return nil, errors.New("there are no rows to forecast from")
	}
	if err := p.CheckUse(c.Smoothing); err != nil {
		return nil, err
	}
	ladder, found := p.Procedure().begin(p, c.Smoothing).(forecaster)
	if !found {
		return nil, fmt.Errorf("there is no forecast for a %s", p.Kind())
	}
	oneRung := &Ladder{Radii: p.Procedure().Grid(), Rungs: []int{p.N}, Weights: []float64{1}}
	fixed := newClimb(Plan{N0: p.N0, N: p.N, Alpha: p.Alpha, Slack: p.Slack, Ladder: oneRung}, c.Smoothing)
	type outcomes struct{ ladder, fixed Outcome }
	of := memoize(func(votes int) outcomes {
		share := float64(votes) / float64(c.Plan.N)
		return outcomes{ladder.outcome(share, negligibleInMeans), fixed.outcome(share, negligibleInMeans)}
	})
	f := &Forecast{
		Plan:       p,
		Sigma:      c.Sigma(),
		Images:     len(c.Rows),
		FixedVotes: p.N0 + p.N,
		Radii:      make([]ForecastRadius, len(p.Procedure().Grid())),
	}
	votes, err := c.votes()
	if err != nil {
		return nil, err
	}
	share := 1 / float64(len(c.Rows))
	for i, row := range c.Rows {
		f.Votes += share * float64(p.N0)
		right := row.Correct || row.Predicted == Abstain
		if !right && p.Procedure().UsesLabels() {
			continue
		}
		o := of(votes[i])
		f.Votes += share * o.ladder.Votes
		for j := range f.Radii {
			if right {
				f.Radii[j].Ladder += share * o.ladder.Proved[j]
				f.Radii[j].Fixed += share * o.fixed.Proved[j]
			}
		}
	}
	for j, r := range p.Procedure().Grid() {
		f.Radii[j].Radius, f.Radii[j].Log = r, c.Accuracy(r)
	}
	return f, nil
}

// Grid returns the forecast as a table, in percent.
func (f *Forecast) Grid() *Grid {
	g := &Grid{
		Caption: fmt.Sprintf(
			"%v at sigma %v · %s images · %s votes per image, %.2f times fewer than %s",
			f.Plan,
			f.Sigma,
			humanize.Grouped(f.Images),
			humanize.Grouped(int(f.Votes+0.5)),
			f.Saving(),
			humanize.Grouped(f.FixedVotes),
		),
		Head: []string{"r", "in the log", "fixed plan", f.Plan.Procedure().Name(), "error"},
	}
	for _, r := range f.Radii {
		g.Rows = append(
			g.Rows,
			[]string{
				radiusText(r.Radius),
				fmt.Sprintf("%6.2f", 100*r.Log),
				fmt.Sprintf("%6.2f", 100*r.Fixed),
				fmt.Sprintf("%6.2f", 100*r.Ladder),
				humanize.Signed(-100*r.Error(), 2),
			},
		)
	}
	return g
}
