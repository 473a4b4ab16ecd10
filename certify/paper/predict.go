package paper

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Prediction returns the 95% prediction interval for the ACR of one more training run of the same setting, at N=100,000
// on every skip-th test image; skip is 1, 20 or 100. It is mean ± t·sd·√(1+1/n), with n−1 degrees of freedom (Student's
// prediction interval of a normal sample). It needs two runs.
func (r Result) Prediction(skip int) (low, high float64, err error) {
	of := map[int]func(Run) float64{
		1:   func(x Run) float64 { return x.ACR },
		20:  func(x Run) float64 { return x.ACR20 },
		100: func(x Run) float64 { return x.ACR100 },
	}[skip]
	n := float64(len(r.Runs))
	switch {
	case of == nil:
		return 0, 0, fmt.Errorf(
			"the runs' ACR is known for every image (1), every 20th and every 100th, not for every %d",
			skip,
		)
	case n < 2:
		return 0, 0, fmt.Errorf("one run of %s (%s) gives no interval for another run", r.Method, r.Settings())
	}
	mean, squares := 0.0, 0.0
	for _, run := range r.Runs {
		mean += of(run) / n
	}
	for _, run := range r.Runs {
		squares += (of(run) - mean) * (of(run) - mean)
	}
	reach := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975) * math.Sqrt(squares/(n-1)*(1+1/n))
	return mean - reach, mean + reach, nil
}
