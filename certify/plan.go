package certify

import (
	"fmt"
	"math"
	"reflect"
	"sort"
	"strings"

	"smoothlab/smoothing"
)

// Plan sets the number of votes per image, and when they end. N0 votes choose a class. Without a ladder it is the
// authors' fixed plan: N fresh votes bound the probability of that class from below, and the radius of an image is
// wrong with probability at most Alpha. With one, up to about N votes prove radii of a grid, all of them at once with
// probability 1 - Alpha: see [Ladder].
type Plan struct {
	N0     int     `json:"n0"`
	N      int     `json:"n"` // under a ladder, the votes of the fixed plan that its last rung is derived from
	Alpha  float64 `json:"alpha"`
	Ladder *Ladder `json:"ladder,omitempty"` // nil for a fixed plan

	// Slack is subtracted from every lower bound. It bounds the difference between a probability under the voter's
	// noise and under ideal noise. 0 means unknown (float32 noise). Run and Certify take it from the voter.
	Slack float64 `json:"slack"`
}

// Fixed returns the plan of CERTIFY (Cohen et al. 2019, figure 2; n0 100, n 100000 and alpha 0.001 in the authors'
// code/certify.py).
func Fixed(n0, n int, alpha float64) Plan { return Plan{N0: n0, N: n, Alpha: alpha} }

// Check returns an error if a value of the plan is out of range.
func (p Plan) Check() error {
	if p.N0 <= 0 {
		return fmt.Errorf(
			"n0, the number of votes that choose a class, must be at least 1 (100 is usual); got %d",
			p.N0,
		)
	}
	if p.N <= 0 {
		return fmt.Errorf("n, the number of votes for the bound, must be at least 1 (100000 is usual); got %d", p.N)
	}
	if !(p.Slack >= 0 && p.Slack < 0.5) {
		return fmt.Errorf("the slack of a plan is a small probability, from 0 to below 0.5; got %v", p.Slack)
	}
	if err := checkAlpha(p.Alpha); err != nil || p.Ladder == nil {
		return err
	}
	return p.Ladder.check()
}

// CheckUse returns an error for a plan that is refused for new work: its alpha is above ½, or no image can be certified
// with it. A ladder needs the smoothing; for a fixed plan it may be nil. Older logs of such plans can still be read.
func (p Plan) CheckUse(under smoothing.Smoothing) error {
	if err := p.Check(); err != nil {
		return err
	}
	if err := checkUsedAlpha(p.Alpha); err != nil {
		return err
	}
	if l := p.Ladder; l != nil {
		if err := checkGridNorm(under); err != nil {
			return err
		}
		c := newClimb(p, under)
		for k, n := range l.Rungs {
			if c.proves[k][0] <= n {
				return nil
			}
		}
		return fmt.Errorf(
			"no image can be certified: %s votes, all for one class, do not prove radius %s at %s and alpha %v; give a larger n",
			grouped(l.last()),
			radiusText(l.Radii[0]),
			smoothing.Describe(under),
			p.Alpha,
		)
	}
	if needed := p.minVotes(0.5); p.N < needed {
		return fmt.Errorf(
			"with n=%s votes at alpha %v no image can be certified, even if all votes agree: give n=%s or more",
			grouped(p.N),
			p.Alpha,
			grouped(needed),
		)
	}
	return nil
}

// minVotes returns the smallest number of votes that prove a probability if all agree. ½ certifies an image.
func (p Plan) minVotes(probability float64) int {
	return 1 + sort.Search(maxNeeded, func(n int) bool { return p.lower(n+1, n+1, p.Alpha) >= probability })
}

// maxNeeded is more votes than ½ needs at any alpha, and more than a certification can draw.
const maxNeeded = math.MaxInt32

// maxUsedAlpha is the largest alpha of new work. With a larger one certificates would be wrong more often than right.
const maxUsedAlpha = 0.5

// checkUsedAlpha checks the alpha of new work.
func checkUsedAlpha(alpha float64) error {
	if err := checkAlpha(alpha); err != nil {
		return err
	}
	if alpha > maxUsedAlpha {
		return fmt.Errorf(
			"alpha is the failure probability, and with alpha %v a certificate may be wrong more often than right: "+
				"give 0.001, which is usual, or at most %v",
			alpha,
			maxUsedAlpha,
		)
	}
	return nil
}

