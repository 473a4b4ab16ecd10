package certify

import (
	"errors"
	"fmt"
	"slices"
)

// CompareRuns compares two methods by several training runs of each, certified on the same images. It returns the
// differences of mean ACR and of mean certified accuracy at each radius.
//
// Runs and images are both taken as samples, crossed, with runs nested in methods. Let x be the value of run i of a
// method on image j, and d the difference of the two methods' means over runs on image j. Then the variance of the
// difference is estimated by
//
//	runs + images - both
//
// where runs adds, for each method, the variance of its runs' means over images divided by the number of runs; images
// is the variance of d over images divided by their number; and both adds, for each method, the variance of what
// neither the run's nor the image's mean explains, divided by runs and images: the first two hold it once each (the
// random-effects analysis of variance of two factors: Searle, Casella and McCulloch, Variance Components, 1992, chapter
// 4). It is never taken below the larger of the first two. Degrees of freedom are Satterthwaite's (1946): with few runs
// that vary much the interval is wide, as it has to be. With one run on each side only the images remain, and the
// comparison is about the two classifiers; with one run on one side, it is taken to vary as the runs of the other do.
//
// All certifications must be comparable, as for [Compare]. Images that one of them lacks are left out.
func CompareRuns(as, bs []*Certificates, radii ...float64) (Comparison, error) {
	if len(as) == 0 || len(bs) == 0 {
		return Comparison{}, errors.New("a comparison needs at least one certification on each side")
	}
	if err := checkRadii(radii); err != nil {
		return Comparison{}, err
	}
	all := slices.Concat(as, bs)
	if err := checkRuns(all); err != nil {
		return Comparison{}, err
	}
	if i := slices.IndexFunc(radii, func(r float64) bool { return !all[0].Plan.DefinesAccuracy(r) }); i >= 0 {
		return Comparison{}, fmt.Errorf(
			"%s is not a radius of the %s's grid (%s)",
			radiusText(radii[i]),
			all[0].Plan.Kind(),
			gridText(all[0].Plan.Procedure().Grid()),
		)
	}
	if !all[0].Plan.DefinesACR() && len(radii) == 0 {
		return Comparison{}, fmt.Errorf(
			"a %s proves only the radii of its grid, so there is no ACR to compare: give radii of the grid (%s)",
			all[0].Plan.Kind(),
			gridText(all[0].Plan.Procedure().Grid()),
		)
	}
	common, err := commonRows(all)
	if err != nil {
		return Comparison{}, err
	}
	r := Comparison{Images: len(common[0].Rows), Runs: [2]int{len(as), len(bs)}, N: all[0].Plan.N}
	for side, list := range [][]*Certificates{as, bs} {
		r.Sound[side] = !slices.ContainsFunc(list, func(c *Certificates) bool { return c.Plan.Slack == 0 })
	}
	for side, list := range [][]*Certificates{common[:len(as)], common[len(as):]} {
		r.Unrecorded[side] = slices.ContainsFunc(list, func(c *Certificates) bool { return !c.PixelsRecorded() })
	}
	for _, c := range common {
		r.ReexpressedFrom = max(r.ReexpressedFrom, c.ReexpressedFrom)
	}
	first, second := common[:len(as)], common[len(as):]
	r.Estimate = difference(first, second, (*Certificates).credits)
	if r.Runs == [2]int{1, 1} && r.Images >= minBootstrap && r.Images < bootstrapBelow {
		r.Estimate, r.Bootstrap = bootstrapT(r.Estimate, paired(first[0].credits(), second[0].credits()))
	}
	for _, radius := range radii {
		robust := func(c *Certificates) []float64 { return c.robust(radius) }
		a := AccuracyDifference{Radius: radius, Estimate: difference(first, second, robust)}
		if r.tested() {
			a.Discordant = discordant(robust(first[0]), robust(second[0]))
		}
		r.Accuracies = append(r.Accuracies, a)
	}
	return r, nil
}

// checkRuns returns an error if certifications are unfinished or not comparable, or if one is given twice.
func checkRuns(all []*Certificates) error {
	for i, c := range all {
		if err := checkFinished(c); err != nil {
			return err
		}
		if err := checkComparable(all[0], c); err != nil {
			return err
		}
		if slices.Contains(all[:i], c) && len(all) > 2 {
			return errors.New("a certification is given twice: each must be a separate training run")
		}
	}
	return nil
}

