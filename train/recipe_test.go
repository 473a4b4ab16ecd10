package train

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"smoothlab/classifier"
	"smoothlab/dataset"
)

// All rows can be trained, and there are no duplicates.
func TestRecipes(t *testing.T) {
	rows := map[string]bool{}
	for _, r := range Recipes() {
		if _, err := dataset.FindAugmentation(r.Settings.Augment); err != nil && r.Settings.Augment != "" {
			t.Errorf("%s: %v", r, err)
		}
		if _, err := classifier.Lookup(r.Arch); err != nil {
			t.Errorf("%s: %v", r, err)
		}
		if !slices.ContainsFunc(dataset.List(), func(e dataset.Entry) bool { return e.Name == r.Dataset }) {
			t.Errorf("%s: there is no such data set", r)
		}
		if err := r.Settings.Check(r.Method, 50000); err != nil {
			t.Errorf("%s: %v", r, err)
		}
		if rows[r.String()] {
			t.Errorf("%s stands twice", r)
		}
		rows[r.String()] = true
	}
}

// The authors' CIFAR-10 commands for SmoothMix (EXPERIMENTS.MD:76-90), and the names of their logs' directories.
func TestCIFARRecipesAreTheAuthors(t *testing.T) {
	want := map[string]bool{}
	add := func(arch, method string) {
		want["cifar10, "+arch+": "+method+", 150 epochs, lr 0.1 times 0.1 every 50, batches of 256, crop+flip"] = true
	}
	for sigma, alpha := range map[string]string{"0.25": "0.5", "0.5": "1", "1": "2"} {
		for _, onestep := range []string{"", "mix_step=1, "} {
			add(
				"resnet110",
				fmt.Sprintf("smoothmix(sigma=%s, m=2, steps=4, alpha=%s, eta=5, %swarmup=10)", sigma, alpha, onestep),
			)
		}
	}
	for _, dir := range []string{"0.25 10", "0.25 20", "0.5 10", "1 10", "1 5"} { // consistency/cohen/num_2/lbd_L/eta_0.5/cifar_resnet110/noise_S
		var sigma, lbd string
		fmt.Sscan(dir, &sigma, &lbd)
		add("resnet110", fmt.Sprintf("consistency(sigma=%s, m=2, lbd=%s, eta=0.5)", sigma, lbd))
	}
	for _, dir := range []string{"0.25 4 2 0.9961", "0.5 2 1 2", "1 2 1 2"} { // consistency/salman_EPS_10_10/num_M/lbd_L
		var sigma, m, lbd, eps string
		fmt.Sscan(dir, &sigma, &m, &lbd, &eps)
		add(
			"resnet110",
			fmt.Sprintf(
				"smoothadv+consistency(sigma=%s, m=%s, lbd=%s, eta=0.5, steps=10, eps=%s, warmup=10)",
				sigma,
				m,
				lbd,
				eps,
			),
		)
	}
	for _, method := range []string{"gaussian(sigma=0.5)", "stability(sigma=0.5, lbd=2)", "macer(sigma=0.5, m=16, lbd=4, beta=16, margin=8, defer=-1)",
		"smoothadv(sigma=0.5, m=8, steps=10, eps=0.9961, warmup=10)", "smoothadv(sigma=0.5, m=2, steps=10, eps=2, warmup=10)",
		"consistency(sigma=0.5, m=2, lbd=5, eta=0.5)", "consistency(sigma=0.5, m=2, lbd=10, eta=0.5)", "consistency(sigma=0.5, m=2, lbd=20, eta=0.5)"} {
		add("resnet20", method)
	}
	for sigma, lbd := range map[string]string{"0.25": "0.5", "0.5": "1", "1": "2"} { // smoothing-catrs, EXPERIMENTS.MD:86-92
		add("resnet110", fmt.Sprintf("catrs(sigma=%s, m=4, steps=4, eps=1, lbd=%s)", sigma, lbd))
	}
	for _, r := range Recipes() {
		if r.Dataset == "cifar10" && r.Method.Name() != "acrboost" && !want[r.String()] {
			t.Errorf("%s is not the authors'", r)
		}
		delete(want, r.String())
	}
	for row := range want {
		t.Errorf("%s is missing", row)
	}
}

