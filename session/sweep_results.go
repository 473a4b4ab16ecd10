package session

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"smoothlab/certify"
	"smoothlab/internal/humanize"
	"smoothlab/internal/suggest"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/sweep"

	"go.starlark.net/starlark"
)

// sweepTableArgs are the arguments of the method table() of a sweep.
type sweepTableArgs struct {
	Save string `arg:"save" complete:"file" default:"None" help:"file to write the table to: .txt, .md, .tex or .csv"`
}

// bestArgs are the arguments of the method best() of a sweep.
type bestArgs struct {
	N    int    `arg:"n" help:"number of cells"`
	Save string `arg:"save" complete:"file" default:"None" help:"file to write the table to: .txt, .md, .tex or .csv"`
}

// sweepParetoArgs are the arguments of the method pareto() of a sweep.
type sweepParetoArgs struct{ lookArgs }

// sweepLinesArgs are the arguments of the method lines() of a sweep.
type sweepLinesArgs struct {
	X string `arg:"x,required" help:"name of the setting on the horizontal axis, which must have numbers"`
	linesLook
}

// linesLook are the arguments that lines() and the method of a sweep share.
type linesLook struct {
	Band bool `arg:"band" help:"bands of one standard deviation between seeds, or of one standard error of ACR for a single seed"`
	lookArgs
}

// seedAxis is the axis whose values are training runs of the same settings.
const seedAxis = "seed"

func sweepMethods() []*language.Function {
	return []*language.Function{
		language.Method("table", "a table of all cells: settings, ACR, clean accuracy, and the reason of a failure", sweepTableArgs{},
			func(_ *language.Call, v *sweepValue, a *sweepTableArgs) (starlark.Value, error) {
				return saveGrid(v.grid(v.now()), a.Save)
			}),
		language.Method("best", "a table of the finished cells with the largest ACR", bestArgs{N: 5},
			func(_ *language.Call, v *sweepValue, a *bestArgs) (starlark.Value, error) {
				if a.N < 1 {
					return nil, fmt.Errorf("best: n must be at least 1, got %d", a.N)
				}
				list := slices.DeleteFunc(v.now(), func(r sweep.Result) bool { return r.Certificates == nil })
				if len(list) == 0 {
					return nil, v.nothingYet("best")
				}
				slices.SortStableFunc(list, func(a, b sweep.Result) int {
					return cmp.Compare(b.Certificates.ACR(), a.Certificates.ACR())
				})
				return saveGrid(v.grid(list[:min(len(list), a.N)]), a.Save)
			}),
		language.Method("pareto", "plot ACR against clean accuracy, one mark per cell, and the front; cells that differ by their seed alone share a name",
			sweepParetoArgs{lookDefaults()},
			func(_ *language.Call, v *sweepValue, a *sweepParetoArgs) (starlark.Value, error) {
				list := v.grouped()
				if len(list) == 0 {
					return nil, v.nothingYet("pareto")
				}
				return makePareto("pareto", list, &a.lookArgs)
			}),
		language.Method("lines", "plot ACR against one of the settings, one line for each combination of the others; means over seeds",
			sweepLinesArgs{linesLook: linesLook{Band: true, lookArgs: lookDefaults()}},
			func(_ *language.Call, v *sweepValue, a *sweepLinesArgs) (starlark.Value, error) { return v.lines(a) }),
	}
}

func (v *sweepValue) nothingYet(function string) error {
	hint := "wait for the first cell"
	if failed := v.failures(); len(failed) > 0 {
		hint = "the first failed: " + failed[0].Failure
	}
	return fmt.Errorf("%s: no cell is finished yet; %s", function, hint)
}

// saveGrid returns a table as a value, written to a file if save names one.
func saveGrid(g *certify.Grid, save string) (starlark.Value, error) {
	path := expandTilde(save)
	if err := prepareResult(path); err != nil {
		return nil, err
	}
	if path != "" {
		if err := g.Save(path); err != nil {
			return nil, err
		}
	}
	return newReportValue(
		report.CertifyTable{Table: report.Table{Caption: g.Caption, Head: g.Head, Rows: g.Rows, Left: 1}, Path: path},
	), nil
}

