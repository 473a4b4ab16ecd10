package train

import "smoothlab/baseline"

// ACRBoost came after the paper (Sun et al. 2025). Its recipes have the settings of its authors' scripts for CIFAR-10
// (docs/algorithms.md §16).

// cifarACRBoost returns ACRBoost on CIFAR-10, where the learning rate drops on time.
func cifarACRBoost() []Recipe {
	s := cifarSettings()
	s.Schedule = MultiStep
	return acrBoost(Recipe{Dataset: "cifar10", Arch: resNet110, Settings: s, PeakLR: 0.1}, 60, 70, 60)
}

// mnistACRBoost returns a start for LeNet: E0 at 40% of the epochs, all else as on CIFAR-10. The authors publish
// nothing for MNIST.
func mnistACRBoost() []Recipe {
	return acrBoost(Recipe{Dataset: "mnist", Arch: "lenet", Settings: DefaultSettings(), PeakLR: 0.03,
		Note: "a start, not the authors', who publish nothing for MNIST"}, 36, 36, 36)
}

// acrBoost returns the recipes of ACRBoost at the three noise levels, with a start for each.
func acrBoost(like Recipe, start ...float64) []Recipe {
	var rows []Recipe
	for i, sigma := range []float64{0.25, 0.5, 1} {
		row := like
		row.Method = &baseline.ACRBoost{Sigma: sigma, M: 4, Steps: []int{3, 6, 4}[i],
			Alpha: []float64{0.25, 0.25, 0.5}[i], Start: start[i], Threshold: []float64{0.5, 0.4, 0.4}[i], Renew: 10}
		rows = append(rows, row)
	}
	return rows
}
