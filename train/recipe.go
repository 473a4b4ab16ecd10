package train

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"smoothlab/baseline"
	"smoothlab/internal/suggest"
	"smoothlab/method"
	"smoothlab/smoothmix"
)

// Recipe is a row of a paper's tables: all settings of a training except the images and the seed.
type Recipe struct {
	Dataset  string // name in the list of data sets
	Arch     string // name of the network
	Method   method.Method
	Settings Settings
	PeakLR   float64 // largest learning rate of the annealed training; not from the authors
	Note     string  // what about the settings is not the authors'; empty if all are theirs
}

// String returns a line such as "mnist, lenet: gaussian(sigma=0.5), 90 epochs, …".
func (r Recipe) String() string {
	text := fmt.Sprintf("%s, %s: %s, %s", r.Dataset, r.Arch, method.Describe(r.Method), r.Settings)
	if r.Note != "" {
		text += " (" + r.Note + ")"
	}
	return text
}

// Scaled returns the recipe with another number of epochs. Learning-rate periods and warm-up are scaled too.
func (r Recipe) Scaled(epochs int) Recipe {
	r.Method, r.Settings = Scaled(r.Method, r.Settings, epochs)
	return r
}

// Recipes lists the authors' hyper-parameters: the rows of the paper's tables for MNIST and CIFAR-10, and those of
// methods that came later.
func Recipes() []Recipe {
	return slices.Concat(
		mnistRecipes(), mnistCATRS(), mnistACRBoost(),
		cifarRecipes(), cifarCATRS(), cifarACRBoost(),
	)
}

// cifarSettings returns the authors' settings for CIFAR-10 (EXPERIMENTS.MD:76-90 with code/train.py:21-69;
// code/datasets.py:78-82).
func cifarSettings() Settings {
	s := DefaultSettings()
	s.Epochs, s.LR, s.LRPeriod, s.Augment = 150, 0.1, 50, "crop+flip"
	return s
}

// cifarRecipes returns SmoothMix of EXPERIMENTS.MD:76-90 on ResNet-110, and the other methods with the settings in the
// names of the authors' log directories (data/certify/cifar10). Of several values, the one with the largest ACR comes
// first. The directories name no schedule, so SmoothMix's is used here, although the scripts of all methods but
// Consistency have 90 epochs with drops every 30 as their default. MACER is not deferred, because its directory, unlike
// MNIST's, does not say so.
func cifarRecipes() []Recipe {
	var rows []Recipe
	add := func(arch string, methods ...method.Method) {
		for _, m := range methods {
			rows = append(
				rows,
				Recipe{Dataset: "cifar10", Arch: arch, Method: m, Settings: cifarSettings(), PeakLR: 0.1},
			)
		}
	}
	const eps255, eps512 = 255. / 256, 512. / 256
	adv := func(eps float64) baseline.PGD { return baseline.PGD{Steps: 10, Eps: eps, Warmup: 10} }
	both := func(sigma float64, m int, lbd, eps float64) method.Method {
		return &baseline.SmoothAdvConsistency{
			Consistency: baseline.Consistency{Sigma: sigma, M: m, Lbd: lbd, Eta: 0.5},
			PGD:         adv(eps),
		}
	}
	consistency := func(sigma, lbd float64) method.Method {
		return &baseline.Consistency{Sigma: sigma, M: 2, Lbd: lbd, Eta: 0.5}
	}
	for i, sigma := range []float64{0.25, 0.5, 1} {
		for _, mixStep := range []int{0, 1} {
			add(
				resNet110,
				&smoothmix.SmoothMix{
					Sigma:   sigma,
					M:       2,
					Steps:   4,
					Alpha:   []float64{0.5, 1, 2}[i],
					Eta:     5,
					MixStep: mixStep,
					Warmup:  10,
				},
			)
		}
	}
	add(
		resNet110,
		consistency(0.25, 20),
		consistency(0.25, 10),
		consistency(0.5, 10),
		consistency(1, 10),
		consistency(1, 5),
		both(0.25, 4, 2, eps255),
		both(0.5, 2, 1, eps512),
		both(1, 2, 1, eps512),
	)
	add(
		resNet20,
		&baseline.Gaussian{Sigma: 0.5},
		&baseline.Stability{Sigma: 0.5, Lbd: 2},
		&baseline.MACER{Sigma: 0.5, M: 16, Lbd: 4, Beta: 16, Margin: 8, Defer: -1},
		&baseline.SmoothAdv{
			Sigma: 0.5,
			M:     8,
			PGD:   adv(eps255),
		},
		&baseline.SmoothAdv{Sigma: 0.5, M: 2, PGD: adv(eps512)},
		consistency(0.5, 20),
		consistency(0.5, 10),
		consistency(0.5, 5),
	)
	return rows
}

// resNet20 and resNet110 are the networks' names in the list of classifiers.
const resNet20, resNet110 = "resnet20", "resnet110"

