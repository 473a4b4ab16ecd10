package certify

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"smoothlab/smoothing"
)

// A log that is read with too large a sigma is detected by the radius of images whose votes all agree: 0.952, 1.90 and
// 3.81 at sigma 0.25, 0.5 and 1 in the authors' logs, where N is 100,000 and alpha 0.001. A single such radius, other
// radii, and a log that records its sigma do not trigger the warning.
func TestLikelySigma(t *testing.T) {
	for _, c := range []struct {
		radii string
		given float64
		plan  Plan
		want  float64
		rows  int
	}{
		{"0.952 0.952 0.3 0.952 0", 1, Plan{}, 0.25, 3},
		{"0.952 0.952 0.3 0.952 0", 0.5, Fixed(100, 100_000, 0.001), 0.25, 3},
		{"0.953 0.953 0.953", 0.5, Plan{}, 0.25, 3},
		{"0.952 0.952 0.3 0.952 0", 0.25, Plan{}, 0, 0},
		{"0.952 0.952 0.3 0.9 0", 1, Plan{}, 0, 0},
		{"0.94 0.94 0.94 0.94 0", 1, Plan{}, 0, 0},
		{"0.952 0.952 0.952 1.2", 1, Plan{}, 0, 0},
		{"1.9 1.9 1.9 0.1", 1, Plan{}, 0.5, 3},
		{"3.81 3.81 3.81", 1, Plan{}, 0, 0},
		{"0.615 0.615 0.615", 1, Fixed(100, 1000, 0.001), 0.25, 3},
		{"0.615 0.615 0.615", 1, Plan{}, 0, 0},
	} {
		text := "idx\tlabel\tpredict\tradius\tcorrect\ttime\n"
		for i, r := range strings.Fields(c.radii) {
			text += strconv.Itoa(i) + "\t1\t1\t" + r + "\t1\t0:00:01.000000\n"
		}
		path := filepath.Join(t.TempDir(), "k.tsv")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		k, err := ReadLog(path, smoothing.Gaussian{Sigma: c.given}, c.plan)
		if err != nil {
			t.Fatal(err)
		}
		if sigma, rows := k.LikelySigma(); sigma != c.want || c.want > 0 && rows != c.rows {
			t.Errorf("%s read with %g: %g of %d rows, want %g of %d", c.radii, c.given, sigma, rows, c.want, c.rows)
		}
	}
}
