package certify

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"smoothlab/noise"
	"smoothlab/smoothing"
)

// The contract tests of the procedures. They range over [Procedures], so a new one is tested once it is listed.

// eachProcedure runs a test for each procedure, with a plan of few votes under Gaussian noise; over a grid, with and
// without labels that end votes.
func eachProcedure(t *testing.T, fixed Plan, test func(t *testing.T, plan Plan)) {
	for _, kind := range Procedures() {
		for _, evaluation := range []bool{false, true} {
			if evaluation && !kind.OnGrid {
				continue
			}
			name := kind.Name
			if evaluation {
				name += " with labels"
			}
			t.Run(name, func(t *testing.T) {
				g := RadiusGrid{Radii: []float64{0, 0.25, 0.5}, Evaluation: evaluation}
				plan, err := kind.New(fixed, smoothing.Gaussian{Sigma: 0.5}, g)
				if err != nil {
					t.Fatal(err)
				}
				test(t, plan)
			})
		}
	}
}

func TestProceduresAreDistinct(t *testing.T) {
	var names, nouns, calls []string
	for _, k := range Procedures() {
		names, nouns = append(names, k.Name), append(nouns, k.empty.noun())
		calls = append(calls, k.Call(Fixed(1, 2, 0.5), RadiusGrid{}))
		if k.Name != k.empty.Name() || k.Source == "" {
			t.Errorf("%s: the list has the name %q and the source %q", k.empty.Name(), k.Name, k.Source)
		}
	}
	for _, list := range [][]string{names, nouns, calls} {
		if slices.Sort(list); len(slices.Compact(list)) != len(Procedures()) {
			t.Errorf("two procedures are called alike: %q", list)
		}
	}
}

// A plan keeps its procedure in JSON, describes itself, and evaluates images at increasing numbers of votes.
func TestProcedureDescribesItself(t *testing.T) {
	under := smoothing.Gaussian{Sigma: 0.5}
	eachProcedure(t, Fixed(10, 2000, 0.01), func(t *testing.T, plan Plan) {
		data, err := json.Marshal(plan)
		var read Plan
		if err := errors.Join(err, json.Unmarshal(data, &read)); err != nil || !reflect.DeepEqual(read, plan) {
			t.Errorf("read back from %s: %+v, %v", data, read, err)
		}
		if err := errors.Join(plan.Check(), plan.CheckUse(under)); err != nil {
			t.Error(err)
		}
		p := plan.Procedure()
		if name := p.Name() + "("; !strings.HasPrefix(plan.String(), name) || !strings.Contains(plan.Kind(), p.Name()) {
			t.Errorf("the plan is written %q, a %s", plan, plan.Kind())
		}
		if !strings.Contains(plan.Guarantee("L2"), "probability at least 1 - 0.01") {
			t.Errorf("the guarantee is %q", plan.Guarantee("L2"))
		}
		spent, looks := 0.0, plan.Looks()
		for i, look := range looks {
			if look.Votes < 1 || i > 0 && look.Votes <= looks[i-1].Votes || !(look.Share > 0 && look.Share <= 1) {
				t.Errorf("looks %v", looks)
			}
			spent = max(spent, look.Share)
		}
		if plan.MaxVotes() != plan.N0+looks[len(looks)-1].Votes {
			t.Errorf("an image takes %d votes, and the last look is at %d", plan.MaxVotes(), looks[len(looks)-1].Votes)
		}
		if grid := p.Grid(); grid != nil && plan.Ceiling(under) != grid[len(grid)-1] {
			t.Errorf("the largest radius is %v, of the grid %v", plan.Ceiling(under), grid)
		}
		if len(p.columns()) != len(p.cells(Row{})) {
			t.Errorf("columns %q have the cells %q", p.columns(), p.cells(Row{}))
		}
		if other := plan.fixed(); p.Name() != "fixed" && (plan.alike(other) || !plan.alike(plan)) {
			t.Error("the plan is like the fixed one, or unlike itself")
		}
	})
}

