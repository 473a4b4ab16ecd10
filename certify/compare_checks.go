package certify

import (
	"cmp"
	"fmt"

	"smoothlab/internal/humanize"
	"smoothlab/smoothing"
)

// VotesError reports that two certifications have different numbers of votes, on which the radius depends. 0 means that
// a log does not have the number. [Certificates.AtVotes] re-expresses both at one number.
type VotesError struct{ A, B int }

func (e *VotesError) Error() string {
	return fmt.Sprintf(
		"N differs (%s and %s) and the radius depends on N: certify again with the same N, or re-express both at one",
		knownCount(e.A),
		knownCount(e.B),
	)
}

// checkFinished returns an error if a certification is unfinished or a shard.
func checkFinished(c *Certificates) error {
	if c.Unfinished() {
		return fmt.Errorf(
			"%d of %d planned images are certified: finish the certification, or compare the images that it has so far, with so_far()",
			len(c.Rows),
			c.Planned,
		)
	}
	if c.Shard.Of > 0 {
		return fmt.Errorf(
			"this is shard %v of a certification: merge all %d, or compare the images that it has so far, with so_far()",
			c.Shard,
			c.Shard.Of,
		)
	}
	return nil
}

// checkComparable returns an error if two certifications cannot be compared.
func checkComparable(a, b *Certificates) error {
	if a.Smoothing != b.Smoothing {
		what, x, y := "sigma", known(a.Sigma()), known(b.Sigma())
		if !a.perhapsGaussian() || !b.perhapsGaussian() {
			what = "the noise"
			x = cmp.Or(smoothing.Describe(a.Smoothing), "unknown")
			y = cmp.Or(smoothing.Describe(b.Smoothing), "unknown")
		}
		return fmt.Errorf("%s differs (%s and %s): classifiers are compared under the same noise", what, x, y)
	}
	if a.Plan.N != b.Plan.N {
		return &VotesError{A: a.Plan.N, B: b.Plan.N}
	}
	if a.Plan.Alpha != b.Plan.Alpha {
		return fmt.Errorf(
			"alpha differs (%s and %s) and the radius depends on alpha: certify again with the same alpha",
			known(a.Plan.Alpha),
			known(b.Plan.Alpha),
		)
	}
	if !a.Plan.alike(b.Plan) {
		return fmt.Errorf(
			"the plans differ (%v and %v), and so do the radii that they can prove: certify again with the same plan",
			a.Plan,
			b.Plan,
		)
	}
	if a.Dataset != "" && b.Dataset != "" && (a.Dataset != b.Dataset || a.Split != b.Split) {
		return fmt.Errorf(
			"the data differ (%s %s and %s %s): compare certifications of the same images",
			a.Dataset,
			a.Split,
			b.Dataset,
			b.Split,
		)
	}
	if err := checkClassNames(a.ClassNames, b.ClassNames); err != nil {
		return err
	}
	return checkPixels(a, b)
}

// checkClassNames reports the first class that has different names, where both certifications have names.
func checkClassNames(a, b []string) error {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Errorf(
				"class %d is %q in one certification and %q in the other: compare certifications with the same classes in the same order",
				i,
				a[i],
				b[i],
			)
		}
	}
	return nil
}

// perhapsGaussian reports whether the noise is Gaussian, or unknown.
func (s Source) perhapsGaussian() bool { return s.Smoothing == nil || s.Sigma() > 0 }

// checkPixels reports the first image of both certifications whose pixels are known to differ. Where digests are not
// known, images with other notes are refused.
func checkPixels(a, b *Certificates) error {
	if notesDiffer(a.Source, b.Source) && !(a.PixelsRecorded() && b.PixelsRecorded()) {
		return fmt.Errorf(
			"the images were read in different ways (%s and %s), and the logs do not record their pixels: certify both again with the same data set",
			quoted(a.Notes),
			quoted(b.Notes),
		)
	}
	for _, row := range a.Rows {
		if x, y := a.digests[row.Index], b.digests[row.Index]; x != "" && y != "" && x != y {
			return fmt.Errorf(
				"image %d has different pixels or labels in the two certifications (SHA-256 %s… and %s…): compare certifications of the same images",
				row.Index,
				x,
				y,
			)
		}
	}
	return nil
}

// sameIndices reports whether two lists of rows are of the same images, in the same order.
func sameIndices(a, b []Row) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Index != b[i].Index {
			return false
		}
	}
	return true
}

// known formats a setting, of which 0 means that it is unknown.
func known(x float64) string {
	if x == 0 {
		return "unknown"
	}
	return fmt.Sprint(x)
}

// knownCount formats a number, of which 0 means that it is unknown.
func knownCount(n int) string {
	if n == 0 {
		return "unknown"
	}
	return humanize.Grouped(n)
}
