package papertable

import (
	"fmt"

	"smoothlab/certify"
	"smoothlab/internal/humanize"
)

// Claim is one of the paper's statements about two methods at a noise level, tested on the images that both rows
// certify.
type Claim struct {
	Sigma         float64
	First, Second Row
	Statement     string              // what the paper says
	Test          *certify.Comparison // nil if a row is not made yet
	Missing       []string            // names of rows that are not made yet
}

// claimed are the rows that the paper sets SmoothMix above, and SmoothAdv, next to which its place differs.
var claimed = [...]string{"gaussian", "stability", "macer", "consistency", "smoothadv"}

// Claims tests the paper's statements with the finished rows of one noise level: the ACR of
// SmoothMix against that of each other method, paired by image, with certified accuracy at radius 0 and at 3 sigma.
func Claims(standings []Standing) ([]Claim, error) {
	find := func(name string) Standing {
		for _, s := range standings {
			if s.Row.Name == name {
				return s
			}
		}
		return Standing{}
	}
	mix := find("smoothmix")
	var list []Claim
	for _, name := range claimed {
		other := find(name)
		if other.Row.Name == "" || mix.Row.Name == "" {
			continue // not a row of this data set's table
		}
		c := Claim{Sigma: mix.Sigma, First: mix.Row, Second: other.Row,
			Statement: fmt.Sprintf("%s has a larger ACR than %s", mix.Row.Label, other.Row.Label)}
		if name == "smoothadv" {
			c.Statement = fmt.Sprintf("the place of %s next to %s", mix.Row.Label, other.Row.Label)
		}
		for _, s := range []Standing{mix, other} {
			if s.Made == nil {
				c.Missing = append(c.Missing, s.Row.Name)
			}
		}
		if c.Missing == nil {
			var logs [2]*certify.Certificates
			for i, s := range []Standing{mix, other} {
				var err error
				if logs[i], err = s.Made.Certificates(); err != nil {
					return nil, err
				}
			}
			test, err := certify.Compare(logs[0], logs[1], 0, 3*mix.Sigma)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.Statement, err)
			}
			c.Test = &test
		}
		list = append(list, c)
	}
	return list, nil
}

// String returns the claim and the result of its test, in one sentence.
func (c Claim) String() string {
	if c.Test == nil {
		return fmt.Sprintf("sigma %g, %s: not made yet (%s)", c.Sigma, c.Statement, joined(c.Missing))
	}
	e := c.Test.Estimate
	says := "one run of each shows no difference between the two classifiers"
	switch {
	case e.Low > 0:
		says = "the first is larger"
	case e.High < 0:
		says = "the second is larger"
	}
	text := fmt.Sprintf("sigma %g, %s: difference %s on %d images; %s", c.Sigma, c.Statement, e, c.Test.Images, says)
	for _, a := range c.Test.Accuracies {
		text += fmt.Sprintf("; at radius %g %s points", a.Radius, humanize.Signed(100*a.Difference, 1))
		if a.Discordant != nil {
			text += fmt.Sprintf(
				" (only the first certifies %d images, only the second %d, exact p %.2g)",
				a.Discordant.OnlyFirst,
				a.Discordant.OnlySecond,
				a.Discordant.P,
			)
		}
	}
	return text
}

func joined(names []string) string {
	if len(names) == 2 {
		return names[0] + " and " + names[1]
	}
	return names[0]
}