// mnistRecipes returns the settings of EXPERIMENTS.MD:11-74, and SmoothAdv+Consistency with the settings in the names
// of its log directories (data/certify/mnist/consistency/salman_255.0_10_10/num_4/lbd_1.0/eta_0.5).
func mnistRecipes() []Recipe {
	var rows []Recipe
	add := func(m method.Method) {
		rows = append(
			rows,
			Recipe{Dataset: "mnist", Arch: "lenet", Method: m, Settings: DefaultSettings(), PeakLR: 0.03},
		)
	}
	for i, sigma := range []float64{0.25, 0.5, 1} {
		add(&baseline.Gaussian{Sigma: sigma})
		add(&baseline.Stability{Sigma: sigma, Lbd: 2})
		adv := baseline.NewSmoothAdv()
		adv.Sigma = sigma
		add(adv)
		macer := baseline.NewMACER()
		macer.Sigma, macer.Lbd = sigma, []float64{16, 16, 6}[i]
		add(macer)
		add(&baseline.Consistency{Sigma: sigma, M: 2, Lbd: []float64{10, 5, 5}[i], Eta: 0.5})
		add(
			&baseline.SmoothAdvConsistency{
				Consistency: baseline.Consistency{Sigma: sigma, M: 4, Lbd: 1, Eta: 0.5},
				PGD:         baseline.AuthorsPGD(),
			},
		)
		for _, eta := range []float64{5, 1} {
			steps := map[float64][]int{1: {3, 4, 8}, 5: {2, 4, 8}}[eta][i]
			for _, mixStep := range []int{0, 1} {
				add(
					&smoothmix.SmoothMix{
						Sigma:   sigma,
						M:       4,
						Steps:   steps,
						Alpha:   1,
						Eta:     eta,
						MixStep: mixStep,
						Warmup:  10,
					},
				)
			}
		}
	}
	return rows
}

// FindRecipe returns the row of a data set, a method, a network ("" for any) and a noise level with the given settings.
// If several rows match it returns the first. Its errors list the available values.
func FindRecipe(dataset, methodName, arch string, sigma float64, settings map[string]float64) (Recipe, error) {
	rows, err := narrowed("data set with recipes", dataset, Recipes(), func(r Recipe) string { return r.Dataset })
	if err != nil {
		return Recipe{}, err
	}
	if rows, err = narrowed(
		"method with recipes for "+dataset,
		methodName,
		rows,
		func(r Recipe) string { return r.Method.Name() },
	); err != nil {
		return Recipe{}, err
	}
	if arch != "" {
		if rows, err = narrowed(
			"network with recipes for "+methodName+" on "+dataset,
			arch,
			rows,
			func(r Recipe) string { return r.Arch },
		); err != nil {
			return Recipe{}, err
		}
	}
	all := rows
	rows = slices.DeleteFunc(slices.Clone(rows), func(r Recipe) bool { return !has(r, "sigma", sigma) })
	if len(rows) == 0 {
		return Recipe{}, fmt.Errorf(
			"the paper trains %s on %s at sigma %s, not at %g",
			methodName,
			dataset,
			settingValues(all, "sigma"),
			sigma,
		)
	}
	for name, want := range settings {
		if !slices.ContainsFunc(method.Fields(rows[0].Method), func(f method.Field) bool { return f.Name == name }) {
			_, err := method.With(rows[0].Method, name, want)
			return Recipe{}, errors.Join(err)
		}
		all = rows
		rows = slices.DeleteFunc(slices.Clone(rows), func(r Recipe) bool { return !has(r, name, want) })
		if len(rows) == 0 {
			return Recipe{}, fmt.Errorf(
				"the paper's %s on %s at sigma %g has %s %s, not %g: take that row and change its method",
				methodName,
				dataset,
				sigma,
				name,
				settingValues(all, name),
				want,
			)
		}
	}
	return rows[0], nil
}

// narrowed returns the rows with a name.
func narrowed(kind, name string, rows []Recipe, of func(Recipe) string) ([]Recipe, error) {
	var kept []Recipe
	var names []string
	for _, r := range rows {
		if of(r) == name {
			kept = append(kept, r)
		}
		if !slices.Contains(names, of(r)) {
			names = append(names, of(r))
		}
	}
	if kept == nil {
		return nil, errors.New(suggest.Sentence(kind, name, names))
	}
	return kept, nil
}

// has reports whether the method of a recipe has a setting of this value.
func has(r Recipe, name string, want float64) bool {
	v, ok := method.Setting(r.Method, name)
	return ok && v == want
}

// settingValues lists the different values of a setting in some rows.
func settingValues(rows []Recipe, name string) string {
	var list []string
	for _, r := range rows {
		x, _ := method.Setting(r.Method, name)
		if v := fmt.Sprintf("%g", x); !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return strings.Join(list, " or ")
}
