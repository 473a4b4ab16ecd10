package session

import (
	"fmt"

	"slices"
	"smoothlab/language"
	"smoothlab/method"
	"smoothlab/report"
	"smoothlab/train"

	"go.starlark.net/starlark"
)

// recipeValue is a row of the paper as a value of the language; train accepts it in place of a method.
type recipeValue struct {
	language.Object[*recipeValue]
	session *Session
	train.Recipe
	method *methodValue
}

var _ reporter = (*recipeValue)(nil)

func (s *Session) newRecipe(r train.Recipe) *recipeValue {
	return &recipeValue{session: s, Recipe: r, method: &methodValue{session: s, m: r.Method}}
}

// Describe lists the attributes and methods of recipes.
func (*recipeValue) Describe() *language.Kind {
	number := func(name, help string, get func(s train.Settings) starlark.Value) language.Attribute {
		return language.Attr(name, help, func(r *recipeValue) starlark.Value { return get(r.Settings) })
	}
	return &language.Kind{
		Name: "recipe",
		Help: "The authors' hyper-parameters for a row of the paper. train accepts it in place of a method.",
		Attributes: []language.Attribute{
			language.Attr(
				"dataset",
				"name of the data set",
				func(r *recipeValue) starlark.Value { return starlark.String(r.Dataset) },
			),
			language.Attr(
				"arch",
				"name of the network",
				func(r *recipeValue) starlark.Value { return starlark.String(r.Arch) },
			),
			language.Attr(
				"method",
				"the method, whose settings can be changed",
				func(r *recipeValue) starlark.Value { return r.method },
			),
			number(
				"epochs",
				"passes over the images",
				func(s train.Settings) starlark.Value { return starlark.MakeInt(s.Epochs) },
			),
			number(
				"batch",
				"images per batch",
				func(s train.Settings) starlark.Value { return starlark.MakeInt(s.Batch) },
			),
			number(
				"schedule",
				"learning-rate schedule",
				func(s train.Settings) starlark.Value { return starlark.String(s.Schedule) },
			),
			number(
				"lr_warmup",
				"epochs during which the learning rate rises to lr",
				func(s train.Settings) starlark.Value { return starlark.Float(s.LRWarmup) },
			),
			number(
				"lr",
				"largest learning rate",
				func(s train.Settings) starlark.Value { return starlark.Float(s.LR) },
			),
			number(
				"lr_period",
				"epochs between drops of the learning rate",
				func(s train.Settings) starlark.Value { return starlark.Float(s.LRPeriod) },
			),
			number(
				"gamma",
				"factor by which the learning rate drops",
				func(s train.Settings) starlark.Value { return starlark.Float(s.Gamma) },
			),
			number(
				"momentum",
				"momentum of sgd",
				func(s train.Settings) starlark.Value { return starlark.Float(s.Momentum) },
			),
			number(
				"augment",
				"augmentation of the training images; \"\" for none",
				func(s train.Settings) starlark.Value { return starlark.String(s.Augment) },
			),
			number(
				"weight_decay",
				"weight decay of every parameter",
				func(s train.Settings) starlark.Value { return starlark.Float(s.WeightDecay) },
			),
		},
		Methods: []*language.Function{
			language.Method(
				"scaled",
				"the recipe with another number of epochs; learning-rate periods and warm-up scale with it",
				scaledArgs{},
				retimed(train.Recipe.Scaled),
			),
			language.Method(
				"annealed",
				"the recipe with another number of epochs and a learning rate that falls to 0 along a cosine, update by update\n"+
					"The method keeps its settings, except those in epochs, which scale too; train(…, lr=…) sets another rate.",
				scaledArgs{},
				retimed(train.Recipe.Annealed),
			),
		},
	}
}