// A log stopped anywhere is resumed to the same bytes, one by one and in packed calls; it is read back, and refused for
// another plan.
func TestProcedureResumes(t *testing.T) {
	eachProcedure(t, Fixed(10, 800, 0.01), func(t *testing.T, plan Plan) {
		s := toySettings()
		s.Plan = plan
		dir := t.TempDir()
		whole := filepath.Join(dir, "whole.tsv")
		one := &toyVoter{seed: 7, share: toyShares(toyCount)}
		want, err := runAs(t.Context(), one, toyImages(toyCount), s, whole, nil)
		if err != nil {
			t.Fatal(err)
		}
		if read, err := ReadLog(whole, nil, Plan{}); err != nil || !slices.EqualFunc(read.Rows, want.Rows, Row.sameVotes) ||
			!reflect.DeepEqual(read.Plan, plan) {
			t.Errorf("read back: %+v, %v", read, err)
		}
		for stop := one.drawn / 7; stop < one.drawn; stop += one.drawn / 7 {
			ctx, cancel := context.WithCancel(t.Context())
			out := filepath.Join(dir, "stopped.tsv")
			interrupted := packing(func(votes int) {
				if votes == stop {
					cancel()
				}
			})
			if _, err := runAs(ctx, interrupted, toyImages(toyCount), s, out, nil); !errors.Is(err, context.Canceled) {
				t.Fatalf("stopped at vote %d: %v", stop, err)
			}
			if _, err := runAs(t.Context(), packing(nil), toyImages(toyCount), s, out, nil); err != nil {
				t.Fatal(err)
			}
			if got := withoutTime(t, out); got != withoutTime(t, whole) {
				t.Errorf("stopped at vote %d and resumed, the log is\n%s", stop, got)
			}
			if err := errors.Join(os.Remove(out), os.Remove(sidecarPath(out))); err != nil {
				t.Fatal(err)
			}
		}
		s.Plan.Alpha = 0.02
		var differs *SettingsError
		if _, err := runAs(t.Context(), one, toyImages(toyCount), s, whole, nil); !errors.As(err, &differs) ||
			differs.Name != "alpha" {
			t.Errorf("resumed with another alpha: %v", err)
		}
		for _, kind := range Procedures() {
			if kind.Name == plan.Procedure().Name() {
				continue
			}
			g := RadiusGrid{Radii: []float64{0, 0.25, 0.5}}
			if s.Plan, err = kind.New(plan, s.Smoothing, g); err != nil {
				t.Fatal(err)
			}
			if _, err := runAs(t.Context(), one, toyImages(toyCount), s, whole, nil); !errors.As(err, &differs) ||
				differs.Name != "plan" {
				t.Errorf("resumed by %s: %v", kind.Name, err)
			}
		}
	})
}

// Every number of a row follows from its votes: with another digit the log is refused.
func TestProcedureVerifies(t *testing.T) {
	eachProcedure(t, Fixed(10, 800, 0.01), func(t *testing.T, plan Plan) {
		s := toySettings()
		s.Plan = plan
		out := filepath.Join(t.TempDir(), "toy.tsv")
		k, err := runAs(t.Context(), &toyVoter{seed: 7, share: toyShares(toyCount)}, toyImages(toyCount), s, out, nil)
		if err != nil {
			t.Fatal(err)
		}
		mismatch := plan.Procedure().begin(plan, s.Smoothing).mismatch
		for _, row := range k.Rows {
			if column, problem := mismatch(row); problem != "" {
				t.Errorf("image %d: column %s: %s", row.Index, column, problem)
			}
			if row.Used == 0 {
				continue // ended by its label
			}
			for name, edit := range map[string]func(*Row){
				"votes":   func(r *Row) { r.Votes-- },
				"used":    func(r *Row) { r.Used++ },
				"p_lower": func(r *Row) { r.PLower *= 1.001 },
				"radius":  func(r *Row) { r.Radius += 0.001 },
			} {
				edited := row
				edit(&edited)
				if name == "radius" && row.Predicted == Abstain {
					continue // refused before, whatever the procedure
				}
				if _, problem := mismatch(edited); problem == "" {
					t.Errorf("image %d: another %s is not noticed: %+v", row.Index, name, edited)
				}
			}
		}
	})
}

