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

// recipeValue is a row of the paper in the language; train takes it in a method's place.
type recipeValue struct {
	language.Base
	session *Session
	train.Recipe
	method *methodValue
}

var _ reporter = (*recipeValue)(nil)

func (s *Session) newRecipe(r train.Recipe) *recipeValue {
	return &recipeValue{session: s, Recipe: r, method: &methodValue{session: s, m: r.Method}}
}

func recipeKind() *language.Kind {
	number := func(name, help string, get func(s train.Settings) starlark.Value) language.Attribute {
		return language.Attr(name, help, func(r *recipeValue) starlark.Value { return get(r.Settings) })
	}
	return &language.Kind{
		Name: "recipe",
		Help: "The authors' hyper-parameters for a row of the paper. train takes it in the method's place.",
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
				"images of a batch",
				func(s train.Settings) starlark.Value { return starlark.MakeInt(s.Batch) },
			),
			number(
				"schedule",
				"how the learning rate develops",
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
				"factor of a drop",
				func(s train.Settings) starlark.Value { return starlark.Float(s.Gamma) },
			),
			number(
				"momentum",
				"of stochastic gradient descent",
				func(s train.Settings) starlark.Value { return starlark.Float(s.Momentum) },
			),
			number(
				"augment",
				"how training images are varied, \"\" for not at all",
				func(s train.Settings) starlark.Value { return starlark.String(s.Augment) },
			),
			number(
				"weight_decay",
				"on every parameter",
				func(s train.Settings) starlark.Value { return starlark.Float(s.WeightDecay) },
			),
		},
		Methods: []*language.Function{
			language.Method(
				"scaled",
				"the recipe with another number of epochs; learning-rate periods and warm-up shrink alike",
				scaledArgs{},
				retimed(train.Recipe.Scaled),
			),
			language.Method(
				"annealed",
				"the recipe with fewer epochs and a learning rate that falls to 0 along a cosine, update by update\n"+
					"The method keeps its settings, but for those in epochs, which shrink alike; train(…, lr=…) sets another rate.",
				scaledArgs{},
				retimed(train.Recipe.Annealed),
			),
		},
	}
}

// retimed is a method that gives the recipe, as its method is now, another number of epochs.
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

// scaledArgs are those of scaled() and annealed().
type scaledArgs struct {
	Epochs int `arg:"epochs,required" help:"passes over the images"`
}

func (*recipeValue) Kind() *language.Kind                         { return recipeKind() }
func (*recipeValue) Type() string                                 { return "recipe" }
func (r *recipeValue) Attr(name string) (starlark.Value, error)   { return recipeKind().Get(r, name) }
func (*recipeValue) AttrNames() []string                          { return recipeKind().Names() }
func (*recipeValue) SetField(name string, _ starlark.Value) error { return recipeKind().Refuse(name) }
func (r *recipeValue) Report() report.Report                      { return report.Message{Text: r.String()} }

// String is the recipe with the method as it is now.
func (r *recipeValue) String() string {
	now := r.Recipe
	now.Method = r.method.now()
	return now.String()
}

// rowOf reads the arguments that recipe and reference begin with: the names of a data set and of a method, as the list
// has it, and sigma.
func rowOf(function string, values []starlark.Value) (dataset, method string, sigma float64, err error) {
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

// recipeFunction is recipe(): the settings in which rows differ follow as keywords.
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
				Help:    "the row of which this setting has this value",
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
			Help:     "the row of this network",
		},
	)
	return language.Dynamic(
		"recipe",
		"The authors' hyper-parameters for a row of the paper's tables\nOf several rows that fit, the first: help(\"recipes\") lists them.",
		params,
		func(_ *language.Call, values []starlark.Value) (starlark.Value, error) {
			dataset, method, sigma, err := rowOf("recipe", values)
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

// choices are the settings in which rows of one data set, method and sigma differ.
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
