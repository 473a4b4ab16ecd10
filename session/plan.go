package session

import (
	"fmt"
	"slices"

	"smoothlab/certify"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/smoothing"

	"go.starlark.net/starlark"
)

// planValue is a plan as a value of the language. What depends on the noise, such as a ladder's rungs, is computed once
// it is known.
type planValue struct {
	language.Object[*planValue]
	kind  certify.ProcedureKind
	votes certify.Plan // n0, n and alpha
	grid  certify.RadiusGrid
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
	Evaluation bool      `arg:"evaluation" help:"stop voting on an image once its selected class differs from the label: certified accuracy stays the same, but abstentions and wrong predictions are undefined"`
	N0         int       `arg:"n0" help:"votes that select the class"`
	N          int       `arg:"n" help:"votes of the fixed plan that the ladder replaces; it reaches the same radii with fewer votes for most images"`
	Alpha      float64   `arg:"alpha" help:"failure probability per image, for all radii together"`
}

func ladderDefaults() ladderArgs {
	f := fixedDefaults()
	return ladderArgs{N0: f.N0, N: f.N, Alpha: f.Alpha}
}

// bettingArgs are the arguments of betting().
type bettingArgs struct {
	Radii      []float64 `arg:"radii,required" max:"1000" help:"the grid to prove: increasing L2 radii in pixel units of [0,1]; 0 proves the class alone"`
	Evaluation bool      `arg:"evaluation" help:"stop voting on an image once its selected class differs from the label: certified accuracy stays the same, but abstentions and wrong predictions are undefined"`
	N0         int       `arg:"n0" help:"votes that select the class"`
	N          int       `arg:"n" help:"votes of the fixed plan that betting replaces; it reaches the same radii with fewer votes for most images"`
	Alpha      float64   `arg:"alpha" help:"failure probability per image, for all radii together"`
}

func bettingDefaults() bettingArgs { return bettingArgs(ladderDefaults()) }

// planFunctions lists the functions that make plans: one for each of [certify.Procedures], by its name.
func (s *Session) planFunctions() []*language.Function {
	return []*language.Function{
		language.Func("fixed", "The plan of CERTIFY: the same votes for every image\n"+
			"Only this plan gives full radii, and therefore an ACR.", fixedDefaults(), s.fixedPlan).InGroup("certification").
			WithExamples(`certify(c, t, sigma=0.5, plan=fixed(n=10000))`),
		language.Func("ladder", "A plan that proves the radii of a grid and stops voting on an image as early as possible\n"+
			"Votes are evaluated on rungs, at 500, 1000, 2000 … votes: an image is finished when the last radius is proved or the next is out of reach. "+
			"All radii of an image are simultaneously right with probability 1 - alpha. The rungs are fixed before any vote; selection votes are never reused.",
			ladderDefaults(), s.ladderPlan).InGroup("certification").
			WithExamples(`p = ladder(radii=[0, 0.25, 0.5, 0.75], evaluation=True)`, `p.forecast(read_log("noise_0.25.gz", sigma=0.25, n=100000, alpha=0.001))`),
		language.Func("betting", "A plan as ladder(…) makes it, whose bound holds after every vote\n"+
			"The bound is a betting confidence sequence (Voráček 2024): no rung uses up a part of alpha, so there can be many: the first at 500 votes, and each of the others with a quarter more votes than the one before. "+
			"The bound is somewhat lower than a ladder's; plan.forecast(k) computes which of the two needs fewer votes.",
			bettingDefaults(), s.bettingPlan).InGroup("certification").
			WithExamples(`certify(c, t, sigma=0.5, plan=betting(radii=[0, 0.5, 1]))`),
	}
}

// fixedPlan implements fixed().
func (s *Session) fixedPlan(_ *language.Call, a *fixedArgs) (starlark.Value, error) {
	return newPlan("fixed", certify.Fixed(a.N0, a.N, a.Alpha), certify.RadiusGrid{})
}

