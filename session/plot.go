package session

import (
	"errors"
	"fmt"
	"strings"

	"smoothlab/certify"
	"smoothlab/figure"
	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// Values of the argument of= of plot().
const (
	ofAccuracy = "accuracy"
	ofPA       = "p_A"
)

// plotArgs are the arguments of the method plot().
type plotArgs struct {
	Of   string `arg:"of" help:"\"accuracy\": certified accuracy against radius; \"p_A\": share of images whose class has at least that probability under noise"`
	Band string `arg:"band" complete:"band" default:"None" help:"95% bands: \"pointwise\" (Clopper–Pearson, each place alone) or \"whole\" (Dvoretzky–Kiefer–Wolfowitz, the whole curve at once)"`
	lookArgs
}

func plotDefaults() plotArgs { return plotArgs{Of: ofAccuracy, lookArgs: lookDefaults()} }

// plotsArgs are the arguments of plot().
type plotsArgs struct {
	Entries starlark.Value `arg:"entries,required" want:"certificates" help:"certificates, a list of them, or a dict by name; an inner list holds the training runs of one entry"`
	Names   []string       `arg:"names" help:"names of the entries"`
	plotArgs
}

// plot implements plot().
func (s *Session) plot(_ *language.Call, a *plotsArgs) (starlark.Value, error) {
	list, err := entries("plot", a.Entries, a.Names)
	if err != nil {
		return nil, err
	}
	return makePlot(list, &a.plotArgs)
}

// entriesOf is the list for package certify.
func entriesOf(list []named) (all []certify.Entry) {
	for _, n := range list {
		all = append(all, n.entry())
	}
	return all
}

func makePlot(list []named, a *plotArgs) (starlark.Value, error) {
	band, err := certify.ParseBand(a.Band)
	if err != nil {
		return nil, fmt.Errorf("plot: %w", err)
	}
	var f figure.Figure
	switch a.Of {
	case ofAccuracy:
		f, err = certify.AccuracyFigure(entriesOf(list), band)
	case ofPA:
		f, err = certify.PAFigure(entriesOf(list), band, figure.Tail)
	default:
		return nil, fmt.Errorf("plot: of must be %q or %q, got %q", ofAccuracy, ofPA, a.Of)
	}
	if err != nil {
		return nil, fmt.Errorf("plot: %w", err)
	}
	return a.draw("plot", f, report.Listed(" · ", band.String(), differing(list)))
}

// paretoArgs are the arguments of pareto().
type paretoArgs struct {
	Entries starlark.Value `arg:"entries,required" want:"certificates" help:"certificates, a list of them, or a dict by name; an inner list holds the training runs of one entry"`
	Names   []string       `arg:"names" help:"names of the entries"`
	lookArgs
}

// pareto implements pareto().
func (s *Session) pareto(_ *language.Call, a *paretoArgs) (starlark.Value, error) {
	list, err := entries("pareto", a.Entries, a.Names)
	if err != nil {
		return nil, err
	}
	return makePareto("pareto", list, &a.lookArgs)
}

func makePareto(function string, list []named, look *lookArgs) (starlark.Value, error) {
	f, err := certify.ParetoFigure(entriesOf(list))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", function, err)
	}
	last := len(f.Lines) - 1
	front := f.Lines[last]
	var names []string
	for i := range front.X {
		for _, l := range f.Lines[:last] {
			for k := range l.X {
				if l.X[k] == front.X[i] && l.Y[k] == front.Y[i] {
					names = append(names, fmt.Sprintf("%s (%.1f%%, ACR %.4f)", l.Name, 100*front.X[i], front.Y[i]))
				}
			}
		}
	}
	return look.draw(function, f, report.Listed(" · ", "on the front: "+strings.Join(names, ", "), differing(list)))
}

// differing returns, for a caption, in what entries differ that should be alike where they are compared; "" if in
// nothing.
func differing(list []named) string {
	d := certify.Differences(entriesOf(list))
	if d == "" {
		return ""
	}
	return "the entries differ in " + d
}

// splitArgs are the arguments of acr_split().
type splitArgs struct {
	Entries starlark.Value     `arg:"entries,required" want:"certificates" help:"certificates, a list of them, or a dict by name"`
	By      *certificatesValue `arg:"by,required" help:"certificates of a reference classifier: images are easy or hard for it"`
	Cuts    []float64          `arg:"cuts" max:"100" help:"probabilities at which images are divided, between 0.5 and 1"`
	Names   []string           `arg:"names" help:"names of the entries"`
	Save    string             `arg:"save" complete:"file" default:"None" help:"file to write the table to: .txt, .md, .tex or .csv"`
}

// acrSplit implements acr_split().
func (s *Session) acrSplit(_ *language.Call, a *splitArgs) (starlark.Value, error) {
	list, err := entries("acr_split", a.Entries, a.Names)
	if err != nil {
		return nil, err
	}
	g := &certify.Grid{Head: []string{"p_A of " + a.By.label(), "images"}}
	note := ""
	for _, n := range list {
		if len(n.runs) > 1 {
			return nil, fmt.Errorf("acr_split: %s has several runs: give one of them", n.name)
		}
		if n.runs[0].Certificates == a.By.Certificates {
			note = n.name + " chooses the images by what is measured: its own hard images look harder than they are"
		}
		groups, err := n.runs[0].ByDifficulty(a.By.Certificates, a.Cuts)
		if err != nil {
			return nil, fmt.Errorf("acr_split: %s: %w", n.name, err)
		}
		if err := addGroups(g, n.name, groups); err != nil {
			return nil, err
		}
	}
	g.Caption = report.Listed(" · ", "ACR divided by how hard images are for "+a.By.label(),
		"what each group adds to the ACR, and in brackets the mean radius in the group", note, differing(list))
	save := expandTilde(a.Save)
	if err := prepareResult(save); err != nil {
		return nil, err
	}
	if save != "" {
		if err := g.Save(save); err != nil {
			return nil, err
		}
	}
	return newReportValue(
		report.CertifyTable{Table: report.Table{Caption: g.Caption, Head: g.Head, Rows: g.Rows, Left: 1}, Path: save},
	), nil
}

// addGroups adds a column to a table of groups, whose first columns the first entry fills.
func addGroups(g *certify.Grid, name string, groups []certify.Group) error {
	g.Head = append(g.Head, certify.OneLine(name))
	first, total, images := g.Rows == nil, 0.0, 0
	row := func(i int, label string, images int, cell string) error {
		if first {
			g.Rows = append(g.Rows, []string{label, fmt.Sprint(images)})
		}
		if g.Rows[i][1] != fmt.Sprint(images) {
			return errors.New("acr_split: the entries are certified on different images; certify the same images with each")
		}
		g.Rows[i] = append(g.Rows[i], cell)
		return nil
	}
	for i, p := range groups {
		label := fmt.Sprintf("%v … %v", p.From, p.To)
		switch i {
		case 0:
			label = "not certified"
		case len(groups) - 1:
			label = fmt.Sprintf("%v or more", p.From)
		}
		total, images = total+p.Part, images+p.Images
		cell := fmt.Sprintf("%.4f (%.3f)", p.Part, p.ACR)
		if p.Images == 0 {
			cell = "–"
		}
		if err := row(i, label, p.Images, cell); err != nil {
			return err
		}
	}
	return row(len(groups), "all", images, fmt.Sprintf("%.4f", total))
}