// retimed returns a session method that gives the recipe, with its method's current settings, another number of epochs.
func retimed(
	to func(train.Recipe, int) train.Recipe,
) func(*language.Call, *recipeValue, *scaledArgs) (starlark.Value, error) {
	return func(_ *language.Call, r *recipeValue, a *scaledArgs) (starlark.Value, error) {
		if a.Epochs < 1 {
			return nil, fmt.Errorf("epochs must be at least 1, got %d", a.Epochs)
		}
		now := r.Recipe
		now.Method = r.method.now()
		return r.session.newRecipe(to(now, a.Epochs)), nil
	}
}

// scaledArgs are the arguments of scaled() and annealed().
type scaledArgs struct {
	Epochs int `arg:"epochs,required" help:"passes over the images"`
}

func (r *recipeValue) Attr(name string) (starlark.Value, error) { return r.Lookup(r, name) }
func (r *recipeValue) Report() report.Report                    { return report.Message{Text: r.String()} }

// String formats the recipe with its method's current settings.
func (r *recipeValue) String() string {
	now := r.Recipe
	now.Method = r.method.now()
	return now.String()
}

// parseRecipeKey reads the first arguments of recipe and reference: the names of a data set and a listed method, and
// sigma.
func parseRecipeKey(function string, values []starlark.Value) (dataset, method string, sigma float64, err error) {
	dataset, isText := starlark.AsString(values[0])
	method, isText2 := starlark.AsString(values[1])
	if !isText || !isText2 {
		return "", "", 0, fmt.Errorf(
			`%s takes the names of a data set and a method, as in %s("mnist", "smoothmix", 0.5)`,
			function,
			function,
		)
	}
	sigma, err = asNumber(function, values[2])
	return dataset, listed(method), sigma, err
}

// recipeFunction implements recipe(). Settings that distinguish rows are keyword arguments.
func recipeFunction(s *Session) *language.Function {
	params := []language.Param{
		{Name: "dataset", Help: "name of the data set", Required: true, Want: "a string", Complete: "dataset"},
		{Name: "method", Help: "name of the method", Required: true, Want: "a string", Complete: "method"},
		{Name: "sigma", Help: "standard deviation of the noise", Required: true, Want: "a number"},
	}
	choices := choices()
	fixed := len(params)
	for _, name := range choices {
		params = append(
			params,
			language.Param{
				Name:    name,
				Default: "None",
				Want:    "a number",
				Help:    "select the row with this value of the setting",
			},
		)
	}
	params = append(
		params,
		language.Param{
			Name:     "arch",
			Default:  "None",
			Want:     "a string",
			Complete: "classifier",
			Help:     "select the row with this network",
		},
	)
	return language.FuncWithParams(
		"recipe",
		"Get the authors' hyper-parameters for a row of the paper's tables\nIf several rows match, the first; help(\"recipes\") lists the rows.",
		params,
		func(_ *language.Call, values []starlark.Value) (starlark.Value, error) {
			dataset, method, sigma, err := parseRecipeKey("recipe", values)
			if err != nil {
				return nil, err
			}
			chosen, err := chosenNumbers("recipe", choices, values[fixed:len(values)-1])
			if err != nil {
				return nil, err
			}
			arch := ""
			if v := values[len(values)-1]; v != nil {
				var ok bool
				if arch, ok = starlark.AsString(v); !ok {
					return nil, fmt.Errorf("recipe: arch must be a string, got %s", v)
				}
			}
			r, err := train.FindRecipe(dataset, method, arch, sigma, chosen)
			if err != nil {
				return nil, err
			}
			return s.newRecipe(r), nil
		},
	)
}

// choices returns the settings in which rows of one data set, method and sigma differ.
func choices() []string {
	first := map[string]train.Recipe{}
	var names []string
	for _, r := range train.Recipes() {
		row := fmt.Sprint(r.Dataset, r.Method.Name(), method.Fields(r.Method)[0].Value)
		other, seen := first[row]
		if !seen {
			first[row] = r
			continue
		}
		for i, f := range method.Fields(r.Method) {
			if method.Fields(other.Method)[i].Value != f.Value && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	return names
}
