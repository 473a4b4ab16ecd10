package report

import (
	"strings"
	"testing"

	"smoothlab/certify"
	"smoothlab/smoothing"
)

// Certificates of a ladder show what they prove and cost, show undefined numbers as a dash, and are read back from
// JSON.
func TestLadderCertificates(t *testing.T) {
	ladder := &certify.Ladder{
		Radii:      []float64{0, 0.25, 0.5},
		Rungs:      []int{500, 1000, 10_100},
		Weights:    []float64{.1, .2, .7},
		Hopeless:   0.01,
		Evaluation: true,
	}
	c := &certify.Certificates{
		Planned: 3,
		Settings: certify.Settings{Plan: certify.Plan{N0: 100, N: 10_000, Alpha: 0.001, Ladder: ladder},
			Source: certify.Source{Smoothing: smoothing.Gaussian{Sigma: 0.5}, Dataset: "mnist", Split: "test"}},
		Shard: certify.Shard{Number: 2, Of: 4},
		Rows: []certify.Row{
			{
				Index:     0,
				Label:     7,
				Predicted: 7,
				Radius:    0.5,
				Correct:   true,
				Votes:     499,
				Used:      500,
				PLower:    0.98,
				Rungs:     "499",
				Ended:     certify.EndedProved,
			},
			{Index: 4, Label: 6, Predicted: certify.Abstain, Ended: certify.EndedLabel},
			{
				Index:     8,
				Label:     3,
				Predicted: 3,
				Radius:    0.25,
				Correct:   true,
				Votes:     800,
				Used:      1000,
				PLower:    0.75,
				Rungs:     "401,800",
				Ended:     certify.EndedHopeless,
			},
		},
	}
	r := NewCertificates(c, "", "")
	text := Text(InFull(r), Style{Width: 200})
	for _, want := range []string{
		"shard 2/4, 3 images of mnist test · ladder over 0, 0.25, 0.5 (labels used)",
		"600 votes per image (fixed plan: 10,100, 16.8 times as many) · smoothed clean 66.7% · abstained – · certified at 0.25 / 0.5: 66.7 / 33.3 %", // 300 + 500 + 1000, over 3
		"    4      6      –   0.000        –", "hopeless",
		"cross-check: from the same votes, a betting confidence sequence",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "ACR") {
		t.Errorf("there is an ACR in\n%s", text)
	}
	data, err := JSON(r)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode[Certificates](data)
	if err != nil {
		t.Fatal(err)
	}
	if again := back.Certify(); again.Accuracy(0.25) != c.Accuracy(0.25) || again.Shard != c.Shard ||
		again.Rows[2] != c.Rows[2] ||
		Text(InFull(back), Style{Width: 200}) != text {
		t.Errorf("it comes back as %+v", again)
	}
}
