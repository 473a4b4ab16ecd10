package certify

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"smoothlab/internal/humanize"
	"smoothlab/internal/texttable"
	"smoothlab/internal/textwidth"
)

// Comparison is the difference of two certifications, or of two lists of them, on their common images. The
// embedded [Estimate] is about the ACR of the first minus the ACR of the second.
type Comparison struct {
	Estimate
	Names           [2]string            `json:"names" help:"names of the two sides; empty if they have none"`
	Images          int                  `json:"images" help:"number of common images"`
	Runs            [2]int               `json:"runs" help:"number of training runs on each side"`
	N               int                  `json:"n" help:"votes per image; 0 if the logs do not have it"`
	ReexpressedFrom int                  `json:"reexpressed_from" help:"largest number of votes that was re-expressed at N; 0 if none was"`
	Sound           [2]bool              `json:"sound" help:"whether all runs of a side use sound sampling: noise on the pixel grid, and lowered bounds"`
	Unrecorded      [2]bool              `json:"unrecorded" help:"whether a log of a side lacks the digests of its images"`
	Bootstrap       bool                 `json:"bootstrap" help:"whether the interval of ACR is by the bootstrap-t: one run per side, few images"`
	Accuracies      []AccuracyDifference `json:"accuracies" help:"differences of certified accuracy, one per radius"`
}

// AccuracyDifference is the difference of certified accuracies at one radius, as shares between -1 and 1.
type AccuracyDifference struct {
	Radius float64 `json:"radius" help:"L2, in pixel units of [0,1]"`
	Estimate
	Discordant *Discordant `json:"discordant,omitempty" help:"discordant images; only for one run per side, not re-expressed"`
}

// Discordant counts the images that only one of two classifiers certifies correctly at a radius.
type Discordant struct {
	OnlyFirst  int     `json:"only_first" help:"images that only the first certifies, with the right class"`
	OnlySecond int     `json:"only_second" help:"images that only the second certifies, with the right class"`
	P          float64 `json:"p" help:"two-sided exact McNemar test: the binomial test of the two counts against ½"`
}

// Compare pairs a and b image by image. It returns the differences of ACR and of certified accuracy at each radius,
// with paired standard errors and intervals over images: Student's, and for ACR of 10 to 199 images by the bootstrap-t.
// The result is about these two classifiers. [CompareRuns] estimates how other training runs of the same methods would
// differ.
//
// It refuses certifications of different noise or votes, since the radius depends on both (a [*VotesError] if N
// differs), unfinished ones (see [Certificates.Partial]), and those with fewer than two common images. If one of them
// has printed radii, both are compared as printed.
func Compare(a, b *Certificates, radii ...float64) (Comparison, error) {
	return CompareRuns([]*Certificates{a}, []*Certificates{b}, radii...)
}

// mcnemar runs the exact test of McNemar 1947: if accuracies are equal, each discordant image is a fair coin toss.
func mcnemar(onlyFirst, onlySecond int) *Discordant {
	d := &Discordant{OnlyFirst: onlyFirst, OnlySecond: onlySecond, P: 1}
	if n := onlyFirst + onlySecond; n > 0 {
		d.P = signTest(max(onlyFirst, onlySecond), n)
	}
	return d
}

// Sides returns names for the two sides: their own, or "the first" and "the second" if these are missing or equal.
func (c Comparison) Sides() (first, second string) {
	if c.Names[0] == "" || c.Names[1] == "" || c.Names[0] == c.Names[1] {
		return "the first", "the second"
	}
	return c.Names[0], c.Names[1]
}

// Conclusion returns one sentence on what follows from the interval of ACR; "" without an interval.
func (c Comparison) Conclusion() string {
	first, second := c.Sides()
	what := "these two classifiers"
	if c.Runs != [2]int{1, 1} {
		what = "the two methods"
	}
	switch {
	case math.IsNaN(c.Difference):
		return ""
	case c.ReexpressedFrom > 0:
		return "both sides, or one, are estimates: the interval describes them and proves nothing"
	case c.Error == 0 && c.Difference == 0:
		return "all radii are equal: there is nothing to compare"
	case c.Error == 0:
		return "all differences are equal: there are too few images to know how certain that is"
	case c.Low > 0:
		return fmt.Sprintf("%s has the larger ACR: on images like these, 0 is outside the 95%% interval of %s", first, what)
	case c.High < 0:
		return fmt.Sprintf("%s has the larger ACR: on images like these, 0 is outside the 95%% interval of %s", second, what)
	}
	return fmt.Sprintf(
		"the interval includes 0: these images do not show which of %s has the larger ACR, nor that they are equal; "+
			"differences beyond %s and %s are ruled out", what, humanize.Signed(c.Low, 4), humanize.Signed(c.High, 4))
}

