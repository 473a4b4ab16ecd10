package papertable

import (
	"slices"
	"strings"
	"testing"
	"time"

	"smoothlab/certify"
	"smoothlab/method"
	"smoothlab/sweep"
	"smoothlab/train"
)

// Every row of every table has the authors' recipe at every noise level of the table, and can be trained annealed.
func TestRowsHaveRecipes(t *testing.T) {
	for _, table := range Tables() {
		plan, err := DefaultPlan(table)
		if err != nil {
			t.Fatal(err)
		}
		plan.Rows = append(plan.Rows, LaterRows(table)...)
		tasks, err := plan.Tasks()
		if err != nil {
			t.Fatal(err)
		}
		if want := len(plan.Rows) * 3; len(tasks) != want {
			t.Errorf("%s: %d tasks, want %d", table, len(tasks), want)
		}
		paths := map[string]bool{}
		for _, task := range tasks {
			recipe, err := task.Row.Recipe(task.Sigma)
			if err != nil {
				t.Fatal(err)
			}
			was, is := method.Fields(recipe.Method), method.Fields(task.Recipe.Method)
			for i, f := range was {
				if !f.Epochs && f.Value != is[i].Value {
					t.Errorf("%s: %s is %g, the authors have %g", task, f.Name, is[i].Value, f.Value)
				}
			}
			if s := task.Recipe.Settings; (s.Schedule == train.Cosine) == task.Steps || s.Epochs != task.Epochs ||
				s.Seed != task.Seed {
				t.Errorf("%s: %+v", task, s)
			}
			if paths[task.path()] {
				t.Errorf("%s is the path of two classifiers", task.path())
			}
			paths[task.path()] = true
		}
	}
}

// The ten rows at three noise levels are the authors' thirty main results on MNIST.
func TestRowsAreTheAuthors(t *testing.T) {
	plan, err := DefaultPlan("mnist")
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := plan.Tasks()
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		recipe, err := task.Row.Recipe(task.Sigma)
		if err != nil {
			t.Fatal(err)
		}
		if runs, err := authors(task.Row, recipe, task.Sigma); err != nil || len(runs) != 5 {
			t.Errorf("%s: %d runs of the authors, %v", task, len(runs), err)
		}
	}
	if order := []float64{tasks[0].Sigma, tasks[10].Sigma, tasks[20].Sigma}; !slices.Equal(
		order,
		[]float64{0.5, 0.25, 1},
	) {
		t.Errorf("noise levels are made in the order %v", order)
	}
}

func TestPlanErrors(t *testing.T) {
	for want, change := range map[string]func(*Plan){
		"needs at least one row":    func(p *Plan) { p.Rows = nil },
		"every must be at least 1":  func(p *Plan) { p.Every = 0 },
		"sigma 0.5 is given twice":  func(p *Plan) { p.Sigmas = []float64{0.5, 0.5} },
		"seed 1 is given twice":     func(p *Plan) { p.Seeds = []uint64{1, 2, 1} },
		"must be at least 0, got":   func(p *Plan) { p.Train = -1 },
		`unknown schedule "cosin"`:  func(p *Plan) { p.Schedule = "cosin" },
		"lr must be greater than 0": func(p *Plan) { p.LR = -1 },
		"soft labels take 1 to":     func(p *Plan) { p.SoftVotes = 20_000 },
		"not at 2":                  func(p *Plan) { p.Sigmas = []float64{2} },
	} {
		p, err := DefaultPlan("mnist")
		if err != nil {
			t.Fatal(err)
		}
		change(&p)
		if _, err := p.Tasks(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want a sentence with %q, got %v", want, err)
		}
	}
}

// The parts of a job array are disjoint and make the whole.
func TestShard(t *testing.T) {
	plan, err := DefaultPlan("mnist")
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := plan.Tasks()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for i := 1; i <= 7; i++ {
		part, err := sweep.Part(tasks, certify.Shard{Number: i, Of: 7}, "classifier")
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range part {
			seen[task.String()]++
		}
	}
	if len(seen) != 30 {
		t.Errorf("%d classifiers in seven parts, want 30", len(seen))
	}
	for task, n := range seen {
		if n != 1 {
			t.Errorf("%s is in %d parts", task, n)
		}
	}
	if _, err := sweep.Part(tasks, certify.Shard{Number: 31, Of: 31}, "classifier"); err == nil {
		t.Error("31 parts of 30 classifiers are not refused")
	}
}

// Costs have the ratios that were measured on two cores, in seconds per epoch, to within a third.
func TestCosts(t *testing.T) {
	measured := map[string]float64{
		"gaussian":              11,
		"stability":             20,
		"consistency":           20,
		"smoothmix":             190,
		"macer":                 190,
		"smoothadv":             320,
		"smoothadv+consistency": 340,
	}
	plan, err := DefaultPlan("mnist")
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := plan.Tasks()
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks[:10] {
		want, ok := measured[task.Name]
		if !ok {
			continue
		}
		if got := task.cost(60_000, 500, 10_100).train / float64(task.Recipe.Settings.Epochs); got < want*2/3 ||
			got > want*3/2 {
			t.Errorf("%s: %.0f s an epoch, measured %.0f", task, got, want)
		}
	}
}

// The time left is estimated from the speed of this process.
func TestClock(t *testing.T) {
	now := time.Unix(0, 0)
	c := clock{began: now, now: func() time.Time { return now }, all: 100}
	now = now.Add(5 * time.Second)
	if left := c.left(10); left != 0 {
		t.Errorf("after five seconds %v are left, which cannot be known", left)
	}
	now = now.Add(35 * time.Second)
	if left := c.left(20); left != 160*time.Second {
		t.Errorf("%v are left, want 160 s", left)
	}
	c.done = 100
	if left := c.left(0); left != 0 {
		t.Errorf("%v are left of nothing", left)
	}
}

// MACER's radius sets in with the first drop of the rate, as in the authors' runs: epoch 31 of 90.
func TestMACERDropsWithItsRadius(t *testing.T) {
	plan, err := DefaultPlan("mnist")
	if err != nil {
		t.Fatal(err)
	}
	plan.Rows = slices.DeleteFunc(plan.Rows, func(r Row) bool { return r.Name != "macer" })
	tasks, err := plan.Tasks()
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		s, warm := task.Recipe.Settings, task.Recipe.Method.Traits().Warm
		for epoch := 1; epoch < s.Epochs; epoch++ {
			if dropped, on := s.Rate(10*epoch, 10) < s.LR, warm(epoch) > 0; dropped != on {
				t.Errorf("%s, epoch %d: the rate has dropped is %t, the radius counts is %t", task, epoch, dropped, on)
			}
		}
	}
}
