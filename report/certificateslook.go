package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"smoothlab/certify"
	"smoothlab/internal/humanize"
	"smoothlab/smoothing"
)

func (c Certificates) Blocks() []Block {
	full := c.Certify()
	blocks := []Block{Line(c.made()), Line(c.result(full))}
	if check := full.CrossCheck(); check != nil && len(c.Rows) > 0 {
		blocks = append(
			blocks,
			Aside{
				Line(
					fmt.Sprintf(
						"cross-check: from the same votes, a betting confidence sequence proves the same radius for %s, a smaller one for %s, a larger one for %s",
						humanize.Count(check.Same, "image"),
						humanize.Grouped(check.Smaller),
						humanize.Grouped(check.Larger),
					),
				),
			},
		)
	}
	if c.Path != "" {
		blocks = append(blocks, Aside{Line("log: " + c.Path)})
	}
	if !c.Recorded && len(c.Rows) > 0 {
		blocks = append(
			blocks,
			Aside{Line("the log does not record the images' pixels: comparisons match images by index and label")},
		)
	}
	return append(blocks, Aside{c.table()})
}

// shownRows is the maximum number of rows shown.
const shownRows = 20

// made returns the line on what was certified, and how.
func (c Certificates) made() string {
	n, plan := "", ""
	if c.Plan.N > 0 {
		n, plan = "N "+humanize.Grouped(c.Plan.N), c.plan()
		if c.Ceiling > 0 && c.Plan.DefinesACR() {
			n += " (radius at most " + fixed(roundedDown(c.Ceiling), 3) + ")"
		}
	}
	alpha, printed := "", ""
	if c.Plan.Alpha > 0 {
		alpha = "alpha " + plain(c.Plan.Alpha) + " per image"
	}
	if c.Printed {
		printed = "radii as printed in the log (3 digits)"
	}
	estimate := ""
	if c.ReexpressedFrom > 0 {
		plan, estimate = "", "re-expressed from "+humanize.Grouped(
			c.ReexpressedFrom,
		)+" votes: an estimate, not a certificate"
	}
	sound := ""
	if c.Plan.Slack > 0 {
		sound = "sound sampling (bounds lowered by " + twoDigits(c.Plan.Slack) + ")"
	}
	return Listed(
		" · ",
		smoothing.Describe(c.Noise.Smoothing),
		c.norm(),
		n,
		alpha,
		c.images(),
		plan,
		sound,
		printed,
		estimate,
	)
}

// norm is "L1 radii", or nothing for L2, which is usual.
func (c Certificates) norm() string {
	if s := c.Noise.Smoothing; s != nil && s.Norm() != "L2" {
		return s.Norm() + " radii"
	}
	return ""
}

// plan describes the plan, for instance "fixed plan" or "ladder over 0, 0.25, 0.5 (labels used)".
func (c Certificates) plan() string {
	procedure := c.Plan.Procedure()
	if procedure.Grid() == nil {
		return c.Plan.Kind()
	}
	var radii []string
	for _, r := range procedure.Grid() {
		radii = append(radii, plain(r))
	}
	if len(radii) > 5 {
		radii = append(radii[:2], "… "+radii[len(radii)-1])
	}
	s := procedure.Name() + " over " + strings.Replace(strings.Join(radii, ", "), ", … ", " … ", 1)
	if procedure.UsesLabels() {
		s += " (labels used)"
	}
	return s
}

// images describes the images, for instance "100 images (every 100th of mnist test)".
func (c Certificates) images() string {
	s := humanize.Count(len(c.Rows), "image")
	if c.Planned > len(c.Rows) {
		s = fmt.Sprintf("%s of %s", humanize.Grouped(len(c.Rows)), humanize.Count(c.Planned, "image"))
	}
	if c.Shard != "" {
		s = "shard " + c.Shard + ", " + s
	}
	data := Listed(" ", c.Dataset, c.Split)
	switch {
	case c.Pick != "" && data != "":
		s += " (" + c.Pick + " of " + data + ")"
	case c.Pick != "":
		s += " (" + c.Pick + ")"
	case data != "":
		s += " of " + data
	}
	return s
}

func (c Certificates) result(full *certify.Certificates) string {
	if len(c.Rows) == 0 {
		return "no images certified yet"
	}
	acr, se := full.ACR(), full.ACRError()
	text := "ACR " + fixed(acr, 4)
	if !math.IsNaN(se) {
		digits := errorDigits(se)
		text = "ACR " + fixed(acr, digits) + " ± " + fixed(se, digits)
	}
	var radii, shares []string
	for _, r := range c.shownRadii() {
		radii = append(radii, setting(r))
		shares = append(shares, fixed(100*full.Accuracy(r), 1))
	}
	clean, abstained, at := "", "abstained –", ""
	if c.Plan.DefinesAccuracy(0) {
		clean = "smoothed clean " + fixed(100*full.Accuracy(0), 1) + "%"
	}
	if c.Plan.DefinesAbstention() {
		abstained = "abstained " + humanize.Grouped(full.Abstained())
	}
	if len(radii) > 0 {
		at = "certified at " + strings.Join(radii, " / ") + ": " + strings.Join(shares, " / ") + " %"
	}
	if !c.Plan.DefinesACR() {
		return Listed(" · ", c.spent(full), clean, abstained, at)
	}
	return Listed(" · ", text, clean, abstained, at)
}

