package certify

import (
	"errors"
	"fmt"
)

// Forecast tells what a ladder would cost, and give, on images whose probabilities are known from certificates of a
// fixed plan.
type Forecast struct {
	Plan       Plan             `json:"plan" help:"the ladder"`
	Sigma      float64          `json:"sigma" help:"standard deviation of the noise, in pixel units of [0,1]"`
	Images     int              `json:"images" help:"number of images"`
	Votes      float64          `json:"votes" help:"expected, an image, those that choose the class included"`
	FixedVotes int              `json:"fixed_votes" help:"of the fixed plan"`
	Radii      []ForecastRadius `json:"radii" help:"of the grid"`
}

// ForecastRadius is certified accuracy at one radius, as shares.
type ForecastRadius struct {
	Radius float64 `json:"radius" help:"L2, in pixel units of [0,1]"`
	Log    float64 `json:"log" help:"in the certificates"`
	Fixed  float64 `json:"fixed" help:"expected of the fixed plan, with fresh votes"`
	Ladder float64 `json:"ladder" help:"expected of the ladder"`
}

// Error is what the ladder loses, or if negative gains, in the mean.
func (r ForecastRadius) Error() float64 { return r.Fixed - r.Ladder }

// Saving is how many times fewer votes the ladder needs.
func (f Forecast) Saving() float64 { return float64(f.FixedVotes) / f.Votes }

// Forecast works out, exactly, what a ladder is expected to do on images like those of c, which must be of a fixed plan
// with known votes: each image's class is taken to have the share of votes as its probability; where a published log
// tells only the radius, that of the count whose radius lies nearest. An abstention, whose class logs do not tell, is
// taken to be of the right class with probability ½ in a published log, the dearest case. That choosing a class may
// slip is left out.
func (c *Certificates) Forecast(p Plan) (*Forecast, error) {
	switch {
	case p.Ladder == nil:
		return nil, errors.New("the votes of a fixed plan are known without a forecast; give a ladder")
	case c.Smoothing == nil || c.Plan.N == 0 || c.Plan.Alpha == 0:
		return nil, errors.New(
			"a forecast needs sigma, N and alpha, and the log does not tell all of them: give them where it is read",
		)
	case c.Plan.Ladder != nil || c.ReexpressedFrom > 0:
		return nil, errors.New("a forecast starts from certificates of a fixed plan, with the votes that were drawn")
	case len(c.Rows) == 0:
		return nil, errors.New("there are no rows to forecast from")
	}
	if err := p.CheckUse(c.Smoothing); err != nil {
		return nil, err
	}
	ladder := newClimb(p, c.Smoothing)
	fixed := newClimb(
		Plan{
			N0:     p.N0,
			N:      p.N,
			Alpha:  p.Alpha,
			Slack:  p.Slack,
			Ladder: &Ladder{Radii: p.Ladder.Radii, Rungs: []int{p.N}, Weights: []float64{1}},
		},
		c.Smoothing,
	)
	type outcomes struct{ ladder, fixed Outcome }
	of := remember(func(votes int) outcomes {
		share := float64(votes) / float64(c.Plan.N)
		return outcomes{ladder.outcome(share, negligibleInMeans), fixed.outcome(share, negligibleInMeans)}
	})
	f := &Forecast{
		Plan:       p,
		Sigma:      c.Sigma(),
		Images:     len(c.Rows),
		FixedVotes: p.N0 + p.N,
		Radii:      make([]ForecastRadius, len(p.Ladder.Radii)),
	}
	votes, err := c.votes()
	if err != nil {
		return nil, err
	}
	share := 1 / float64(len(c.Rows))
	for i, row := range c.Rows {
		f.Votes += share * float64(p.N0)
		right := row.Correct || row.Predicted == Abstain
		if !right && p.Ladder.Evaluation {
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
	for j, r := range p.Ladder.Radii {
		f.Radii[j].Radius, f.Radii[j].Log = r, c.Accuracy(r)
	}
	return f, nil
}

// Grid sets the forecast out as a table, in percent.
func (f *Forecast) Grid() *Grid {
	g := &Grid{
		Caption: fmt.Sprintf(
			"%v at sigma %v · %s images · %s votes an image, %.2f times fewer than %s",
			f.Plan,
			f.Sigma,
			grouped(f.Images),
			grouped(int(f.Votes+0.5)),
			f.Saving(),
			grouped(f.FixedVotes),
		),
		Head: []string{"r", "in the log", "fixed plan", "ladder", "error"},
	}
	for _, r := range f.Radii {
		g.Rows = append(
			g.Rows,
			[]string{
				radiusText(r.Radius),
				fmt.Sprintf("%6.2f", 100*r.Log),
				fmt.Sprintf("%6.2f", 100*r.Fixed),
				fmt.Sprintf("%6.2f", 100*r.Ladder),
				signed(-100*r.Error(), 2),
			},
		)
	}
	return g
}
