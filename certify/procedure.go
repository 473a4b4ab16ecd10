package certify

import "smoothlab/smoothing"

// Procedure is the part of a plan in which kinds of plans differ: the numbers of votes after which an image is
// evaluated, when its votes end, what they prove, and what a log keeps of them. [Plan.Procedure] returns the procedure
// of a plan, and [Procedures] lists all of them.
//
// All procedures choose the class by Plan.N0 votes, and bound its probability by fresh ones. What they prove about an
// image is wrong with probability at most Plan.Alpha, whenever its votes end.
type Procedure interface {
	// Name returns the name of the procedure, which is also the name of the session's function.
	Name() string

	// Grid returns the increasing radii to which proved radii are rounded down, or nil if they are not rounded.
	Grid() []float64

	// Adaptive reports whether the number of votes depends on the votes, so that their share does not estimate p_A.
	Adaptive() bool

	// UsesLabels reports whether an image ends when its selected class is not its label.
	UsesLabels() bool

	// noun names plans of the procedure, after an article.
	noun() string

	// looks returns the numbers of votes for the bound after which an image is evaluated, increasing. The last is the
	// largest number that an image takes.
	looks(p Plan) []int

	// share returns the share of alpha that the bound at look k, from 0, may use.
	share(k int) float64

	// check returns an error if a parameter is invalid.
	check() error

	// checkNoise returns an error if the procedure does not hold under a noise.
	checkNoise(under smoothing.Smoothing) error

	// checkUse returns an error if no image can be certified by the plan.
	checkUse(p Plan, under smoothing.Smoothing) error

	// ceiling returns the largest radius that can be proved.
	ceiling(p Plan, under smoothing.Smoothing) float64

	// guarantee describes what radii of a norm mean.
	guarantee(p Plan, norm string) string

	// settings lists the parameters. Logs with other values are not resumed.
	settings() []setting

	// columns returns the names of the columns that a log has in addition, and cells their contents.
	columns() []string
	cells(r Row) []string

	// begin works the procedure out for a plan and a noise. The noise, N and alpha may be unknown where only rows of a
	// log are recomputed.
	begin(p Plan, under smoothing.Smoothing) evaluator
}

// evaluator is a procedure worked out for one plan and one noise.
type evaluator interface {
	// image starts the votes of an image whose class is selected.
	image(img Image, class int) tally

	// mismatch recomputes a row of a log from its votes, and returns the column that differs and the problem; "" if
	// none does.
	mismatch(r Row) (column, problem string)
}

// tally evaluates the votes of one image.
type tally interface {
	// take evaluates the image at the next of the procedure's looks, given the votes for its class so far.
	take(count int)

	// ended reports whether the image takes no more votes.
	ended() bool

	// row returns what the votes prove, once they have ended; its fields about the image are not set.
	row() Row
}

// ProcedureKind describes a procedure that plans can have.
type ProcedureKind struct {
	Name   string
	OnGrid bool   // whether it proves radii of a grid
	Source string // where its guarantee is proved

	// New returns a plan of the kind with the votes and alpha of a fixed plan, under a smoothing. Procedures without a
	// grid ignore g.
	New func(fixed Plan, under smoothing.Smoothing, g RadiusGrid) (Plan, error)

	empty Procedure // without parameters
}

// Call formats the call that makes such a plan in a session. votes has n0, n and alpha.
func (k ProcedureKind) Call(votes Plan, g RadiusGrid) string { return call(k.Name, votes, g) }

// RadiusGrid is the grid of radii that a plan proves, in pixel units of [0,1]. Evaluation ends an image whose selected
// class is not its label.
type RadiusGrid struct {
	Radii      []float64
	Evaluation bool
}

// Procedures lists the procedures. Help, completion, the reference page and the contract tests follow from it.
func Procedures() []ProcedureKind { return []ProcedureKind{fixedKind(), ladderKind(), bettingKind()} }

// Procedure returns the procedure of the plan.
func (p Plan) Procedure() Procedure {
	switch {
	case p.Ladder != nil:
		return p.Ladder
	case p.Betting != nil:
		return p.Betting
	}
	return fixedProcedure{}
}