// The rows of the authors' MNIST commands (EXPERIMENTS.MD:11-74), as they are typed there, and SmoothAdv+Consistency's
// directories.
func TestMNISTRecipesAreTheAuthors(t *testing.T) {
	rows := map[string]bool{}
	for _, r := range mnistRecipes() {
		authors := Settings{Epochs: 90, Batch: 256, Schedule: Steps, LR: 0.01, LRPeriod: 30, Gamma: 0.1,
			Momentum: 0.9, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 1e-4}
		if !reflect.DeepEqual(r.Settings, authors) {
			t.Errorf("%s has other settings than all MNIST rows", r)
		}
		rows[r.String()] = true
	}
	want := 0
	for _, s := range []struct {
		sigma               string
		macer, lbd          int // of MACER and Consistency
		steps1, steps5, all int // T of SmoothMix with eta 1 and 5
	}{{"0.25", 16, 10, 3, 2, 10}, {"0.5", 16, 5, 4, 4, 10}, {"1", 6, 5, 8, 8, 10}} {
		want += s.all
		for _, m := range []string{
			"gaussian(sigma=%s)", "stability(sigma=%s, lbd=2)", "smoothadv(sigma=%s, m=4, steps=10, eps=0.9961, warmup=10)",
			fmt.Sprintf("macer(sigma=%%s, m=16, lbd=%d, beta=16, margin=8, defer=30)", s.macer),
			fmt.Sprintf("consistency(sigma=%%s, m=2, lbd=%d, eta=0.5)", s.lbd), "smoothadv+consistency(sigma=%s, m=4, lbd=1, eta=0.5, steps=10, eps=0.9961, warmup=10)",
			fmt.Sprintf("smoothmix(sigma=%%s, m=4, steps=%d, alpha=1, eta=1, warmup=10)", s.steps1),
			fmt.Sprintf("smoothmix(sigma=%%s, m=4, steps=%d, alpha=1, eta=5, warmup=10)", s.steps5),
			fmt.Sprintf("smoothmix(sigma=%%s, m=4, steps=%d, alpha=1, eta=1, mix_step=1, warmup=10)", s.steps1),
			fmt.Sprintf("smoothmix(sigma=%%s, m=4, steps=%d, alpha=1, eta=5, mix_step=1, warmup=10)", s.steps5),
		} {
			row := "mnist, lenet: " + fmt.Sprintf(
				m,
				s.sigma,
			) + ", 90 epochs, lr 0.01 times 0.1 every 30, batches of 256"
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
		{"mnist", "catrs", 0.5, nil, "catrs(sigma=0.5, m=4, steps=4, eps=1, lbd=1), 150 epochs, lr 0.01 times 0.1 every 50,"},
		{
			"mnist",
			"smoothmix",
			0.25,
			map[string]float64{"eta": 1, "mix_step": 1},
			"steps=3, alpha=1, eta=1, mix_step=1",
		},
		{"mnist", "macer", 1, nil, "lbd=6"},
		{"mnits", "macer", 1, nil, `unknown data set with recipes "mnits": did you mean "mnist"?`},
		{"mnist", "maser", 1, nil, `did you mean "macer"?`},
		{"mnist", "macer", 2, nil, "at sigma 0.25 or 0.5 or 1, not at 2"},
		{"mnist", "smoothmix", 1, map[string]float64{"eta": 3}, "has eta 5 or 1, not 3"},
		{"mnist", "smoothmix", 1, map[string]float64{"etta": 3}, `did you mean "eta"?`},
		{"cifar10", "consistency", 0.5, nil, "cifar10, resnet110: consistency(sigma=0.5, m=2, lbd=10"},
		{
			"cifar10",
			"consistency@resnet20",
			0.5,
			map[string]float64{"lbd": 5},
			"cifar10, resnet20: consistency(sigma=0.5, m=2, lbd=5",
		},
		{"cifar10", "smoothmix@resnet20", 0.5, nil, `unknown network with recipes for smoothmix on cifar10 "resnet20"`},
		{"cifar10", "macer", 1, nil, "trains macer on cifar10 at sigma 0.5, not at 1"},
	}
	for _, test := range tests {
		method, arch, _ := strings.Cut(test.method, "@")
		r, err := FindRecipe(test.dataset, method, arch, test.sigma, test.settings)
		var got string
		if err != nil {
			got = err.Error()
		} else {
			got = r.String()
		}
		if !strings.Contains(got, test.want) || strings.Contains(got, "\n") {
			t.Errorf(
				"%s %s %g %v: %s; want %q in it",
				test.dataset,
				test.method,
				test.sigma,
				test.settings,
				got,
				test.want,
			)
		}
	}
}

// With a tenth of the epochs, every setting in epochs is a tenth.
func TestScaledRecipe(t *testing.T) {
	r, err := FindRecipe("mnist", "smoothmix", "", 0.5, nil)
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

// An annealed recipe keeps the method's settings, except that settings in epochs are scaled.
func TestAnnealedRecipe(t *testing.T) {
	for method, want := range map[string]string{
		"smoothmix": "eta=5, warmup=2), 18 epochs, lr 0.03 by cosine after 0.9 of warm-up, batches of 256",
		"macer":     "margin=8, defer=6), 18 epochs, lr 0.03 by cosine after 0.9 of warm-up, batches of 256",
	} {
		r, err := FindRecipe("mnist", method, "", 0.5, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := r.Annealed(18)
		if got := a.String(); !strings.HasSuffix(got, want) {
			t.Errorf("%s\nwant it to end in %s", got, want)
		}
		if err := a.Settings.Check(a.Method, 60000); err != nil {
			t.Error(err)
		}
	}
}

// The scripts of Sun et al. for CIFAR-10 (E0, threshold, step length, T), and the recipe for LeNet, which is marked as
// not theirs and has E0 at 40% of the epochs.
func TestACRBoostRecipes(t *testing.T) {
	for i, sigma := range []float64{0.25, 0.5, 1} {
		settings := []string{"steps=3, alpha=0.25, start=%s, threshold=0.5", "steps=6, alpha=0.25, start=%s, threshold=0.4",
			"steps=4, alpha=0.5, start=%s, threshold=0.4"}[i]
		for dataset, want := range map[string]string{
			"cifar10": "cifar10, resnet110: acrboost(sigma=%g, m=4, " + fmt.Sprintf(settings, []string{"60", "70", "60"}[i]) +
				", renew=10), 150 epochs, lr 0.1 times 0.1 every 50 on time, batches of 256, crop+flip",
			"mnist": "mnist, lenet: acrboost(sigma=%g, m=4, " + fmt.Sprintf(settings, "36") +
				", renew=10), 90 epochs, lr 0.01 times 0.1 every 30, batches of 256 (a start, not the authors', who publish nothing for MNIST)",
		} {
			r, err := FindRecipe(dataset, "acrboost", "", sigma, nil)
			if want = fmt.Sprintf(want, sigma); err != nil || r.String() != want {
				t.Errorf("%s, %v; want %s", r, err, want)
			}
		}
	}
}
