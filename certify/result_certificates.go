package certify

import (
	"math"
	"slices"

	"smoothlab/internal/humanize"
)

// Certificates holds the rows of one certification, in the order of their indices, and its settings. Fields of Settings
// that a log does not have are zero.
type Certificates struct {
	Settings
	Rows    []Row
	Planned int  // images that were to be certified; more than there are rows if the run is unfinished
	Printed bool // radii have the three digits of the published logs, rounded to nearest

	// Shard is the part of the images that these are, if not all; see [Merge].
	Shard Shard
	whole []indexRun // all images of which it is a part

	digests map[int]string // shortened digests of the images by index; nil if unknown

	// ReexpressedFrom is the number of votes that were drawn, if Plan.N differs from it (see AtVotes), else 0.
	ReexpressedFrom int
}

// Unfinished reports whether planned images are missing.
func (c *Certificates) Unfinished() bool { return len(c.Rows) < c.Planned }

// Partial returns the rows of an unfinished certification, or of a shard, as if no more images had been planned.
func (c *Certificates) Partial() *Certificates {
	s := *c
	s.Planned = len(c.Rows)
	s.Shard, s.whole = Shard{}, nil
	return &s
}

// Slice returns the planned images first, first+step, … below last, counted from 0. It returns nil unless
// 0 <= first <= last <= Planned and step > 0.
func (c *Certificates) Slice(first, last, step int) *Certificates {
	if first < 0 || last < first || last > c.Planned || step < 1 {
		return nil
	}
	s := *c
	s.Rows, s.Planned = nil, 0
	if last-first < c.Planned || step > 1 {
		s.Shard, s.whole = Shard{}, nil // as was asked for
	}
	if last-first < c.Planned || step > 1 {
		s.ImageData = "" // it is the digest of all of them
	}
	for i := first; i < last; i += step {
		s.Planned++
		if i < len(c.Rows) { // rows are the first planned images
			s.Rows = append(s.Rows, c.Rows[i])
		}
	}
	return &s
}

// PixelsRecorded reports whether the log has digests of the certified images. Published logs, and those of version 1,
// do not.
func (c *Certificates) PixelsRecorded() bool {
	if len(c.Rows) == 0 {
		return c.ImageData != ""
	}
	return !slices.ContainsFunc(c.Rows, func(row Row) bool { return c.digests[row.Index] == "" })
}

// Every returns every k-th planned image from the first on; k must be positive.
func (c *Certificates) Every(k int) *Certificates { return c.Slice(0, c.Planned, k) }

// ACR returns the average certified radius: the mean over all rows of the radius where the class is correct and of 0
// elsewhere (abstentions and wrong classes count). It is NaN without rows, and over a grid, which is
// all that is proved.
func (c *Certificates) ACR() float64 {
	mean, _ := meanAndError(c.credits())
	return mean
}

// ACRError returns the standard error of ACR over images: standard deviation (n-1) over √n. It is NaN below two rows.
// It does not include the variation between training runs.
func (c *Certificates) ACRError() float64 {
	_, se := meanAndError(c.credits())
	return se
}

// Accuracy returns the certified accuracy at radius r: the share of all rows with the correct class and a radius of r
// or more. At 0 it is the clean accuracy of the smoothed classifier (correct and not abstained). r is taken to 12
// significant digits, so that 191·0.01 means the 1.91 that a log prints. It is NaN without rows, and over a grid at
// radii outside it.
func (c *Certificates) Accuracy(r float64) float64 {
	mean, _ := meanAndError(c.robust(r))
	return mean
}

// robust returns, for each row, 1 if it is correct with a radius of r or more, else 0; for re-expressed rows, the
// probability of that.
func (c *Certificates) robust(r float64) []float64 {
	r = humanize.Round(r, 12)
	reaches := func(row Row) float64 {
		if row.Radius >= r {
			return 1
		}
		return 0
	}
	if c.ReexpressedFrom > 0 {
		least := c.votesFor(r)
		chance := memoize(func(votes int) float64 { return c.subset(votes).atLeast(least) })
		reaches = func(row Row) float64 { return chance(row.Votes) }
	}
	x := make([]float64, len(c.Rows))
	for i, row := range c.Rows {
		switch {
		case !c.Plan.DefinesAccuracy(r):
			x[i] = math.NaN()
		case row.Correct:
			x[i] = reaches(row)
		}
	}
	return x
}

// Abstained returns the number of rows that abstain; for re-expressed certificates, of those that did before. For
// ladders see [Plan.DefinesAbstention].
func (c *Certificates) Abstained() int {
	n := 0
	for _, row := range c.Rows {
		if row.Predicted == Abstain {
			n++
		}
	}
	return n
}

// Abstention returns the share of rows that abstain; for re-expressed certificates, the expected share. It is NaN
// without rows, and if abstentions are not defined.
func (c *Certificates) Abstention() float64 {
	if !c.Plan.DefinesAbstention() {
		return math.NaN()
	}
	abstain := float64(c.Abstained())
	if c.ReexpressedFrom > 0 {
		least := c.votesFor(0)
		chance := memoize(func(votes int) float64 { return 1 - c.subset(votes).atLeast(least) })
		for _, row := range c.Rows {
			if row.Predicted != Abstain {
				abstain += chance(row.Votes)
			}
		}
	}
	return abstain / float64(len(c.Rows))
}

// Rounded returns the certificates with radii rounded to nearest, to the three digits of published logs, so that both
// can be compared. Such radii are not certified: use them only in comparisons with such logs. Re-expressed radii and
// those of a ladder's grid are not rounded.
func (c *Certificates) Rounded() *Certificates {
	if c.Printed || c.ReexpressedFrom > 0 || !c.Plan.DefinesACR() {
		return c
	}
	s := *c
	s.Printed = true
	s.Rows = make([]Row, len(c.Rows))
	for i, row := range c.Rows {
		row.Radius = humanize.Round(row.Radius, 3)
		s.Rows[i] = row
	}
	return &s
}

// VotesEach returns the mean number of votes per image, including those that chose its class; 0 if unknown.
func (c *Certificates) VotesEach() float64 {
	sum := 0.0
	for _, row := range c.Rows {
		sum += float64(c.Plan.N0 + row.Used)
	}
	if len(c.Rows) == 0 || c.Printed {
		return 0
	}
	return sum / float64(len(c.Rows))
}

// credits returns the terms of the mean in ACR.
func (c *Certificates) credits() []float64 {
	x := make([]float64, len(c.Rows))
	for i, row := range c.Rows {
		if x[i] = row.credit(); !c.Plan.DefinesACR() {
			x[i] = math.NaN()
		}
	}
	return x
}

func (r Row) credit() float64 {
	if r.Correct {
		return r.Radius
	}
	return 0
}

// meanAndError returns the mean and its standard error; NaN if there are too few values.
func meanAndError(x []float64) (mean, se float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v
	}
	mean /= n
	var squares float64
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	if n < 2 {
		return mean, math.NaN()
	}
	return mean, math.Sqrt(squares/(n-1)) / math.Sqrt(n)
}