// ladderPlan implements ladder().
func (s *Session) ladderPlan(_ *language.Call, a *ladderArgs) (starlark.Value, error) {
	return newPlan("ladder", certify.Fixed(a.N0, a.N, a.Alpha), certify.RadiusGrid{Radii: a.Radii, Evaluation: a.Evaluation})
}

// bettingPlan implements betting().
func (s *Session) bettingPlan(_ *language.Call, a *bettingArgs) (starlark.Value, error) {
	return newPlan("betting", certify.Fixed(a.N0, a.N, a.Alpha), certify.RadiusGrid{Radii: a.Radii, Evaluation: a.Evaluation})
}

// newPlan returns a plan of the named procedure.
func newPlan(procedure string, votes certify.Plan, g certify.RadiusGrid) (*planValue, error) {
	p := &planValue{kind: procedureKind(procedure), votes: votes, grid: g}
	if p.kind.OnGrid && g.Radii == nil {
		p.grid.Radii = []float64{}
	}
	return p, p.check()
}

// procedureKind returns the procedure with a name of the list.
func procedureKind(name string) certify.ProcedureKind {
	all := certify.Procedures()
	return all[slices.IndexFunc(all, func(k certify.ProcedureKind) bool { return k.Name == name })]
}

// plan wraps the plan that certificates were made with.
func plan(p certify.Plan) *planValue {
	procedure := p.Procedure()
	return &planValue{
		kind:  procedureKind(procedure.Name()),
		votes: certify.Fixed(p.N0, p.N, p.Alpha),
		grid:  certify.RadiusGrid{Radii: procedure.Grid(), Evaluation: procedure.UsesLabels()},
	}
}

// check returns an error if a plan is invalid at every sigma.
func (p *planValue) check() error {
	if a := p.votes.Alpha; !(a > 0 && a < 1) {
		return fmt.Errorf(
			"alpha is the failure probability here, between 0 and 1 (usually 0.001); got %s; the step length of the search is the alpha of smoothmix()",
			starlark.Float(a),
		)
	}
	if err := p.votes.CheckUse(nil); err != nil || !p.kind.OnGrid {
		return err
	}
	return p.kind.CheckGrid(p.grid.Radii)
}

// at returns the plan under a smoothing.
func (p *planValue) at(under smoothing.Smoothing) (certify.Plan, error) {
	return p.kind.New(p.votes, under, p.grid)
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
				func(p *planValue) starlark.Value { return starlark.MakeInt(p.votes.N0) },
			),
			attr(
				"n",
				"votes for the bound; over a grid, the votes of the fixed plan that the plan replaces",
				func(p *planValue) starlark.Value { return starlark.MakeInt(p.votes.N) },
			),
			attr(
				"alpha",
				"failure probability per image",
				func(p *planValue) starlark.Value { return starlark.Float(p.votes.Alpha) },
			),
			attr(
				"radii",
				"the grid of a ladder or of betting; empty for a fixed plan",
				func(p *planValue) starlark.Value { return list(p.grid.Radii) },
			),
			attr(
				"evaluation",
				"whether labels can end the votes on an image",
				func(p *planValue) starlark.Value { return starlark.Bool(p.grid.Evaluation) },
			),
		},
		Methods: []*language.Function{
			language.Method(
				"rungs",
				"the vote counts at which a ladder is evaluated, with the share of alpha spent at each: [(500, 0.01), …]; the bound of betting may use all of it at each",
				rungsArgs{},
				func(_ *language.Call, p *planValue, a *rungsArgs) (starlark.Value, error) { return p.rungs(a.Sigma) },
			),
			language.Method(
				"forecast",
				"what a ladder or betting would cost on images like those of fixed-plan certificates, and what each table entry would lose: exact expectations, without drawing votes",
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
	if !p.kind.OnGrid {
		return nil, fmt.Errorf("a fixed plan has no rungs: it draws all %d votes of every image", plan.N)
	}
	rungs := starlark.NewList(nil)
	for _, look := range plan.Looks() {
		if err := rungs.Append(starlark.Tuple{starlark.MakeInt(look.Votes), starlark.Float(look.Share)}); err != nil {
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
	plan := p.votes
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
func (p *planValue) String() string { return p.kind.Call(p.votes, p.grid) }
