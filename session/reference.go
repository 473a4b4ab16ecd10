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

// referenceValue is what the paper's logs say of a method: one result, or several that fit what was asked for, the
// first of which it speaks for.
type referenceValue struct {
	language.Base
	results []paper.Result // at least one
}

var (
	_ starlark.Indexable = (*referenceValue)(nil)
	_ starlark.Sequence  = (*referenceValue)(nil)
	_ reporter           = (*referenceValue)(nil)
)

func referenceKind() *language.Kind {
	attr := func(name, help string, get func(r paper.Result) starlark.Value) language.Attribute {
		return language.Attr(name, help, func(v *referenceValue) starlark.Value { return get(v.results[0]) })
	}
	return &language.Kind{
		Name: "reference",
		Help: "What the authors' certification logs say. Where several settings fit, r[0], r[1], … are each of them, and the attributes are those of r[0].",
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
				"the method's settings, as far as they are known",
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
				"its standard deviation between runs; 0 of one run",
				func(r paper.Result) starlark.Value { return starlark.Float(r.SD) },
			),
			attr(
				"acr_10000",
				"the ACR that would be expected at N=10,000",
				func(r paper.Result) starlark.Value { return starlark.Float(r.ACR10000) },
			),
			attr(
				"acr_1000",
				"the ACR that would be expected at N=1,000",
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
			language.Method("accuracy", "certified accuracy at one of its radii, mean over the runs", radiusArgs{},
				func(_ *language.Call, v *referenceValue, a *radiusArgs) (starlark.Value, error) {
					r := v.results[0]
					i := slices.Index(r.Radii, a.R)
					if i < 0 {
						return nil, fmt.Errorf(
							"accuracy: known at the radii %v, not at %v; r.logs() has every image's radius",
							list(r.Radii),
							starlark.Float(a.R),
						)
					}
					return starlark.Float(r.Accuracy[i]), nil
				}),
			language.Method(
				"prediction",
				"where the ACR of one more training run is to be expected with 95% probability, at N=100,000: a pair, from the spread of the authors' runs",
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
				"the authors' certificates, image by image, one a training run; looked for in SMOOTHLAB_DATA and its folder logs, else downloaded, with a pinned checksum",
				logsArgs{},
				func(c *language.Call, v *referenceValue, a *logsArgs) (starlark.Value, error) { return v.logs(c, a) },
			),
		},
	}
}

// predictionArgs are those of prediction().
type predictionArgs struct {
	Skip int `arg:"skip" help:"which test images: 1 for all, 20 for every 20th, 100 for every 100th"`
}

// logsArgs are those of logs().
type logsArgs struct {
	Runs     int    `arg:"runs" default:"None" help:"how many, from the first on; None for all"`
	Folder   string `arg:"folder" complete:"file" default:"None" help:"a folder to look in first, instead of the one that SMOOTHLAB_DATA names"`
	Optional bool   `arg:"optional" help:"where they cannot be had, say why and give an empty list"`
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
		k, err := run.Certificates(c.Ctx, r.Sigma, paper.LogOptions{Dir: home(a.Folder), Progress: progress})
		switch {
		case err != nil && a.Optional && c.Ctx.Err() == nil:
			c.Out.Print(fmt.Sprintf("the authors' logs are left out: %v\n", err))
			return starlark.NewList(nil), nil
		case err != nil:
			return nil, err
		}
		all = append(all, &certificatesValue{Certificates: k, path: run.Log})
	}
	return starlark.NewList(all), nil
}

func (*referenceValue) Kind() *language.Kind { return referenceKind() }
func (*referenceValue) Type() string         { return "reference" }
func (v *referenceValue) Attr(name string) (starlark.Value, error) {
	return referenceKind().Get(v, name)
}
func (*referenceValue) AttrNames() []string { return referenceKind().Names() }
func (*referenceValue) SetField(name string, _ starlark.Value) error {
	return referenceKind().Refuse(name)
}
func (v *referenceValue) String() string             { return plainText(v.Report()) }
func (v *referenceValue) Len() int                   { return len(v.results) }
func (v *referenceValue) Iterate() starlark.Iterator { return &referenceIterator{of: v} }
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

// referenceFunction is reference(): the paper's parameters follow as keywords.
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
			Help:    `only "main" results, of the paper's tables, or only "ablation" or "exploration"`,
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
				Help:    "only results of which this setting has this value",
			},
		)
	}
	return language.Dynamic(
		"reference",
		"What the authors' certification logs say of a method\nThe paper's tables first, then ablations and explorations; r.logs() are the logs themselves.",
		params,
		func(_ *language.Call, values []starlark.Value) (starlark.Value, error) {
			dataset, method, sigma, err := rowOf("reference", values)
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

// ofPart are the results of a part.
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

// chosenNumbers are the keywords that were given.
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

// paperParams are the settings that the paper's logs differ in.
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
