package certify

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Comparison is the paired difference of the ACR of two certifications on the images that both hold. It speaks of these
// two classifiers: how other training runs of the same methods would differ, it cannot tell.
type Comparison struct {
	Images     int     // common images
	Difference float64 // ACR of the first minus ACR of the second
	Error      float64 // standard error of Difference over images
	Low, High  float64 // 95% confidence interval by Student's t with Images-1 degrees of freedom
}

// Compare pairs a and b image by image. It refuses certifications of different noise or votes, since the radius depends
// on both, unfinished ones (see [Certificates.SoFar]), and those with fewer than two common images. If one of them has
// printed radii, both are compared as printed.
func Compare(a, b *Certificates) (Comparison, error) {
	if err := checkComparable(a, b); err != nil {
		return Comparison{}, err
	}
	if a.Printed != b.Printed {
		a, b = a.Rounded(), b.Rounded()
	}
	other := make(map[int]Row, len(b.Rows))
	for _, row := range b.Rows {
		other[row.Index] = row
	}
	var diffs []float64
	for _, row := range a.Rows {
		pair, common := other[row.Index]
		if !common {
			continue
		}
		if pair.Label != row.Label {
			return Comparison{}, fmt.Errorf("image %d has label %d in the first and %d in the second: they are about different data sets", row.Index, row.Label, pair.Label)
		}
		diffs = append(diffs, row.credit()-pair.credit())
	}
	switch len(diffs) {
	case 0:
		return Comparison{}, errors.New("the two certifications have no images in common; certify the same images with both")
	case 1:
		return Comparison{}, errors.New("the two certifications have one image in common, and a difference needs at least 2 to have an error")
	}
	mean, se := meanAndError(diffs)
	t := distuv.StudentsT{Sigma: 1, Nu: float64(len(diffs) - 1)}.Quantile(0.975)
	return Comparison{Images: len(diffs), Difference: mean, Error: se, Low: mean - t*se, High: mean + t*se}, nil
}

// checkComparable says why two certifications cannot be compared.
func checkComparable(a, b *Certificates) error {
	for _, c := range []*Certificates{a, b} {
		if c.Unfinished() {
			return fmt.Errorf("%d of %d planned images are certified: finish the certification, or compare it so far, explicitly", len(c.Rows), c.Planned)
		}
	}
	if a.Sigma != b.Sigma {
		return fmt.Errorf("sigma differs (%s and %s): classifiers are compared under the same noise", known(a.Sigma), known(b.Sigma))
	}
	if a.Plan.N != b.Plan.N {
		return fmt.Errorf("N differs (%s and %s) and the radius depends on N: certify again with the same N", knownCount(a.Plan.N), knownCount(b.Plan.N))
	}
	if a.Plan.Alpha != b.Plan.Alpha {
		return fmt.Errorf("alpha differs (%s and %s) and the radius depends on alpha: certify again with the same alpha", known(a.Plan.Alpha), known(b.Plan.Alpha))
	}
	if a.Dataset != "" && b.Dataset != "" && (a.Dataset != b.Dataset || a.Split != b.Split) {
		return fmt.Errorf("the data differ (%s %s and %s %s): compare certifications of the same images", a.Dataset, a.Split, b.Dataset, b.Split)
	}
	return nil
}

// Significant tells whether the interval leaves 0 out.
func (c Comparison) Significant() bool { return c.Low > 0 || c.High < 0 }

// String is for instance "+0.0056 ± 0.0008, 95% [+0.0040, +0.0073]".
func (c Comparison) String() string {
	return fmt.Sprintf("%s ± %.4f, 95%% [%s, %s]", signed(c.Difference), c.Error, signed(c.Low), signed(c.High))
}

// signed writes four decimals with a sign, and a true minus.
func signed(x float64) string {
	if math.Round(x*1e4) < 0 {
		return fmt.Sprintf("−%.4f", -x)
	}
	return fmt.Sprintf("+%.4f", math.Abs(x))
}

func known(x float64) string {
	if x == 0 {
		return "unknown"
	}
	return fmt.Sprint(x)
}

func knownCount(n int) string {
	if n == 0 {
		return "unknown"
	}
	return grouped(n)
}
