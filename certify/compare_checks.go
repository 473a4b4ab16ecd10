package certify

import (
	"fmt"
)

// VotesError says that two certifications have different numbers of votes, on which the radius depends. 0 stands for a
// number that a log does not tell. [Certificates.AtVotes] re-expresses both at one number.
type VotesError struct{ A, B int }

func (e *VotesError) Error() string {
	return fmt.Sprintf("N differs (%s and %s) and the radius depends on N: certify again with the same N, or re-express both at one",
		knownCount(e.A), knownCount(e.B))
}

// checkFinished says that an unfinished certification is not compared unasked.
func checkFinished(c *Certificates) error {
	if c.Unfinished() {
		return fmt.Errorf("%d of %d planned images are certified: finish the certification, or compare it so far, explicitly", len(c.Rows), c.Planned)
	}
	if c.Shard.Of > 0 {
		return fmt.Errorf("this is shard %v of a certification: merge all %d, or compare it so far, explicitly", c.Shard, c.Shard.Of)
	}
	return nil
}

// checkComparable says why two certifications cannot be compared.
func checkComparable(a, b *Certificates) error {
	if a.Sigma != b.Sigma {
		return fmt.Errorf("sigma differs (%s and %s): classifiers are compared under the same noise", known(a.Sigma), known(b.Sigma))
	}
	if a.Plan.N != b.Plan.N {
		return &VotesError{A: a.Plan.N, B: b.Plan.N}
	}
	if a.Plan.Alpha != b.Plan.Alpha {
		return fmt.Errorf("alpha differs (%s and %s) and the radius depends on alpha: certify again with the same alpha", known(a.Plan.Alpha), known(b.Plan.Alpha))
	}
	if !a.Plan.alike(b.Plan) {
		return fmt.Errorf("the plans differ (%v and %v), and so do the radii that they can prove: certify again with the same plan", a.Plan, b.Plan)
	}
	if a.Dataset != "" && b.Dataset != "" && (a.Dataset != b.Dataset || a.Split != b.Split) {
		return fmt.Errorf("the data differ (%s %s and %s %s): compare certifications of the same images", a.Dataset, a.Split, b.Dataset, b.Split)
	}
	if a.ImageData != "" && b.ImageData != "" && a.ImageData != b.ImageData && sameIndices(a.Rows, b.Rows) {
		return fmt.Errorf("the pixels or labels of the images differ (digests %.8s… and %.8s…), though their indices are the same: compare certifications of the same images", a.ImageData, b.ImageData)
	}
	return nil
}

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
