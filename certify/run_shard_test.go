package certify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothlab/smoothing"
)

// ladderSettings returns the toy's settings with a small ladder.
func ladderSettings(evaluation bool) Settings {
	s := toySettings()
	s.Plan = small()
	s.Plan.Ladder.Evaluation = evaluation
	return s
}

// runShard certifies a shard of the toy's images.
func runShard(t *testing.T, out string, part Shard, s Settings) (*Certificates, error) {
	t.Helper()
	v := &toyVoter{seed: 7, share: toyShares(toyCount)}
	return runWithinAs(t.Context(), Budget{}, v, toyImages(toyCount), part, s, out, nil)
}

// Shards of a certification, merged, are the certification: log, settings and summary, under both kinds of plan.
func TestMergedIsUnsharded(t *testing.T) {
	for _, s := range []Settings{toySettings(), ladderSettings(false), ladderSettings(true)} {
		dir := t.TempDir()
		whole := filepath.Join(dir, "whole.tsv")
		want, err := runShard(t, whole, Shard{}, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range []int{1, 2, 3, toyCount} {
			var shards []*Certificates
			for i := 1; i <= k; i++ {
				path := filepath.Join(dir, fmt.Sprintf("%d-%d.tsv", i, k))
				if _, err := runShard(t, path, Shard{i, k}, s); err != nil {
					t.Fatal(err)
				}
				c, err := ReadLog(path, nil, Plan{})
				if err != nil {
					t.Fatal(err)
				}
				if c.Shard != (Shard{i, k}) {
					t.Errorf("%s reads as shard %v", path, c.Shard)
				}
				if _, err := Compare(c, c, 0); err == nil || !strings.Contains(err.Error(), "merge all") {
					t.Errorf("shard %v is compared: %v", c.Shard, err)
				}
				shards = append([]*Certificates{c}, shards...) // in any order
			}
			merged, err := Merge(shards...)
			if err != nil {
				t.Fatalf("%d shards: %v", k, err)
			}
			if merged.Unfinished() || merged.Shard.Of > 0 || !slices.EqualFunc(merged.Rows, want.Rows, Row.sameVotes) {
				t.Errorf("%d shards merge to %+v", k, merged)
			}
			out := filepath.Join(dir, fmt.Sprintf("merged-%d.tsv", k))
			for range 2 { // the second time, it stays as it is
				if err := merged.WriteLog(out); err != nil {
					t.Fatal(err)
				}
			}
			if got := withoutTime(t, out); got != withoutTime(t, whole) {
				t.Errorf("%d shards merge to the log\n%s\nexpected\n%s", k, got, withoutTime(t, whole))
			}
			if got := withoutTime(t, sidecarPath(out)); got != withoutTime(t, sidecarPath(whole)) {
				t.Errorf("%d shards merge to the settings\n%s", k, got)
			}
		}
	}
}

func TestShardsThatDoNotMerge(t *testing.T) {
	shard := func(number, of int) *Certificates {
		c, err := runShard(t, "", Shard{number, of}, toySettings())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	all, err := runShard(t, "", Shard{}, toySettings())
	if err != nil {
		t.Fatal(err)
	}
	unfinished, seeded, machine := shard(2, 3), shard(2, 3), shard(2, 3)
	unfinished.Rows = unfinished.Rows[:1]
	seeded.Seed = 8
	rounded := shard(2, 3)
	rounded.Engine = "onnxruntime"
	other := shard(2, 3)
	other.whole = []indexRun{{0, 10, 6}}
	for want, shards := range map[string][]*Certificates{
		"no shards to merge: give":                         {},
		"not of a shard":                                   {all},
		"shards only":                                      {shard(1, 3), all},
		"shards 2/4, 4/4 are missing: give all":            {shard(3, 4), shard(1, 4)},
		"shard 3/3 is missing":                             {shard(1, 3), shard(2, 3)},
		"shard 1/3 is given twice":                         {shard(1, 3), shard(1, 3)},
		"different certifications":                         {shard(1, 3), shard(1, 2)},
		"shard 2/3 has 1 of its 2 images: finish it first": {shard(1, 3), unfinished},
		"shard 2/3 has seed 8, and the first shard 7: they are not from one certification":        {shard(1, 3), seeded},
		`shard 2/3 has engine "onnxruntime", and the first shard "xla": they are not from one`:    {shard(1, 3), rounded},
		"shard 2/3 has images 0, 10 … 50, and the first shard 0, 10 … 60: they are not from one ": {shard(1, 3), other},
	} {
		if _, err := Merge(shards...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q", err, want)
		}
	}
	machine.Provenance = map[string]string{"backend": "toy", "device": "gpu"}
	merged, err := Merge(shard(1, 3), machine, shard(3, 3))
	if err != nil || merged.Provenance["device"] != "cpu | gpu" || merged.Provenance["backend"] != "toy" {
		t.Errorf("shards of two machines merge to %+v, %v", merged, err)
	}
	if _, err := runShard(
		t,
		"",
		Shard{8, 9},
		toySettings(),
	); err == nil ||
		!strings.Contains(err.Error(), "shard 8/9 has no images: there are 7") {
		t.Errorf("a shard without images: %v", err)
	}
}

func TestParseShard(t *testing.T) {
	for text, want := range map[string]Shard{"": {}, "1/4": {1, 4}, "4/4": {4, 4}} {
		if got, err := ParseShard(text); err != nil || got != want {
			t.Errorf("%q reads as %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"4", "0/4", "5/4", "1/0", "a/b", "1/4/2", "-1/4", "1/99999999"} {
		if _, err := ParseShard(text); err == nil || !strings.Contains(err.Error(), `a shard is written "1/4"`) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A shard's log is resumed only by the same shard.
func TestShardLogIsItsOwn(t *testing.T) {
	out := filepath.Join(t.TempDir(), "toy.tsv")
	if _, err := runShard(t, out, Shard{1, 2}, toySettings()); err != nil {
		t.Fatal(err)
	}
	for _, part := range []Shard{{}, {2, 2}} {
		var differs *SettingsError
		if _, err := runShard(
			t,
			out,
			part,
			toySettings(),
		); !errors.As(err, &differs) || differs.Name != "shard" ||
			differs.Was != "1/2" {
			t.Errorf("shard %v: %v", part, err)
		}
	}
}

// A budget ends the work at the right place, as an interrupt does, and the same call resumes.
func TestBudget(t *testing.T) {
	out := filepath.Join(t.TempDir(), "toy.tsv")
	whole := filepath.Join(t.TempDir(), "whole.tsv")
	if _, _, err := runToy(t, whole, nil); err != nil {
		t.Fatal(err)
	}
	v := &toyVoter{seed: 7, share: toyShares(toyCount)}
	run := func(b Budget) (*Certificates, error) {
		v.drawn = 0
		return runWithinAs(t.Context(), b, v, toyImages(toyCount), Shard{}, toySettings(), out, nil)
	}
	c, err := run(Budget{Votes: 3*70 + 69})
	var ended *BudgetError
	if !errors.As(err, &ended) || v.drawn != 3*70 || len(c.Rows) != 3 ||
		!strings.Contains(
			err.Error(),
			"after 3 of 7 images (run it again to resume from "+out+"): more votes would exceed the 279 of its budget",
		) {
		t.Fatalf("%d rows, %d votes: %v", len(c.Rows), v.drawn, err)
	}
	if c, err := run(
		Budget{Time: 1},
	); !errors.As(err, &ended) || len(c.Rows) != 3 || v.drawn > 10 ||
		!strings.Contains(err.Error(), "its time of 1ns is used up") {
		t.Errorf("%d rows: %v", len(c.Rows), err)
	}
	for len(c.Rows) < toyCount {
		if c, err = run(Budget{Votes: 70}); err != nil && !errors.As(err, &ended) {
			t.Fatal(err)
		}
	}
	if got := withoutTime(t, out); got != withoutTime(t, whole) {
		t.Errorf("the log became\n%s\nexpected\n%s", got, withoutTime(t, whole))
	}
	for _, b := range []Budget{{Votes: -1}, {Time: -1}} {
		if _, err := run(b); err == nil || errors.As(err, &ended) {
			t.Errorf("the budget %+v: %v", b, err)
		}
	}
}

// Under a ladder the budget is not exceeded either, and is checked on every rung.
func TestBudgetOfLadder(t *testing.T) {
	for votes := 1; votes < 200; votes += 7 {
		v := &toyVoter{seed: 7, share: toyShares(toyCount)}
		c, err := runWithinAs(
			t.Context(),
			Budget{Votes: votes},
			v,
			toyImages(toyCount),
			Shard{},
			ladderSettings(false),
			"",
			nil,
		)
		var ended *BudgetError
		if v.drawn > votes || errors.As(err, &ended) != c.Unfinished() || err != nil && !errors.As(err, &ended) {
			t.Errorf("of %d votes, %d were drawn: %d rows, %v", votes, v.drawn, len(c.Rows), err)
		}
	}
}

// The log of a ladder has the six columns that published readers take, and then the columns that prove them. Cut at any
// byte, it can be resumed.
func TestLadderLog(t *testing.T) {
	dir := t.TempDir()
	s := ladderSettings(true)
	whole := filepath.Join(dir, "whole.tsv")
	c, err := runShard(t, whole, Shard{}, s)
	if err != nil {
		t.Fatal(err)
	}
	text := withoutTime(t, whole)
	lines := strings.Split(text, "\n")
	// 24 of 24 votes at 0.6·0.05 prove p 0.864 (0.03^(1/24)), radius 1.098 at sigma 1 and 0.549 at 0.5; image 30 is of
	// class 1.
	if lines[0]+"\n" != s.Plan.header() ||
		lines[1] != "0\t0\t0\t0.5\t1\t-\t24\t24\t"+fullPrecision(
			LowerBound(24, 24, 0.6*0.05),
		)+"\t0.5\t6,12,24\tvotes" ||
		lines[4] != "30\t1\t-1\t0.0\t0\t-\t0\t0\t0\t0\t-\tlabel" {
		t.Errorf("the log is\n%s", text)
	}
	side, _ := os.ReadFile(sidecarPath(whole))
	if !strings.Contains(string(side), "all radii of the grid that are proved are right at once") ||
		!strings.Contains(string(side), "labels ended the votes") {
		t.Errorf("the settings do not state the guarantee:\n%s", side)
	}
	log, _ := os.ReadFile(whole)
	out := filepath.Join(dir, "cut.tsv")
	for cut := 0; cut < len(log); cut += 3 {
		if err := errors.Join(
			os.WriteFile(out, log[:cut], 0o644),
			os.WriteFile(sidecarPath(out), side, 0o644),
		); err != nil {
			t.Fatal(err)
		}
		if c, err := ReadLog(out, nil, Plan{}); err != nil || !c.Unfinished() {
			t.Fatalf("cut at byte %d, the log does not read as an unfinished one: %v", cut, err)
		}
		again, err := runShard(t, out, Shard{}, s)
		if err != nil || withoutTime(t, out) != text || again.Accuracy(0.25) != c.Accuracy(0.25) {
			t.Fatalf("cut at byte %d, the log became\n%s (%v)", cut, withoutTime(t, out), err)
		}
	}
	if err := os.Remove(sidecarPath(out)); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadLog(
		out,
		smoothing.Gaussian{Sigma: 0.5},
		Plan{},
	); err == nil ||
		!strings.Contains(err.Error(), "which has the ladder, is missing") {
		t.Errorf("without its settings: %v", err)
	}
}

// A row of a ladder that does not follow from its votes on the rungs is refused, with its column.
func TestEditedLadderLog(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.tsv")
	if _, err := runShard(t, whole, Shard{}, ladderSettings(true)); err != nil {
		t.Fatal(err)
	}
	log, _ := os.ReadFile(whole)
	side, _ := os.ReadFile(sidecarPath(whole))
	out := filepath.Join(dir, "edited.tsv")
	for _, c := range []struct{ from, to, column string }{
		{"\t24\t24\t", "\t23\t24\t", "votes"},
		{"\t24\t24\t", "\t24\t12\t", ""}, // more votes than were used
		{"6,12,24\tvotes", "6,12,23\tvotes", "votes"},
		{"6,12,24\tvotes", "6,12\tvotes", "rungs"},
		{"6,12,24\tvotes", "6,13,24\tvotes", "rungs"},
		{"6,12,24\tvotes", "6,11,24\tvotes", "rungs"},
		{"6,12,24\tvotes", "a\tvotes", "rungs"},
		{"6,12,24\tvotes", "6,12,24\tproved", "ended"},
		{"6,12,24\tvotes", "6,12,24\tlabel", "ended"},
		{"\t0.5\t6,12,24", "\t1\t6,12,24", ""},
		{"\t0.5\t1\t", "\t0.6\t1\t", "radius"},
	} {
		edited := strings.Replace(string(log), c.from, c.to, 1)
		if edited == string(log) {
			t.Fatalf("%q is not in\n%s", c.from, log)
		}
		if err := errors.Join(
			os.WriteFile(out, []byte(edited), 0o644),
			os.WriteFile(sidecarPath(out), side, 0o644),
		); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadLog(out, nil, Plan{}); err == nil || !strings.Contains(err.Error(), c.column) {
			t.Errorf("%q to %q: %v", c.from, c.to, err)
		}
	}
}

// What a ladder leaves undefined is a dash or an error, never a number.
func TestLadderLeavesUndefined(t *testing.T) {
	run := func(evaluation bool) *Certificates {
		c, err := runShard(t, "", Shard{}, ladderSettings(evaluation))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	plain, labelled := run(false), run(true)
	if x := plain.ACR(); x == x {
		t.Errorf("a ladder has the ACR %v", x)
	}
	if x := plain.Accuracy(0.3); x == x {
		t.Errorf("a ladder has the accuracy %v at a radius that is not of its grid", x)
	}
	for _, r := range plain.Plan.Ladder.Radii {
		if a, b := plain.Accuracy(r), labelled.Accuracy(r); a != b {
			t.Errorf("labels change the certified accuracy at %v from %v to %v", r, a, b)
		}
	}
	votes := func(c *Certificates) (n int) {
		for _, row := range c.Rows {
			n += row.Used
		}
		return n
	}
	if votes(labelled) >= votes(plain) {
		t.Errorf("evaluation mode uses %d votes, %d without it", votes(labelled), votes(plain))
	}
	if x := plain.Abstention(); x != x {
		t.Error("a ladder from 0 on has no abstentions")
	}
	if x := labelled.Abstention(); x == x {
		t.Errorf("evaluation mode has abstentions %v", x)
	}
	text, err := Table{
		Entries: []Entry{NewEntry("plain", plain), NewEntry("labelled", labelled)},
		Radii:   []float64{0, 0.25, 0.3},
		Base:    "plain",
	}.Text()
	if err != nil {
		t.Fatal(err)
	}
	// Of 7 images one has another label, one abstains, and one has no more than radius 0.
	const want = `7 images · toy test · sigma 0.5 · N 24 · alpha 0.05 per image · radii of a grid
            plan                 ACR ± s.e.   0      0.25   0.3  abstain  ACR − plain
plain       ladder               –            71.43  57.14  –    14.29
labelled    ladder, labels used  –            71.43  57.14  –    –        –
`
	if got := trimLines(text); got != trimLines(want) {
		t.Errorf("the table is\n%s", text)
	}
	if _, err := Compare(
		plain,
		labelled,
	); err == nil ||
		!strings.Contains(err.Error(), "there is no ACR to compare: give radii of the grid (0, 0.25, 0.5, 1)") {
		t.Errorf("compared: %v", err)
	}
	if _, err := Compare(
		plain,
		labelled,
		0.3,
	); err == nil ||
		!strings.Contains(err.Error(), "0.3 is not a radius of the ladder's grid") {
		t.Errorf("compared: %v", err)
	}
	d, err := Compare(plain, labelled, 0, 0.25)
	if err != nil || d.Accuracies[1].Difference != 0 || !strings.Contains(d.Text(), "ACR   –") {
		t.Errorf("compared: %v\n%s", err, d.Text())
	}
	fixed := toySettings()
	fixed.Plan = Fixed(3, 24, 0.05)
	other, err := runShard(t, "", Shard{}, fixed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compare(
		plain,
		other,
		0,
	); err == nil ||
		!strings.Contains(
			err.Error(),
			"the plans differ (ladder(radii=[0, 0.25, 0.5, 1], n0=3, n=24, alpha=0.05) and fixed(n0=3, n=24, alpha=0.05))",
		) {
		t.Errorf("compared: %v", err)
	}
	if _, err := plain.AtVotes(12); err == nil || !strings.Contains(err.Error(), "a ladder cannot be re-expressed") {
		t.Errorf("re-expressed: %v", err)
	}
}

// trimLines takes blanks off the ends of lines.
func trimLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// An interrupt ends the votes of a ladder at once.
func TestLadderInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	v := &toyVoter{share: []float64{0.76}, each: func(votes int) {
		if votes == 5000 {
			cancel()
		}
	}}
	plan := ladder(t, Fixed(100, 100_000, 0.001), 1, false, 0.7)
	v.reports(gaussian(1, plan))
	if _, err := Certify(ctx, v, Image{}, plan); !errors.Is(err, context.Canceled) || v.drawn > 5001 {
		t.Errorf("cancelled at vote 5000: %v after %d votes", err, v.drawn)
	}
}
