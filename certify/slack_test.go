package certify

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/smoothing"
)

// A plan's slack lowers every bound by that much, of the fixed plan and of ladders, in what is certified and in what is
// verified.
func TestSlack(t *testing.T) {
	const slack = 0.01
	images := toyImages(5)
	shares := toyShares(5)
	fixed := Plan{N0: 10, N: 60, Alpha: 0.001}
	ladder, err := NewLadder(
		Plan{N0: 10, N: 2000, Alpha: 0.001},
		smoothing.Gaussian{Sigma: 0.5},
		[]float64{0, 0.25, 0.5, 0.75},
		false,
	)
	if err != nil {
		t.Fatal(err)
	}
	for name, plan := range map[string]Plan{"fixed": fixed, "ladder": ladder} {
		t.Run(name, func(t *testing.T) {
			lowered := plan
			lowered.Slack = slack
			s, l := toySettings(), toySettings()
			s.Plan, l.Plan = plan, lowered
			out := filepath.Join(t.TempDir(), "k.tsv")
			without, err := runAs(t.Context(), &toyVoter{seed: 3, share: shares}, images, s, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			with, err := runAs(t.Context(), &toyVoter{seed: 3, share: shares}, images, l, out, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range with.Rows {
				free := without.Rows[i]
				if row.Used == free.Used { // a ladder may need more rungs
					if off := row.PLower - (free.PLower - slack); !(off <= 0 && off > -1e-15) {
						t.Errorf("image %d: p_lower %v, and %v without the slack", row.Index, row.PLower, free.PLower)
					}
				}
				if row.Radius > max(0, radius(0.5, row.PLower)) ||
					name == "fixed" && row.Predicted != Abstain && row.Radius != radius(0.5, row.PLower) {
					t.Errorf("image %d: radius %v of p_lower %v", row.Index, row.Radius, row.PLower)
				}
			}
			if a, b := with.Rows[0].Radius, without.Rows[0].Radius; !(a < b) && name == "fixed" {
				t.Errorf("radius %v with the slack, %v without", a, b)
			}
			read, err := ReadLog(out, nil, Plan{})
			if err != nil || read.Plan.Slack != slack {
				t.Errorf("the log comes back with slack %v: %v", read.Plan.Slack, err)
			}
			var differs *SettingsError
			if _, err := runAs(
				t.Context(),
				&toyVoter{seed: 3, share: shares},
				images,
				s,
				out,
				nil,
			); !errors.As(err, &differs) ||
				differs.Name != "slack" {
				t.Errorf("the log is continued without slack: %v", err)
			}
			if !strings.Contains(lowered.Guarantee("L2"), "lowered by 0.01") ||
				strings.Contains(plan.Guarantee("L2"), "lowered") {
				t.Errorf("guarantees %q and %q", lowered.Guarantee("L2"), plan.Guarantee("L2"))
			}
		})
	}
	for _, bad := range []float64{-1e-9, 0.5, math.NaN()} {
		p := fixed
		p.Slack = bad
		if err := p.Check(); err == nil {
			t.Errorf("slack %v passes", bad)
		}
	}
	if a, b := (Plan{N: 60, Alpha: 0.001, Slack: slack}).Ceiling(
		smoothing.Gaussian{Sigma: 0.5},
	), fixed.Ceiling(
		smoothing.Gaussian{Sigma: 0.5},
	); !(a < b) {
		t.Errorf("ceiling %v with slack, %v without", a, b)
	}
}