// Caption describes what is compared and what can be concluded from it.
func (c Comparison) Caption() string {
	first, second := c.Sides()
	s := first + " − " + second + ": " + humanize.Grouped(c.Images) + " common images, "
	switch {
	case c.Runs == [2]int{1, 1}:
		s += "one run each: about these two classifiers, not yet about the methods (give lists of runs)"
	case c.Runs[0] == c.Runs[1]:
		s += fmt.Sprintf("%d runs each: about the methods", c.Runs[0])
	case min(c.Runs[0], c.Runs[1]) == 1:
		s += fmt.Sprintf(
			"%s and %s: the single run is taken to vary as the others do",
			humanize.Count(c.Runs[0], "run"),
			humanize.Count(c.Runs[1], "run"),
		)
	default:
		s += fmt.Sprintf("%d and %d runs: about the methods", c.Runs[0], c.Runs[1])
	}
	switch c.Sound {
	case [2]bool{true, true}:
		s += "\nboth by sound sampling"
	case [2]bool{true, false}:
		s += "\nthe first by sound sampling, the second with noise in float32"
	case [2]bool{false, true}:
		s += "\nthe first with noise in float32, the second by sound sampling"
	}
	switch c.Unrecorded {
	case [2]bool{true, false}:
		s += "\nthe first has no digests of its images: images are paired by index and label"
	case [2]bool{false, true}:
		s += "\nthe second has no digests of its images: images are paired by index and label"
	}
	if c.ReexpressedFrom > 0 {
		s += fmt.Sprintf(
			"\nre-expressed at N=%s from up to %s votes: an estimate, which certifies nothing",
			humanize.Grouped(c.N),
			humanize.Grouped(c.ReexpressedFrom),
		)
	}
	return s
}

// Head returns the headers of the columns of Rows.
func (c Comparison) Head() []string {
	if c.tested() {
		return []string{"r", "diff", "only first", "only second", "p (exact McNemar)"}
	}
	return []string{"r", "diff", "s.e.", "95%"}
}

// tested reports whether each radius has discordant counts.
func (c Comparison) tested() bool { return c.Runs == [2]int{1, 1} && c.ReexpressedFrom == 0 }

// Rows returns the accuracy differences in percentage points, one row per radius. The first row has the unit.
func (c Comparison) Rows() [][]string {
	var rows [][]string
	for i, a := range c.Accuracies {
		diff := humanize.Signed(100*a.Difference, 2)
		if i == 0 {
			diff += " pt"
		}
		row := []string{radiusText(a.Radius), diff}
		if a.Discordant != nil {
			d := a.Discordant
			row = append(row, humanize.Grouped(d.OnlyFirst), humanize.Grouped(d.OnlySecond), pValue(d.P))
		} else {
			low, high := humanize.Signed(100*a.Low, 2), humanize.Signed(100*a.High, 2)
			row = append(row, fmt.Sprintf("%.2f", 100*a.Error), "["+low+", "+high+"]")
		}
		rows = append(rows, row)
	}
	return rows
}

// ACRLine returns the difference of ACR as one line of text.
func (c Comparison) ACRLine() string {
	if math.IsNaN(c.Difference) {
		return "ACR   –   (a ladder proves the radii of its grid only)"
	}
	by := ""
	if c.Bootstrap {
		by = " by bootstrap-t"
	}
	return fmt.Sprintf("ACR   %s ± %.4f   %s%s", humanize.Signed(c.Difference, 4), c.Error, c.interval(1, 4), by)
}

// Text returns the comparison as lines of text.
func (c Comparison) Text() string {
	text := c.Caption() + "\n" + c.ACRLine() + "\n"
	if says := c.Conclusion(); says != "" {
		text += says + "\n"
	}
	return text + c.Table()
}

// Table returns the accuracy differences as lines of text; it is empty without radii.
func (c Comparison) Table() string {
	if len(c.Accuracies) == 0 {
		return ""
	}
	const unit = " pt" // behind the first difference only
	head, rows := c.Head(), c.Rows()
	if c.tested() {
		for _, row := range rows {
			for i := 2; i < 4; i++ { // counts end under the middle of their headers
				row[i] = textwidth.Right(row[i], (len(head[i])+1)/2+1)
			}
		}
	}
	rows = slices.Insert(rows, 0, head)
	for i, row := range rows {
		difference, found := strings.CutSuffix(row[1], unit)
		row[1] = difference
		if found {
			rows[i] = slices.Insert(row, 2, unit)
		} else {
			rows[i] = slices.Insert(row, 2, "")
		}
	}
	layout := texttable.New(rows, len(rows[0]))
	layout[0].Width = max(4, layout[0].Width)
	layout[1].Width, layout[1].Right, layout[1].Gap = max(5, layout[1].Width), true, 0
	for i := range layout[2:] {
		layout[2+i].Gap = 3
	}
	return layout.Text(rows)
}

// pValue formats a p-value with two decimals, or one significant digit below 0.01.
func pValue(p float64) string {
	switch {
	case p >= 0.01:
		return fmt.Sprintf("%.2f", p)
	case p >= 0.001:
		return fmt.Sprintf("%.3f", p)
	}
	if p < 1e-300 { // it may have underflowed
		return "<1e-300"
	}
	return fmt.Sprintf("%.0e", p)
}

// checkRadii returns an error if a requested radius is not a finite number of 0 or more.
func checkRadii(radii []float64) error {
	if i := slices.IndexFunc(radii, func(r float64) bool { return !(r >= 0) }); i >= 0 {
		return fmt.Errorf("a radius cannot be %v; expected 0 or more", radii[i])
	}
	return nil
}