func checkAlpha(alpha float64) error {
	if !(alpha > 0 && alpha < 1) {
		return fmt.Errorf("alpha is the failure probability here, between 0 and 1 (0.001 is usual); got %v", alpha)
	}
	return nil
}

// Ceiling returns the largest radius the plan can prove: the radius of an image whose votes all agree, or the last of a
// ladder's grid.
func (p Plan) Ceiling(under smoothing.Smoothing) float64 {
	if l := p.Ladder; l != nil {
		return l.Radii[len(l.Radii)-1]
	}
	return max(0, under.Radius(p.lower(p.N, p.N, p.Alpha)))
}

// lower returns the bound that count of n votes give at level alpha, which is the plan's or a part of it.
func (p Plan) lower(count, n int, alpha float64) float64 {
	b := LowerBound(count, n, alpha)
	if p.Slack == 0 {
		return b
	}
	return max(0, math.Nextafter(b-p.Slack, 0))
}

// MaxVotes returns the largest number of votes that one image takes.
func (p Plan) MaxVotes() int {
	if p.Ladder != nil {
		return p.N0 + p.Ladder.last()
	}
	return p.N0 + p.N
}

// Guarantee describes what certificates of the plan promise about radii in a norm. Logs keep it in their JSON file.
func (p Plan) Guarantee(norm string) string {
	sound := ""
	if p.Slack > 0 {
		sound = fmt.Sprintf(
			"; the noise was drawn on the pixel grid, and all bounds are lowered by %.2g, more than any probability under it differs from that under ideal noise",
			p.Slack,
		)
	}
	if p.Ladder == nil {
		return fmt.Sprintf(
			"for each image, with probability at least 1 - %v over its votes, no perturbation of %s norm below the radius changes the smoothed classifier's class",
			p.Alpha,
			norm,
		) + sound
	}
	s := fmt.Sprintf(
		"for each image, with probability at least 1 - %v over its votes, all radii of the grid that are proved are right at once: no perturbation of smaller %s norm changes the smoothed classifier's class",
		p.Alpha,
		norm,
	)
	if p.Ladder.Evaluation {
		s += "; labels ended the votes of images whose selected class is wrong, which leaves certified accuracy as it is, and abstentions, wrong predictions and p_A undefined"
	}
	return s + sound
}

// String returns the plan as one writes it in a session.
func (p Plan) String() string {
	if p.Ladder == nil {
		return fmt.Sprintf("fixed(n0=%d, n=%d, alpha=%v)", p.N0, p.N, p.Alpha)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "ladder(radii=[%s], n0=%d, n=%d, alpha=%v", p.Ladder.grid(), p.N0, p.N, p.Alpha)
	if p.Ladder.Evaluation {
		b.WriteString(", evaluation=True")
	}
	return b.String() + ")"
}

// kind returns the name of the kind of plan.
func (p Plan) kind() string {
	if p.Ladder == nil {
		return "fixed"
	}
	return "ladder"
}

// ladder returns the plan's ladder, an empty one for the fixed plan.
func (p Plan) ladder() *Ladder {
	if p.Ladder == nil {
		return &Ladder{}
	}
	return p.Ladder
}

// alike reports whether two plans prove the same from the same votes. Evaluation mode does not change certified
// accuracy.
func (p Plan) alike(q Plan) bool {
	a, b := *p.ladder(), *q.ladder()
	a.Evaluation, b.Evaluation = false, false
	return p.kind() == q.kind() && reflect.DeepEqual(a, b)
}

// DefinesACR reports whether the average certified radius is defined. It is not under a ladder, whose radii are rounded
// down to its grid.
func (p Plan) DefinesACR() bool { return p.Ladder == nil }

// DefinesAbstention reports whether rows without a class are abstentions. Under a ladder they may be unproved for other
// reasons, unless its grid begins at 0 and labels end no votes.
func (p Plan) DefinesAbstention() bool {
	return p.Ladder == nil || p.Ladder.Radii[0] == 0 && !p.Ladder.Evaluation
}

// DefinesAccuracy reports whether certified accuracy at radius r is defined: under a ladder, at radii of its grid.
func (p Plan) DefinesAccuracy(r float64) bool { return p.Ladder == nil || p.Ladder.Has(r) }
