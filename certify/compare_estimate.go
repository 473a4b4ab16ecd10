package certify

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"smoothlab/internal/humanize"
)

// Estimate is a difference with its uncertainty. Error is its standard error; Low and High are the ends of its 95%
// confidence interval, by Student's t unless the producer names another method. If all terms of the difference are
// equal, Error is 0 and the interval is a point: there are too few terms to show how uncertain the difference is.
type Estimate struct {
	Difference float64 `json:"difference" help:"the first minus the second"`
	Error      float64 `json:"error" help:"standard error of the difference"`
	Low        float64 `json:"low" help:"lower end of the 95% confidence interval"`
	High       float64 `json:"high" help:"upper end of the 95% confidence interval"`
}

// newEstimate returns the estimate for a variance with the given degrees of freedom, which need not be whole.
func newEstimate(difference, variance, freedom float64) Estimate {
	se := math.Sqrt(variance)
	t := 0.0
	if se > 0 {
		t = distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(0.975)
	}
	return Estimate{Difference: difference, Error: se, Low: difference - t*se, High: difference + t*se}
}

// Significant reports whether the interval excludes 0.
func (e Estimate) Significant() bool { return e.Low > 0 || e.High < 0 }

// String formats the estimate, for instance "+0.0056 ± 0.0008, 95% [+0.0040, +0.0073]".
func (e Estimate) String() string {
	return fmt.Sprintf("%s ± %.4f, %s", humanize.Signed(e.Difference, 4), e.Error, e.interval(1, 4))
}

func (e Estimate) interval(scale float64, digits int) string {
	return fmt.Sprintf("95%% [%s, %s]", humanize.Signed(scale*e.Low, digits), humanize.Signed(scale*e.High, digits))
}
