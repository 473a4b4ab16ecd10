package smoothmix

import (
	"fmt"
	"strings"
	"testing"

	"smoothlab/classifier"
)

// The rows of the authors' MNIST commands (EXPERIMENTS.MD:11-74), as they are typed there.
func TestRecipesAreTheAuthors(t *testing.T) {
	rows := map[string]bool{}
	for _, r := range Recipes() {
		if err := r.Settings.Check(r.Method, 60000); err != nil {
			t.Errorf("%s: %v", r, err)
		}
		if _, err := classifier.Lookup(r.Arch); err != nil {
			t.Errorf("%s: %v", r, err)
		}
		if r.Settings != (Settings{Epochs: 90, Batch: 256, LR: 0.01, LRPeriod: 30, Gamma: 0.1, Momentum: 0.9, WeightDecay: 1e-4}) {
			t.Errorf("%s has other settings than all MNIST rows", r)
		}
		if rows[r.String()] {
			t.Errorf("%s stands twice", r)
		}
		rows[r.String()] = true
	}
	want := 0
	for _, s := range []struct {
		sigma               string
		macer, lbd          int // of MACER and Consistency
		steps1, steps5, all int // T of SmoothMix with eta 1 and 5
	}{{"0.25", 16, 10, 3, 2, 9}, {"0.5", 16, 5, 4, 4, 9}, {"1", 6, 5, 8, 8, 9}} {
		want += s.all
		for _, m := range []string{
			"gaussian(sigma=%s)", "stability(sigma=%s, lbd=2)", "smoothadv(sigma=%s, m=4, steps=10, eps=0.9961, warmup=10)",
			fmt.Sprintf("macer(sigma=%%s, m=16, lbd=%d, beta=16, margin=8, defer=30)", s.macer),
			fmt.Sprintf("consistency(sigma=%%s, m=2, lbd=%d, eta=0.5)", s.lbd),
			fmt.Sprintf("smoothmix(sigma=%%s, m=4, steps=%d, alpha=1, eta=1, warmup=10)", s.steps1),
			fmt.Sprintf("smoothmix(sigma=%%s, m=4, steps=%d, alpha=1, eta=5, warmup=10)", s.steps5),
			fmt.Sprintf("smoothmix(sigma=%%s, m=4, steps=%d, alpha=1, eta=1, mix_step=1, warmup=10)", s.steps1),
			fmt.Sprintf("smoothmix(sigma=%%s, m=4, steps=%d, alpha=1, eta=5, mix_step=1, warmup=10)", s.steps5),
		} {
			row := "mnist, lenet: " + fmt.Sprintf(m, s.sigma) + ", 90 epochs, lr 0.01 times 0.1 every 30, batches of 256"
			if !rows[row] {
				t.Errorf("%s is missing", row)
			}
		}
	}
	if len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
}

func TestFindRecipe(t *testing.T) {
	tests := []struct {
		dataset, method string
		sigma           float64
		settings        map[string]float64
		want            string // in the recipe, or in the error
	}{
		{"mnist", "smoothmix", 0.5, nil, "eta=5, warmup=10"},
		{"mnist", "smoothmix", 0.25, map[string]float64{"eta": 1, "mix_step": 1}, "steps=3, alpha=1, eta=1, mix_step=1"},
		{"mnist", "macer", 1, nil, "lbd=6"},
		{"mnits", "macer", 1, nil, `unknown data set with recipes "mnits": did you mean "mnist"?`},
		{"mnist", "maser", 1, nil, `did you mean "macer"?`},
		{"mnist", "macer", 2, nil, "at sigma 0.25 or 0.5 or 1, not at 2"},
		{"mnist", "smoothmix", 1, map[string]float64{"eta": 3}, "has eta 5 or 1, not 3"},
		{"mnist", "smoothmix", 1, map[string]float64{"etta": 3}, `did you mean "eta"?`},
	}
	for _, test := range tests {
		r, err := FindRecipe(test.dataset, test.method, test.sigma, test.settings)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = r.String()
		}
		if !strings.Contains(got, test.want) || strings.Contains(got, "\n") {
			t.Errorf("%s %s %g %v: %s; want %q in it", test.dataset, test.method, test.sigma, test.settings, got, test.want)
		}
	}
}

// A tenth of the epochs: everything that is counted in epochs is a tenth.
func TestScaledRecipe(t *testing.T) {
	r, err := FindRecipe("mnist", "smoothmix", 0.5, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Scaled(9).String(); !strings.Contains(got, "warmup=1), 9 epochs, lr 0.01 times 0.1 every 3,") {
		t.Error(got)
	}
	if !strings.Contains(r.String(), "warmup=10), 90 epochs") {
		t.Errorf("scaling changed the recipe itself: %s", r)
	}
}