// Report returns the table of all cells.
func (v *sweepValue) Report() report.Report {
	g := v.grid(v.now())
	return report.CertifyTable{Table: report.Table{Caption: g.Caption, Head: g.Head, Rows: g.Rows, Left: 1}}
}

// grid lays results out: settings, ACR, clean accuracy, and the state.
func (v *sweepValue) grid(results []sweep.Result) *certify.Grid {
	g := &certify.Grid{Caption: v.statusLine()}
	for _, a := range v.axes {
		g.Head = append(g.Head, a.name)
	}
	g.Head = append(g.Head, "ACR ± s.e.", "clean", "abstain", "state")
	for _, r := range results {
		var row []string
		for _, s := range r.Cell.Values {
			row = append(row, s.Value)
		}
		row = append(row, "", "", "", "not made yet")
		cells := row[len(row)-4:]
		switch k := r.Certificates; {
		case k != nil:
			cells[3] = "finished"
			if k.Plan.DefinesACR() {
				cells[0] = fmt.Sprintf("%.4f ± %s", k.ACR(), humanize.OrDash("%.4f", k.ACRError()))
			}
			cells[1], cells[2] = percentage(k.Accuracy(0)), percentage(k.Abstention())
		case r.Failure != "":
			cells[3] = "failed: " + r.Failure
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// percentage formats a share in percent, and NaN as a dash.
func percentage(share float64) string { return humanize.OrDash("%.1f%%", 100*share) }

// grouped returns the finished cells by their settings, with those that differ by their seed alone as runs.
func (v *sweepValue) grouped() (list []named) {
	for _, r := range v.now() {
		if r.Certificates == nil {
			continue
		}
		name := settingsOf(r.Cell, func(axis string) bool { return axis != seedAxis })
		at := slices.IndexFunc(list, func(n named) bool { return n.name == name })
		if at < 0 {
			list = append(list, named{name: name})
			at = len(list) - 1
		}
		list[at].runs = append(list[at].runs, v.value(r))
	}
	return list
}

// settingsOf formats the settings of a cell on some axes; all of them if it has no others.
func settingsOf(c sweep.Cell, keep func(axis string) bool) string {
	var parts []string
	for _, s := range c.Values {
		if keep(s.Name) {
			parts = append(parts, s.Name+"="+s.Value)
		}
	}
	if parts == nil {
		return "all"
	}
	return strings.Join(parts, ", ")
}

// lines draws ACR against a setting.
func (v *sweepValue) lines(a *sweepLinesArgs) (starlark.Value, error) {
	var names []string
	for _, x := range v.axes {
		names = append(names, x.name)
	}
	at := slices.Index(names, a.X)
	if at < 0 {
		return nil, errors.New("lines: " + suggest.Sentence("setting of the sweep", a.X, names))
	}
	var places []float64
	for _, x := range v.axes[at].values {
		place, err := asNumber("lines", x)
		if err != nil {
			return nil, fmt.Errorf("lines: %s has values that are not numbers: choose another setting for the axis", a.X)
		}
		places = append(places, place)
	}
	slices.Sort(places)
	var order []string
	values := map[string][]starlark.Value{} // by line, for each place a list of runs
	for _, r := range v.now() {
		if r.Certificates == nil {
			continue
		}
		x, err := strconv.ParseFloat(r.Cell.Values[at].Value, 64)
		if err != nil {
			return nil, err
		}
		name := settingsOf(r.Cell, func(axis string) bool { return axis != a.X && axis != seedAxis })
		if values[name] == nil {
			order = append(order, name)
			for range places {
				values[name] = append(values[name], starlark.NewList(nil))
			}
		}
		if err := values[name][slices.Index(places, x)].(*starlark.List).Append(v.value(r)); err != nil {
			return nil, err
		}
	}
	if len(order) == 0 {
		return nil, v.nothingYet("lines")
	}
	d := lineFigure{places: places}
	d.X.Name = a.X
	for _, name := range order {
		if name == "all" && len(order) == 1 {
			name = ""
		}
		if err := d.add(name, starlark.NewList(values[cmp.Or(name, "all")])); err != nil {
			return nil, err
		}
	}
	return d.draw(a.Band, &a.lookArgs)
}