// spent describes the number of votes of an adaptive plan.
func (c Certificates) spent(full *certify.Certificates) string {
	each := full.VotesEach()
	fixedPlan := c.Plan.N0 + c.Plan.N
	return fmt.Sprintf(
		"%s votes per image (fixed plan: %s, %s times as many)",
		humanize.Grouped(int(each+0.5)),
		humanize.Grouped(fixedPlan),
		fixed(float64(fixedPlan)/each, 1),
	)
}

// shownRadii returns one to three times the scale of the noise, or at most eight radii above 0 of a grid.
func (c Certificates) shownRadii() (radii []float64) {
	if grid := c.Plan.Procedure().Grid(); grid != nil {
		for _, r := range grid {
			if r > 0 {
				radii = append(radii, r)
			}
		}
		return radii[:min(8, len(radii))]
	}
	if c.Noise.Smoothing == nil {
		return nil
	}
	unit := smoothing.Step(c.Noise.Smoothing)
	for k := 1; k <= 3; k++ {
		r := float64(k) * unit
		if c.Ceiling > 0 && r > c.Ceiling {
			break
		}
		radii = append(radii, math.Round(r*1e9)/1e9)
	}
	return radii
}

// errorDigits returns the number of decimals, from 2 to 4, at which a standard error has one digit.
func errorDigits(se float64) int {
	if !(se > 0) {
		return 4
	}
	return min(4, max(2, int(math.Ceil(-math.Log10(se)))))
}

// roundedDown rounds down to three decimals, so that no radius is shown that is not proved.
func roundedDown(radius float64) float64 { return math.Floor(radius*1000) / 1000 }

// atLeast rounds a lower bound down to four decimals.
func atLeast(p float64) string { return fixed(math.Floor(p*1e4)/1e4, 4) }

func (c Certificates) table() Table {
	t := Table{Head: []string{"image", "label", "class", "radius", "correct", "votes", "used", "p at least"}}
	if !c.Plan.DefinesACR() {
		t.Head = append(t.Head, "ended")
	}
	known := c.Plan.Procedure().Adaptive() || slices.ContainsFunc(c.Rows, func(r Row) bool { return r.Used > 0 })
	if !known {
		t.Head = t.Head[:5]
	}
	if len(c.Rows) > shownRows {
		t.Caption = fmt.Sprintf("the first %d of %s images", shownRows, humanize.Grouped(len(c.Rows)))
	}
	for _, r := range c.Rows[:min(len(c.Rows), shownRows)] {
		class, correct := r.class(), yesNo(r.Correct)
		if r.Predicted == certify.Abstain && !c.Plan.DefinesAbstention() {
			class, correct = "–", "–"
		}
		row := []string{strconv.Itoa(r.Index), strconv.Itoa(r.Label), class, r.radius(c.Printed), correct}
		if known {
			row = append(row, humanize.Grouped(r.Votes), humanize.Grouped(r.Used), atLeast(r.PLower))
		}
		if !c.Plan.DefinesACR() {
			row = append(row, r.Ended)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (r Row) class() string {
	if r.Predicted == certify.Abstain {
		return "abstains"
	}
	return strconv.Itoa(r.Predicted)
}

func (r Row) radius(printed bool) string {
	if printed {
		return plain(r.Radius)
	}
	return fixed(roundedDown(r.Radius), 3)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (c Certificate) Blocks() []Block {
	r := c.Row
	found := "abstains"
	if r.Predicted != certify.Abstain {
		found = fmt.Sprintf("class %d within an %s radius of %s", r.Predicted, cmp.Or(c.Norm, "L2"), r.radius(false))
	}
	found += atNoise(c.Sigma, c.Noise)
	votes, alpha := "", ""
	if r.Used > 0 {
		votes = fmt.Sprintf(
			"%s of %s votes, probability at least %s",
			humanize.Grouped(r.Votes),
			humanize.Grouped(r.Used),
			atLeast(r.PLower),
		)
	}
	if c.Plan.Alpha > 0 {
		alpha = "alpha " + plain(c.Plan.Alpha)
	}
	return []Block{Line(Listed(" · ", where(c.Dataset, c.Split, r.Index, r.Label, c.Class)+": "+found, votes, alpha))}
}

// atNoise is " at sigma 0.5", or " at laplace scale 0.5"; nothing where the noise is unknown.
func atNoise(sigma float64, other string) string {
	switch {
	case other != "":
		return " at " + other
	case sigma > 0:
		return " at sigma " + plain(sigma)
	}
	return ""
}

func (p Prediction) Blocks() []Block {
	found := "the smoothed classifier abstains"
	if p.Predicted != certify.Abstain {
		found = fmt.Sprintf("smoothed class %d", p.Predicted)
	}
	found += atNoise(p.Sigma, p.Noise)
	total := 0
	classes := make([]int, 0, len(p.Counts))
	for class, n := range p.Counts {
		total += n
		if n > 0 {
			classes = append(classes, class)
		}
	}
	slices.SortStableFunc(classes, func(a, b int) int { return cmp.Compare(p.Counts[b], p.Counts[a]) })
	var votes []string
	for i, class := range classes[:min(len(classes), 3)] {
		s := fmt.Sprintf("%s for %d", humanize.Grouped(p.Counts[class]), class)
		if i == 0 {
			s = fmt.Sprintf("%s of %s votes for %d", humanize.Grouped(p.Counts[class]), humanize.Grouped(total), class)
		}
		votes = append(votes, s)
	}
	alpha := ""
	if p.Alpha > 0 {
		alpha = "alpha " + plain(p.Alpha)
	}
	return []Block{
		Line(
			Listed(
				" · ",
				where(p.Dataset, p.Split, p.Index, p.Label, p.Class)+": "+found,
				strings.Join(votes, ", "),
				alpha,
			),
		),
	}
}