// commonRows reduces certifications to their common images, and to printed radii if one has only those.
func commonRows(all []*Certificates) ([]*Certificates, error) {
	printed := slices.ContainsFunc(all, func(c *Certificates) bool { return c.Printed })
	held := map[int]int{} // number of certifications that have an image, by index
	for _, c := range all {
		for _, row := range c.Rows {
			held[row.Index]++
		}
	}
	label := map[int]int{}
	common := make([]*Certificates, len(all))
	for i, c := range all {
		if printed {
			c = c.Rounded()
		}
		reduced := *c
		reduced.Rows = nil
		for _, row := range c.Rows {
			if held[row.Index] < len(all) {
				continue
			}
			if i == 0 {
				label[row.Index] = row.Label
			} else if label[row.Index] != row.Label {
				return nil, fmt.Errorf(
					"image %d has label %d in one certification and %d in another: they are about different data sets",
					row.Index,
					label[row.Index],
					row.Label,
				)
			}
			reduced.Rows = append(reduced.Rows, row)
		}
		reduced.Planned = len(reduced.Rows)
		common[i] = &reduced
	}
	switch len(common[0].Rows) {
	case 0:
		return nil, errors.New("the certifications have no images in common; certify the same images with all")
	case 1:
		return nil, errors.New(
			"the certifications have one image in common; the error of a difference needs at least 2",
		)
	}
	return common, nil
}

// difference compares the means of per-image values over the runs of two sides.
func difference(as, bs []*Certificates, values func(*Certificates) []float64) Estimate {
	a, b := newSide(as, values), newSide(bs, values)
	differences := paired(a.images, b.images)
	mean, se := meanAndError(differences)
	images := part{se * se, float64(len(differences) - 1)}
	runs := []part{a.betweenRuns(), b.betweenRuns()}
	both := a.unexplained() + b.unexplained()
	switch {
	case len(as) == 1 && len(bs) == 1:
		runs, both = nil, 0
	case len(as) == 1:
		runs, both = borrowed(b)
	case len(bs) == 1:
		runs, both = borrowed(a)
	}
	variance, freedom := combine(images, runs, both)
	return newEstimate(mean, variance, freedom)
}

// paired returns a - b, image by image.
func paired(a, b []float64) []float64 {
	d := make([]float64, len(a))
	for j := range d {
		d[j] = a[j] - b[j]
	}
	return d
}

// part is a part of a variance, with the degrees of freedom of its estimate.
type part struct{ variance, freedom float64 }

// borrowed returns the variance between runs and the unexplained variance that a single run takes from the several runs
// of s.
func borrowed(s side) (runs []part, both float64) {
	n := float64(len(s.means))
	p := s.betweenRuns()
	return []part{{p.variance * (1 + n), p.freedom}}, s.unexplained() * (1 + n)
}

// combine adds the parts up as described at CompareRuns.
func combine(images part, runs []part, both float64) (variance, freedom float64) {
	between, squares := 0.0, images.variance*images.variance/images.freedom
	for _, p := range runs {
		between += p.variance
		squares += p.variance * p.variance / p.freedom
	}
	variance = max(images.variance+between-both, images.variance, between)
	if squares == 0 {
		return variance, images.freedom
	}
	return variance, variance * variance / squares
}

// side is one side of a comparison: values by run and image, and their means.
type side struct {
	values [][]float64
	images []float64 // means over runs
	means  []float64 // means over images
}

func newSide(runs []*Certificates, values func(*Certificates) []float64) side {
	s := side{images: make([]float64, len(runs[0].Rows))}
	for _, c := range runs {
		x := values(c)
		mean, _ := meanAndError(x)
		s.values, s.means = append(s.values, x), append(s.means, mean)
		for j, v := range x {
			s.images[j] += v / float64(len(runs))
		}
	}
	return s
}

// betweenRuns returns the variance of the runs' means divided by their number.
func (s side) betweenRuns() part {
	_, se := meanAndError(s.means)
	return part{se * se, float64(len(s.means) - 1)}
}

// unexplained returns the variance that neither the run's nor the image's mean explains, divided by runs and images.
func (s side) unexplained() float64 {
	runs, images := float64(len(s.values)), float64(len(s.images))
	total, _ := meanAndError(s.means)
	squares := 0.0
	for i, x := range s.values {
		for j, v := range x {
			rest := v - s.means[i] - s.images[j] + total
			squares += rest * rest
		}
	}
	return squares / ((runs - 1) * (images - 1)) / (runs * images)
}

// discordant counts where one of two lists of zeros and ones is 1 and the other is not.
func discordant(a, b []float64) *Discordant {
	var onlyFirst, onlySecond int
	for j := range a {
		switch {
		case a[j] > b[j]:
			onlyFirst++
		case b[j] > a[j]:
			onlySecond++
		}
	}
	return mcnemar(onlyFirst, onlySecond)
}
