package session

import (
	"errors"
	"fmt"
	"slices"

	"smoothlab/certify/paper"
	"smoothlab/internal/suggest"
	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// referenceValue holds the results of the paper's logs that match a query. Its attributes describe the first.
type referenceValue struct {
	language.Object[*referenceValue]
	results []paper.Result // at least one
}

var (
	_ starlark.Indexable = (*referenceValue)(nil)
	_ starlark.Sequence  = (*referenceValue)(nil)
	_ reporter           = (*referenceValue)(nil)
)

// Describe lists the attributes and methods of published results.
func (*referenceValue) Describe() *language.Kind {
	attr := func(name, help string, get func(r paper.Result) starlark.Value) language.Attribute {
		return language.Attr(name, help, func(v *referenceValue) starlark.Value { return get(v.results[0]) })
	}
	return &language.Kind{
		Name: "reference",
		Help: "Results of the authors' certification logs. If several settings match, r[0], r[1], … are the results, and the attributes describe r[0].",
		Attributes: []language.Attribute{
			attr(
				"dataset",
				"name of the data set",
				func(r paper.Result) starlark.Value { return starlark.String(r.Dataset) },
			),
			attr(
				"arch",
				"the authors' name of the network",
				func(r paper.Result) starlark.Value { return starlark.String(r.Arch) },
			),
			attr(
				"method",
				"name of the method",
				func(r paper.Result) starlark.Value { return starlark.String(r.Method) },
			),
			attr(
				"settings",
				"the method's known settings",
				func(r paper.Result) starlark.Value { return starlark.String(r.Settings()) },
			),
			attr(
				"part",
				`"main" for the paper's tables, "ablation", or "exploration"`,
				func(r paper.Result) starlark.Value { return starlark.String(r.Part) },
			),
			attr(
				"sigma",
				"standard deviation of the noise",
				func(r paper.Result) starlark.Value { return starlark.Float(r.Sigma) },
			),
			attr(
				"acr",
				"average certified radius at N=100,000, mean over the runs",
				func(r paper.Result) starlark.Value { return starlark.Float(r.ACR) },
			),
			attr(
				"sd",
				"standard deviation of the ACR between runs; 0 for one run",
				func(r paper.Result) starlark.Value { return starlark.Float(r.SD) },
			),
			attr(
				"acr_10000",
				"the expected ACR at N=10,000",
				func(r paper.Result) starlark.Value { return starlark.Float(r.ACR10000) },
			),
			attr(
				"acr_1000",
				"the expected ACR at N=1,000",
				func(r paper.Result) starlark.Value { return starlark.Float(r.ACR1000) },
			),
			attr(
				"abstain",
				"share of the images that abstain",
				func(r paper.Result) starlark.Value { return starlark.Float(r.Abstain) },
			),
			attr(
				"radii",
				"radii at which certified accuracy is known",
				func(r paper.Result) starlark.Value { return list(r.Radii) },
			),
			attr(
				"runs",
				"number of training runs",
				func(r paper.Result) starlark.Value { return starlark.MakeInt(len(r.Runs)) },
			),
		},
		Methods: []*language.Function{
			language.Method("accuracy", "certified accuracy at one of the radii, mean over the runs", radiusArgs{},
				func(_ *language.Call, v *referenceValue, a *radiusArgs) (starlark.Value, error) {
					r := v.results[0]
					i := slices.Index(r.Radii, a.R)
					if i < 0 {
						return nil, fmt.Errorf(
							"accuracy: known at the radii %v, not at %v; r.logs() has the radius of every image",
							list(r.Radii),
							starlark.Float(a.R),
						)
					}
					return starlark.Float(r.Accuracy[i]), nil
				}),
			language.Method(
				"prediction",
				"95% prediction interval for the ACR of one more training run at N=100,000, from the spread of the authors' runs: a pair",
				predictionArgs{Skip: 1},
				func(_ *language.Call, v *referenceValue, a *predictionArgs) (starlark.Value, error) {
					low, high, err := v.results[0].Prediction(a.Skip)
					if err != nil {
						return nil, err
					}
					return starlark.Tuple{starlark.Float(low), starlark.Float(high)}, nil
				},
			),
			language.Method(
				"logs",
				"the authors' certificates, one per training run; searched in SMOOTHLAB_DATA and its subdirectory logs, else downloaded and checked against a pinned checksum",
				logsArgs{},
				func(c *language.Call, v *referenceValue, a *logsArgs) (starlark.Value, error) { return v.logs(c, a) },
			),
		},
	}
}

// predictionArgs are the arguments of prediction().
type predictionArgs struct {
	Skip int `arg:"skip" help:"step between test images: 1 for all, 20 for every 20th, 100 for every 100th"`
}

// logsArgs are the arguments of logs().
type logsArgs struct {
	Runs     int    `arg:"runs" default:"None" help:"number of runs, from the first; None for all"`
	Dir      string `arg:"folder" complete:"file" default:"None" help:"directory to search first, instead of SMOOTHLAB_DATA"`
	Optional bool   `arg:"optional" help:"if they cannot be obtained, print why and return an empty list"`
	Given    language.Given
}

func (v *referenceValue) logs(c *language.Call, a *logsArgs) (starlark.Value, error) {
	r := v.results[0]
	n := len(r.Runs)
	if a.Given["runs"] {
		n = a.Runs
	}
	if n < 1 || n > len(r.Runs) {
		return nil, fmt.Errorf("logs: runs must be from 1 to %d, got %d", len(r.Runs), n)
	}
	progress, over := downloads(c)
	defer over()
	var all []starlark.Value
	for _, run := range r.Runs[:n] {
		k, err := run.Certificates(c.Ctx, r.Sigma, paper.LogOptions{Dir: expandTilde(a.Dir), Progress: progress})
		switch {
		case err != nil && a.Optional && c.Ctx.Err() == nil:
			c.Out.Print(fmt.Sprintf("skipping the authors' logs: %v\n", err))
			return starlark.NewList(nil), nil
		case err != nil:
			return nil, err
		}
		all = append(all, &certificatesValue{Certificates: k, path: run.Log})
	}
	return starlark.NewList(all), nil
}

func (v *referenceValue) Attr(name string) (starlark.Value, error) { return v.Lookup(v, name) }
func (v *referenceValue) String() string                           { return plainText(v.Report()) }
func (v *referenceValue) Len() int                                 { return len(v.results) }
func (v *referenceValue) Iterate() starlark.Iterator               { return &referenceIterator{of: v} }
func (v *referenceValue) Index(i int) starlark.Value {
	return &referenceValue{results: v.results[i : i+1]}
}

func (v *referenceValue) Report() report.Report {
	g := paper.Grid(v.results)
	return report.CertifyTable{Table: report.Table{Caption: g.Caption, Head: g.Head, Rows: g.Rows, Left: 2}}
}

type referenceIterator struct {
	of *referenceValue
	at int
}

func (it *referenceIterator) Next(p *starlark.Value) bool {
	if it.at >= it.of.Len() {
		return false
	}
	*p = it.of.Index(it.at)
	it.at++
	return true
}

func (*referenceIterator) Done() {}

// referenceFunction implements reference(). The paper's parameters are keyword arguments.
func referenceFunction() *language.Function {
	params := []language.Param{
		{Name: "dataset", Help: "mnist or cifar10", Required: true, Want: "a string"},
		{Name: "method", Help: "name of the method, or \"all\"", Required: true, Want: "a string", Complete: "method"},
		{Name: "sigma", Help: "standard deviation of the noise", Required: true, Want: "a number"},
	}
	params = append(
		params,
		language.Param{
			Name:    "part",
			Default: "None",
			Want:    "a string",
			Help:    `select "main" results, of the paper's tables, or "ablation" or "exploration" results`,
		},
	)
	names := paperParams()
	for _, name := range names {
		params = append(
			params,
			language.Param{
				Name:    name,
				Default: "None",
				Want:    "a number",
				Help:    "select results with this value of the setting",
			},
		)
	}
	return language.FuncWithParams(
		"reference",
		"Look up a method's results in the authors' certification logs\nThe paper's tables come first, then ablations and explorations; r.logs() returns the logs themselves.",
		params,
		func(_ *language.Call, values []starlark.Value) (starlark.Value, error) {
			dataset, method, sigma, err := parseRecipeKey("reference", values)
			if err != nil {
				return nil, err
			}
			chosen, err := chosenNumbers("reference", names, values[4:])
			if err != nil {
				return nil, err
			}
			if method == "all" {
				method = ""
			}
			results, err := paper.Find(dataset, method, sigma, chosen)
			if err != nil {
				return nil, err
			}
			if part := values[3]; part != nil && part != starlark.None {
				if results, err = ofPart(results, part); err != nil {
					return nil, err
				}
			}
			return &referenceValue{results: results}, nil
		},
	)
}

// ofPart returns the results of one part.
func ofPart(results []paper.Result, part starlark.Value) ([]paper.Result, error) {
	name, ok := starlark.AsString(part)
	if !ok {
		return nil, fmt.Errorf("reference: part must be a string, got %s", part)
	}
	var known []string
	var kept []paper.Result
	for _, r := range results {
		if !slices.Contains(known, r.Part) {
			known = append(known, r.Part)
		}
		if r.Part == name {
			kept = append(kept, r)
		}
	}
	if kept == nil {
		return nil, errors.New(suggest.Sentence("part of these results", name, known))
	}
	return kept, nil
}

// chosenNumbers returns the keyword arguments that were given.
func chosenNumbers(function string, names []string, values []starlark.Value) (map[string]float64, error) {
	chosen := map[string]float64{}
	for i, name := range names {
		if v := values[i]; v != nil {
			x, err := asNumber(function, v)
			if err != nil {
				return nil, err
			}
			chosen[name] = x
		}
	}
	return chosen, nil
}

// paperParams returns the settings in which the paper's logs differ.
func paperParams() []string {
	results, err := paper.Results()
	if err != nil {
		panic(err) // embedded, and tested
	}
	var names []string
	for _, r := range results {
		for _, p := range r.Params {
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	return names
}
