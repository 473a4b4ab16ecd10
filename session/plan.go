package session

import (
	"fmt"

	"smoothlab/certify"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/smoothing"

	"go.starlark.net/starlark"
)

// planValue is a plan as a value of the language. A ladder's rungs are computed once sigma is known.
type planValue struct {
	language.Object[*planValue]
	fixed      certify.Plan
	radii      []float64 // grid of a ladder; nil for a fixed plan
	evaluation bool
}

var _ reporter = (*planValue)(nil)

// fixedArgs are the arguments of fixed().
type fixedArgs struct {
	N0    int     `arg:"n0" help:"votes that select the class"`
	N     int     `arg:"n" help:"fresh votes that bound its probability"`
	Alpha float64 `arg:"alpha" help:"failure probability per image"`
}

func fixedDefaults() fixedArgs { return fixedArgs{N0: 100, N: 100000, Alpha: 0.001} }

// ladderArgs are the arguments of ladder().
type ladderArgs struct {
	Radii      []float64 `arg:"radii,required" max:"1000" help:"the grid to prove: increasing L2 radii in pixel units of [0,1]; 0 proves the class alone"`
	Evaluation bool      `arg:"evaluation" help:"stop voting on an image once its selected class differs from the label; keeps certified accuracy, gives up abstentions and wrong predictions"`
	N0         int       `arg:"n0" help:"votes that select the class"`
	N          int       `arg:"n" help:"votes of the fixed plan that the ladder replaces; it reaches the same radii with fewer votes for most images"`
	Alpha      float64   `arg:"alpha" help:"failure probability per image, for all radii together"`
}

func ladderDefaults() ladderArgs {
	f := fixedDefaults()
	return ladderArgs{N0: f.N0, N: f.N, Alpha: f.Alpha}
}

// fixedPlan implements fixed().
func (s *Session) fixedPlan(_ *language.Call, a *fixedArgs) (starlark.Value, error) {
	p := &planValue{fixed: certify.Fixed(a.N0, a.N, a.Alpha)}
	return p, p.check()
}

// ladderPlan implements ladder().
func (s *Session) ladderPlan(_ *language.Call, a *ladderArgs) (starlark.Value, error) {
	p := &planValue{fixed: certify.Fixed(a.N0, a.N, a.Alpha), radii: a.Radii, evaluation: a.Evaluation}
	if p.radii == nil {
		p.radii = []float64{}
	}
	return p, p.check()
}

// plan wraps the plan that certificates were made with.
func plan(p certify.Plan) *planValue {
	v := &planValue{fixed: certify.Fixed(p.N0, p.N, p.Alpha)}
	if p.Ladder != nil {
		v.radii, v.evaluation = p.Ladder.Radii, p.Ladder.Evaluation
	}
	return v
}

// check returns an error if a plan is invalid at every sigma.
func (p *planValue) check() error {
	if a := p.fixed.Alpha; !(a > 0 && a < 1) {
		return fmt.Errorf(
			"alpha is the failure probability here, between 0 and 1 (usually 0.001); got %s; the step length of the search is the alpha of smoothmix()",
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

// Describe lists the attributes and methods of plans.
func (*planValue) Describe() *language.Kind {
	attr := func(name, help string, get func(p *planValue) starlark.Value) language.Attribute {
		return language.Attr(name, help, get)
	}
	return &language.Kind{
		Name: "plan",
		Help: "The number of votes per image and the rule that ends them. certify takes it as plan=.",
		Attributes: []language.Attribute{
			attr(
				"n0",
				"votes that select the class",
				func(p *planValue) starlark.Value { return starlark.MakeInt(p.fixed.N0) },
			),
			attr(
				"n",
				"votes for the bound; for a ladder, the votes of the fixed plan that it replaces",
				func(p *planValue) starlark.Value { return starlark.MakeInt(p.fixed.N) },
			),
			attr(
				"alpha",
				"failure probability per image",
				func(p *planValue) starlark.Value { return starlark.Float(p.fixed.Alpha) },
			),
			attr(
				"radii",
				"the grid of a ladder; empty for a fixed plan",
				func(p *planValue) starlark.Value { return list(p.radii) },
			),
			attr(
				"evaluation",
				"whether labels can end the votes on an image",
				func(p *planValue) starlark.Value { return starlark.Bool(p.evaluation) },
			),
		},
		Methods: []*language.Function{
			language.Method(
				"rungs",
				"the vote counts at which a ladder is evaluated, with the share of alpha spent at each: [(500, 0.01), …]",
				rungsArgs{},
				func(_ *language.Call, p *planValue, a *rungsArgs) (starlark.Value, error) { return p.rungs(a.Sigma) },
			),
			language.Method(
				"forecast",
				"what a ladder would cost on images like those of fixed-plan certificates, and what each table entry would lose: exact expectations, without drawing votes",
				forecastArgs{},
				func(_ *language.Call, p *planValue, a *forecastArgs) (starlark.Value, error) { return p.forecast(a) },
			),
		},
	}
}

// rungsArgs are the arguments of rungs().
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

// forecastArgs are the arguments of forecast().
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
	return newReportValue(report.Forecast{Forecast: *f, Saving: f.Saving()}), nil
}

func (p *planValue) Attr(name string) (starlark.Value, error) { return p.Lookup(p, name) }
func (p *planValue) Report() report.Report                    { return report.Message{Text: p.String()} }

// String formats the plan as the call that makes it.
func (p *planValue) String() string {
	plan := p.fixed
	if p.radii != nil {
		plan.Ladder = &certify.Ladder{Radii: p.radii, Evaluation: p.evaluation}
	}
	return plan.String()
}
