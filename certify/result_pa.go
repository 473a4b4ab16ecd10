package certify

import (
	"errors"
	"fmt"
	"slices"
)

// PACurve returns the distribution of p_A, the probability of the true class under noise, as Sun et al. 2025 ask for:
// for probabilities p from ½ on, the share of images whose p_A is proved to be p or more. It has the corners of the
// line, as [Certificates.Curve] does, which is the same curve over radii: a radius proves the probability that it
// needs. Images without a correct certificate, whose p_A may be anything, count as below ½.
//
// It returns an error under a ladder, which ends votes early, and if the noise is unknown.
func (c *Certificates) PACurve() (p, share []float64, err error) {
	switch {
	case c.Plan.Procedure().Adaptive():
		return nil, nil, fmt.Errorf(
			"a %s ends votes early, so its bounds say little about p_A: certify with the fixed plan",
			c.Plan.Kind(),
		)
	case c.Smoothing == nil:
		return nil, nil, errors.New("p_A follows from radii and sigma, but the log does not have sigma: give it to read_log")
	case len(c.Rows) == 0:
		return nil, nil, errors.New("there are no rows to compute p_A from")
	}
	p, share = c.Curve()
	for i, r := range p {
		p[i] = c.probability(r)
	}
	return p, share, nil
}

// probability returns the probability that a radius proves, at least ½.
func (c *Certificates) probability(radius float64) float64 {
	return max(0.5, min(c.Smoothing.Probability(radius), 1))
}

// Group is the images of similar difficulty: those whose p_A under a reference classifier is at least From and less
// than To.
type Group struct {
	From, To float64
	Images   int
	ACR      float64 // mean radius over the images of the group; NaN if there are none
	Part     float64 // what the group contributes to the ACR over all images; the parts add up to it
}

// ByDifficulty divides the ACR of c by how hard images are for a reference, at increasing probabilities cuts between
// ½ and 1: images that the reference does not certify correctly, then those below the first cut, and so on. Images
// that one of the two lacks are left out.
//
// Trap. The reference must be another classifier: with c itself, the groups would be chosen by the radii that they
// summarise.
func (c *Certificates) ByDifficulty(reference *Certificates, cuts []float64) ([]Group, error) {
	if !c.Plan.DefinesACR() {
		return nil, errors.New("a ladder proves only the radii of its grid, so there is no ACR to divide")
	}
	if _, _, err := reference.PACurve(); err != nil {
		return nil, err
	}
	if !slices.IsSorted(cuts) || len(cuts) > 0 && !(cuts[0] > 0.5 && cuts[len(cuts)-1] < 1) {
		return nil, errors.New("cuts are probabilities between 0.5 and 1, in increasing order, such as [0.9, 0.99]")
	}
	pair, err := commonRows([]*Certificates{c, reference})
	if err != nil {
		return nil, err
	}
	ends := slices.Concat([]float64{0, 0.5}, cuts, []float64{1})
	groups := make([]Group, len(ends)-1)
	for i := range groups {
		groups[i].From, groups[i].To = ends[i], ends[i+1]
	}
	credits := pair[0].credits()
	for i, row := range pair[1].Rows {
		group := 0
		if row.Correct {
			group = 1
			for p := reference.probability(row.Radius); group < len(groups)-1 && p >= groups[group].To; {
				group++
			}
		}
		groups[group].Images++
		groups[group].Part += credits[i] / float64(len(credits))
	}
	for i := range groups {
		g := &groups[i]
		g.ACR = g.Part * float64(len(credits)) / float64(g.Images)
	}
	return groups, nil
}
