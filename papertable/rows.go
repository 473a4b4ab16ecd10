package papertable

import (
	"fmt"
	"slices"

	"smoothlab/internal/suggest"
	"smoothlab/method"
	"smoothlab/train"
)

// Row is a row of a paper's table: a method with its settings, at any of the table's noise levels.
type Row struct {
	Name, Label string
	Dataset     string
	Arch        string
	Method      string
	Choice      map[string]float64 // settings that choose among the method's recipes
	Epochs      int                // epochs of the annealed training
	// whether the learning rate drops in the authors' steps, from PeakLR, instead of by a cosine
	Steps      bool
	Stored     bool   // whether the repository keeps the weights
	settingsOf string // method whose recipe has the settings; "" means the row's own
}

// Rows returns the rows of the paper's table for a data set; [LaterRows] has others. To add one: a line here.
//
// MACER keeps the authors' steps: the weight of the radius term starts when the rate drops to a tenth, which a cosine
// would not do. Its number of epochs is a multiple of 9, so that both happen at the same epoch.
func Rows(dataset string) ([]Row, error) {
	oneStep := func(eta, step float64) map[string]float64 { return map[string]float64{"eta": eta, "mix_step": step} }
	tables := [][]Row{
		{
			{Name: "gaussian", Label: "Gaussian", Method: "gaussian", Epochs: 40, Stored: true},
			{Name: "stability", Label: "Stability", Method: "stability", Epochs: 40},
			{Name: "consistency", Label: "Consistency", Method: "consistency", Epochs: 40, Stored: true},
			{
				Name:   "smoothmix",
				Label:  "SmoothMix, eta=5",
				Method: "smoothmix",
				Choice: oneStep(5, 0),
				Epochs: 20,
				Stored: true,
			},
			{Name: "macer", Label: "MACER", Method: "macer", Epochs: 18, Steps: true},
			{Name: "smoothadv", Label: "SmoothAdv", Method: "smoothadv", Epochs: 16, Stored: true},
			{Name: "smoothmix-eta1", Label: "SmoothMix, eta=1", Method: "smoothmix", Choice: oneStep(1, 0), Epochs: 20},
			{
				Name:   "smoothmix-onestep",
				Label:  "SmoothMix + one-step, eta=5",
				Method: "smoothmix",
				Choice: oneStep(5, 1),
				Epochs: 20,
			},
			{
				Name:   "smoothmix-eta1-onestep",
				Label:  "SmoothMix + one-step, eta=1",
				Method: "smoothmix",
				Choice: oneStep(1, 1),
				Epochs: 20,
			},
			{
				Name:   "smoothadv+consistency",
				Label:  "SmoothAdv + Consistency",
				Method: "smoothadv+consistency",
				Epochs: 16,
			},
		},
		{
			{Name: "gaussian", Label: "Gaussian", Method: "gaussian", settingsOf: "consistency", Epochs: 30},
			{Name: "consistency", Label: "Consistency", Method: "consistency", Epochs: 30},
			{Name: "smoothmix", Label: "SmoothMix, eta=5", Method: "smoothmix", Choice: oneStep(5, 0), Epochs: 30},
			{
				Name:   "smoothmix-onestep",
				Label:  "SmoothMix + one-step, eta=5",
				Method: "smoothmix",
				Choice: oneStep(5, 1),
				Epochs: 30,
			},
			{
				Name:   "smoothadv+consistency",
				Label:  "SmoothAdv + Consistency",
				Method: "smoothadv+consistency",
				Epochs: 30,
			},
		},
	}
	names, archs := Tables(), []string{"lenet", "resnet110"}
	at := slices.Index(names, dataset)
	if at < 0 {
		return nil, fmt.Errorf("%s", suggest.Sentence("table of the paper", dataset, names))
	}
	rows := tables[at]
	for i := range rows {
		rows[i].Dataset, rows[i].Arch = dataset, archs[at]
	}
	return rows, nil
}

// Tables returns the data sets that have a table.
func Tables() []string { return []string{"mnist", "cifar10"} }

// Names returns the names of the rows of all tables.
func Names() []string {
	var names []string
	for _, table := range Tables() {
		rows, err := Rows(table)
		if err != nil {
			continue // already in the list
		}
		for _, r := range append(rows, LaterRows(table)...) {
			if !slices.Contains(names, r.Name) {
				names = append(names, r.Name)
			}
		}
	}
	return names
}

// Sigmas returns the noise levels of the paper's tables, in the order in which they are made.
func Sigmas() []float64 { return []float64{0.5, 0.25, 1} }

// FindRow returns the row of that name; its error suggests the nearest.
func FindRow(rows []Row, name string) (Row, error) {
	return suggest.Find("row", name, rows, func(r Row) string { return r.Name })
}

// Recipe returns the authors' hyper-parameters of the row at a noise level.
func (r Row) Recipe(sigma float64) (train.Recipe, error) {
	if r.settingsOf == "" {
		return train.FindRecipe(r.Dataset, r.Method, r.Arch, sigma, r.Choice)
	}
	recipe, err := train.FindRecipe(r.Dataset, r.settingsOf, r.Arch, sigma, nil)
	if err != nil {
		return recipe, err
	}
	if recipe.Method, err = train.NewMethod(r.Method); err != nil {
		return recipe, err
	}
	recipe.Method, err = method.With(recipe.Method, "sigma", sigma)
	return recipe, err
}
