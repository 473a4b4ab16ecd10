package session

import (
	"fmt"

	"smoothlab/certify"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/smoothing"

	"go.starlark.net/starlark"
)

// planValue is a plan in the language. A ladder's rungs are worked out where sigma is known.
type planValue struct {
	language.Base
	fixed      certify.Plan
	radii      []float64 // of a ladder; nil of a fixed plan
	evaluation bool
}

var _ reporter = (*planValue)(nil)

// fixedArgs are those of fixed().
type fixedArgs struct {
	N0    int     `arg:"n0" help:"votes that choose the class"`
	N     int     `arg:"n" help:"fresh votes that bound its probability"`
	Alpha float64 `arg:"alpha" help:"failure probability, an image"`
}

func fixedDefaults() fixedArgs { return fixedArgs{N0: 100, N: 100000, Alpha: 0.001} }

// ladderArgs are those of ladder().
type ladderArgs struct {
	Radii      []float64 `arg:"radii,required" max:"1000" help:"increasing L2 radii in pixel units of [0,1]: the grid that is proved; 0 stands for the class alone"`
	Evaluation bool      `arg:"evaluation" help:"end an image once the selected class is wrong, by its label: certified accuracy stays, abstentions and wrong predictions are not known"`
	N0         int       `arg:"n0" help:"votes that choose the class"`
	N          int       `arg:"n" help:"votes of the fixed plan that the ladder stands in for: it reaches as far, with fewer votes for most images"`
	Alpha      float64   `arg:"alpha" help:"failure probability, an image, for all radii at once"`
}

func ladderDefaults() ladderArgs {
	f := fixedDefaults()
	return ladderArgs{N0: f.N0, N: f.N, Alpha: f.Alpha}
}

// fixedPlan is fixed().
func (s *Session) fixedPlan(_ *language.Call, a *fixedArgs) (starlark.Value, error) {
	p := &planValue{fixed: certify.Fixed(a.N0, a.N, a.Alpha)}
	return p, p.check()
}

// ladderPlan is ladder().
func (s *Session) ladderPlan(_ *language.Call, a *ladderArgs) (starlark.Value, error) {
	p := &planValue{fixed: certify.Fixed(a.N0, a.N, a.Alpha), radii: a.Radii, evaluation: a.Evaluation}
	if p.radii == nil {
		p.radii = []float64{}
	}
	return p, p.check()
}

// plan is one that certificates were made with.
func plan(p certify.Plan) *planValue {
	v := &planValue{fixed: certify.Fixed(p.N0, p.N, p.Alpha)}
	if p.Ladder != nil {
		v.radii, v.evaluation = p.Ladder.Radii, p.Ladder.Evaluation
	}
	return v
}

// check says what is wrong with a plan, as far as that does not hang on sigma.
func (p *planValue) check() error {
	if a := p.fixed.Alpha; !(a > 0 && a < 1) {
		return fmt.Errorf(
			"alpha is the failure probability here, between 0 and 1 (0.001 is usual); got %s; "+
				"the search's step length is smoothmix's alpha",
			starlark.Float(a),
		)
	}
	if err := p.fixed.CheckUse(nil); err != nil || p.radii == nil {
		return err
	}
	return certify.CheckGrid(p.radii)
}

// at returns the plan under a smoothing.
func (p *planValue) at(under smoothing.Smoothing) (certify.Plan, error) {
	if p.radii == nil {
		return p.fixed, nil
	}
	return certify.NewLadder(p.fixed, under, p.radii, p.evaluation)
}

func planKind() *language.Kind {
	attr := func(name, help string, get func(p *planValue) starlark.Value) language.Attribute {
		return language.Attr(name, help, get)
	}
	return &language.Kind{
		Name: "plan",
		Help: "How many votes an image gets, and when they end. certify takes it as plan=.",
		Attributes: []language.Attribute{
			attr(
				"n0",
				"votes that choose the class",
				func(p *planValue) starlark.Value { return starlark.MakeInt(p.fixed.N0) },
			),
			attr(
				"n",
				"votes for the bound; of a ladder, those of the fixed plan that it stands in for",
				func(p *planValue) starlark.Value { return starlark.MakeInt(p.fixed.N) },
			),
			attr(
				"alpha",
				"failure probability an image",
				func(p *planValue) starlark.Value { return starlark.Float(p.fixed.Alpha) },
			),
			attr(
				"radii",
				"the grid of a ladder; empty of a fixed plan",
				func(p *planValue) starlark.Value { return list(p.radii) },
			),
			attr(
				"evaluation",
				"whether labels end the votes of an image",
				func(p *planValue) starlark.Value { return starlark.Bool(p.evaluation) },
			),
		},
		Methods: []*language.Function{
			language.Method(
				"rungs",
				"the votes at which a ladder is looked at, and the share of alpha that each has: [(500, 0.01), …]",
				rungsArgs{},
				func(_ *language.Call, p *planValue, a *rungsArgs) (starlark.Value, error) { return p.rungs(a.Sigma) },
			),
			language.Method(
				"forecast",
				"what a ladder would cost on images like those of fixed-plan certificates, and what it would lose in each entry of the table: exact expectations, no votes",
				forecastArgs{},
				func(_ *language.Call, p *planValue, a *forecastArgs) (starlark.Value, error) { return p.forecast(a) },
			),
		},
	}
}

// rungsArgs are those of rungs().
type rungsArgs struct {
	Sigma float64 `arg:"sigma,required" help:"standard deviation of the noise, in pixel units of [0,1]"`
}

func (p *planValue) rungs(sigma float64) (starlark.Value, error) {
	under, err := gaussian(sigma)
	if err != nil {
		return nil, err
	}
	plan, err := p.at(under)
	if err != nil {
		return nil, err
	}
	if plan.Ladder == nil {
		return nil, fmt.Errorf("a fixed plan has no rungs: it draws all %d votes of every image", plan.N)
	}
	rungs := starlark.NewList(nil)
	for i, n := range plan.Ladder.Rungs {
		if err := rungs.Append(
			starlark.Tuple{starlark.MakeInt(n), starlark.Float(plan.Ladder.Weights[i])},
		); err != nil {
			return nil, err
		}
	}
	return rungs, nil
}

// forecastArgs are those of forecast().
type forecastArgs struct {
	Certificates *certificatesValue `arg:"k,required" help:"certificates of a fixed plan, with sigma, n and alpha known"`
}

func (p *planValue) forecast(a *forecastArgs) (starlark.Value, error) {
	plan := p.fixed
	if under := a.Certificates.Smoothing; under != nil {
		var err error
		if plan, err = p.at(under); err != nil {
			return nil, err
		}
	}
	f, err := a.Certificates.Forecast(plan)
	if err != nil {
		return nil, err
	}
	return figures(report.Forecast{Forecast: *f, Saving: f.Saving()}), nil
}

func (*planValue) Kind() *language.Kind                         { return planKind() }
func (*planValue) Type() string                                 { return "plan" }
func (p *planValue) Attr(name string) (starlark.Value, error)   { return planKind().Get(p, name) }
func (*planValue) AttrNames() []string                          { return planKind().Names() }
func (*planValue) SetField(name string, _ starlark.Value) error { return planKind().Refuse(name) }
func (p *planValue) Report() report.Report                      { return report.Message{Text: p.String()} }

// String is the plan as it is typed.
func (p *planValue) String() string {
	plan := p.fixed
	if p.radii != nil {
		plan.Ladder = &certify.Ladder{Radii: p.radii, Evaluation: p.evaluation}
	}
	return plan.String()
}
