package docgen

import (
	"fmt"
	"smoothlab/internal/humanize"
	"smoothlab/method"
	"smoothlab/train"
	"strings"
)

// Recipes returns the page of the authors' hyper-parameters, a table for each data set.
func Recipes() string {
	var b strings.Builder
	b.WriteString("# Recipes\n\n" +
		"The authors' hyper-parameters, one row for each training of the paper's tables that can be made here, and those of\n" +
		"methods that came later. In a session\n" +
		"`recipe(\"mnist\", \"smoothmix\", 0.5, eta=5)` gives a row, which `train` takes in the method's place, and `.scaled(epochs=…)` shortens;\n" +
		"`.annealed(epochs=…)` shortens it more, with another learning rate (help(\"schedules\")). Where\n" +
		"they come from: [train/recipe.go](../train/recipe.go), [recipe_catrs.go](../train/recipe_catrs.go), [recipe_acrboost.go](../train/recipe_acrboost.go). Recipes that are not the authors' are marked. This page is made from the code by `go test ./internal/docgen -update`.\n")
	dataset, above := "", ""
	for _, r := range train.Recipes() {
		schedule := r.Settings.String()
		if r.Note != "" {
			schedule += ": " + r.Note
		}
		if r.Dataset != dataset || schedule != above {
			if r.Dataset != dataset {
				fmt.Fprintf(&b, "\n## %s\n", r.Dataset)
			}
			dataset, above = r.Dataset, schedule
			fmt.Fprintf(&b, "\n%s.\n\n", strings.ToUpper(schedule[:1])+schedule[1:])
			line(&b, "network", "method", "sigma", "settings")
			b.WriteString("|---|---|---|---|\n")
		}
		var settings []string
		sigma := ""
		for _, f := range method.Fields(r.Method) {
			switch value := humanize.Setting(f.Value); {
			case f.Name == "sigma":
				sigma = value
			case f.Value != 0:
				settings = append(settings, f.Name+" "+value)
			}
		}
		line(&b, r.Arch, r.Method.Name(), sigma, strings.Join(settings, ", "))
	}
	return b.String()
}