// Radii are wrong with probability alpha at most: simulated images whose robust radius is just below a radius of the
// grid, where plans fail most often. They fail as often as is computed exactly.
func TestProcedureCoverage(t *testing.T) {
	const images, alpha, sigma = 4000, 0.05, 0.5
	eachProcedure(t, Fixed(20, 800, alpha), func(t *testing.T, plan Plan) {
		v := &halfLine{
			toyVoter: toyVoter{seed: 5},
			value:    func(word uint32) float64 { return math.Sqrt2 * math.Erfinv(noise.Uniform(word)) },
		}
		for i := range images {
			v.distance = append(v.distance, 0.25*float64(1+i%2)-1e-6)
		}
		s := gaussian(sigma, plan)
		all := make([]Image, images)
		for i := range all {
			all[i] = Image{Pos: i, Index: i}
		}
		k, err := runAs(t.Context(), v, all, s, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		wrong := 0
		for i, row := range k.Rows {
			if row.Predicted > 0 || row.Predicted == 0 && row.Radius > v.distance[i] {
				wrong++
			}
		}
		share := float64(wrong) / images
		if share > alpha+3*math.Sqrt(alpha*(1-alpha)/images) {
			t.Errorf("%.4f of the certificates are wrong, want at most %v", share, alpha)
		}
		want := alpha // the fixed plan's theorem is tight, except that counts are discrete
		if climb, ok := plan.Procedure().begin(plan, s.Smoothing).(*climb); ok {
			want = 0
			for _, d := range v.distance[:2] {
				want += climb.failure(sigma, 0.5*math.Erfc(-d/sigma/math.Sqrt2)) / 2
			}
		}
		if tolerance := 4*math.Sqrt(want*(1-want)/images) + 0.01; math.Abs(share-want) > tolerance {
			t.Errorf("%.4f of the certificates are wrong, want %.4f ± %.4f", share, want, tolerance)
		}
		t.Logf("%.4f of %d certificates are wrong at alpha %v, %.4f expected", share, images, alpha, want)
	})
}

// A damaged plan is refused in a sentence.
func TestProcedureRefuses(t *testing.T) {
	both := Fixed(10, 800, 0.01)
	both.Ladder, both.Betting = &Ladder{}, &Betting{}
	if err := both.Check(); err == nil || !strings.Contains(err.Error(), "one procedure") {
		t.Errorf("two procedures: %v", err)
	}
	for _, kind := range Procedures() {
		if !kind.OnGrid {
			continue
		}
		for want, g := range map[string]RadiusGrid{
			"needs at least one radius": {},
			"must increase":             {Radii: []float64{0.5, 0.5}},
			"a radius cannot be":        {Radii: []float64{-1}},
			"is beyond what N=800":      {Radii: []float64{0, 3}},
		} {
			if _, err := kind.New(Fixed(10, 800, 0.01), smoothing.Gaussian{Sigma: 0.5}, g); err == nil ||
				!strings.Contains(err.Error(), want) {
				t.Errorf("%s with radii %v: %v, want %q", kind.Name, g.Radii, err, want)
			}
		}
		_, err := kind.New(Fixed(10, 800, 0.01), smoothing.Laplace{Scale: 0.5}, RadiusGrid{Radii: []float64{0}})
		if err == nil || !strings.Contains(err.Error(), kind.empty.noun()+" is for grids of L2 radii") {
			t.Errorf("%s under Laplace noise: %v", kind.Name, err)
		}
	}
}
