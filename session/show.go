package session

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"

	"smoothlab/internal/humanize"
	"smoothlab/internal/suggest"
	"smoothlab/language"
	"smoothlab/language/bounded"
	"smoothlab/report"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// valuesArgs are the arguments of show().
type valuesArgs struct {
	Values []starlark.Value `arg:"*" want:"values" help:"values to show"`
}

// maxShown is the maximum number of list elements that show() displays.
const maxShown = 100

// show implements show(). It displays every value in full, with images and tables.
func (s *Session) show(c *language.Call, a *valuesArgs) (starlark.Value, error) {
	for _, v := range a.Values {
		items, ok := v.(*starlark.List)
		if !ok {
			s.showOne(c, v)
			continue
		}
		for i := range min(items.Len(), maxShown) {
			if err := c.Ctx.Err(); err != nil {
				return nil, err
			}
			s.showOne(c, items.Index(i))
		}
		if rest := items.Len() - maxShown; rest > 0 {
			c.Out.Show(report.Message{Text: "… " + humanize.Grouped(rest) + " more"})
		}
	}
	return nil, nil
}

func (s *Session) showOne(c *language.Call, v starlark.Value) {
	var r report.Report
	switch v := v.(type) {
	case *run:
		r = historyOf(v.report())
	default:
		r = reported(v)
	}
	if r != nil {
		c.Out.Show(report.InFull(r))
	}
}

// helpArgs are the arguments of help().
type helpArgs struct {
	About starlark.Value `arg:"about" help:"a function, a value, or a string of words to search for in all help and the glossary; without it, help lists the functions"`
}

// maxSearch is the maximum length of what help() searches for.
const maxSearch = 1000

// help implements help().
func (s *Session) help(_ *language.Call, a *helpArgs) (starlark.Value, error) {
	if a.About == nil {
		return newReportValue(
			s.interp.Index(
				"Starlark, a small Python. Tab completes; help(f) or f? explains a function, help(x) a value, help(\"radius\") searches; " +
					"Ctrl-C stops the evaluation.",
			),
		), nil
	}
	if name, ok := starlark.AsString(a.About); ok {
		if len(name) > maxSearch {
			return nil, fmt.Errorf("help: a search takes at most %d bytes, got %s: write a few words",
				maxSearch, humanize.Grouped(len(name)))
		}
		return s.helpOn(name)
	}
	if r, ok := language.Explain(a.About); ok {
		return newReportValue(r), nil
	}
	return nil, fmt.Errorf("no help for %s (type %s)", a.About, a.About.Type())
}

// helpOn returns the help on the name of a function, a kind of value, a list or a term of the glossary, or else what a
// search finds.
func (s *Session) helpOn(name string) (starlark.Value, error) {
	var names []string
	for _, l := range helpLists() {
		if l.name == name {
			g := report.HelpGroup{Name: name, Entries: l.entries()}
			return newReportValue(report.HelpIndex{Groups: []report.HelpGroup{g}}), nil
		}
		names = append(names, l.name)
	}
	if name == "zoo" {
		return zooIndex()
	}
	names = append(names, "zoo")
	for _, f := range s.interp.Functions() {
		if f.Name == name {
			return newReportValue(f.Report()), nil
		}
		names = append(names, f.Name)
	}
	for _, k := range Kinds() {
		if k.Name == name {
			return newReportValue(k.Report()), nil
		}
		if !slices.Contains(names, k.Name) {
			names = append(names, k.Name)
		}
	}
	r, ok := glossaryHelp(name)
	if name == "glossary" {
		return newReportValue(r), nil
	}
	shown := ""
	if ok {
		shown = r.Groups[0].Entries[0].Name
	}
	found, hits := s.search(name, shown)
	if hits {
		r.Groups = append(r.Groups, found)
	}
	if !ok && !hits {
		return nil, errors.New(suggest.Sentence("topic", name, append(names, "glossary")))
	}
	if !ok {
		r.Text = fmt.Sprintf("There is no function %q; a search finds:", name)
	}
	return newReportValue(r), nil
}

// fmtArgs are the arguments of fmt().
type fmtArgs struct {
	X      starlark.Value `arg:"x,required" want:"a number" help:"a number, or a list of them"`
	Digits int            `arg:"digits" help:"digits after the point"`
}

// format implements fmt(), because Starlark's % operator has no precision.
func (s *Session) format(c *language.Call, a *fmtArgs) (starlark.Value, error) {
	if a.Digits < 0 || a.Digits > 30 {
		return nil, fmt.Errorf("fmt: digits must be from 0 to 30, got %d", a.Digits)
	}
	if items, ok := a.X.(starlark.Iterable); ok {
		var list []starlark.Value
		for item := range starlark.Elements(items) {
			if err := c.Ctx.Err(); err != nil {
				return nil, err
			}
			x, err := asNumber("fmt", item)
			if err != nil {
				return nil, err
			}
			list = append(list, starlark.String(strconv.FormatFloat(x, 'f', a.Digits, 64)))
		}
		return starlark.NewList(list), nil
	}
	x, err := asNumber("fmt", a.X)
	if err != nil {
		return nil, err
	}
	return starlark.String(strconv.FormatFloat(x, 'f', a.Digits, 64)), nil
}

// asNumber converts a number to a float64. True and False are not numbers.
func asNumber(function string, v starlark.Value) (float64, error) {
	x, ok := starlark.AsFloat(v)
	if _, isBool := v.(starlark.Bool); isBool || !ok {
		return 0, fmt.Errorf("%s takes numbers, got %s", function, bounded.InError(v))
	}
	return x, nil
}

// roundArgs are the arguments of round().
type roundArgs struct {
	X      starlark.Value `arg:"x,required" want:"a number" help:"a number"`
	Digits *int           `arg:"digits" want:"a whole number" help:"digits after the point; without it, the result is a whole number"`
}

// round implements round() as Python does: halves go to the even neighbour.
func (s *Session) round(_ *language.Call, a *roundArgs) (starlark.Value, error) {
	x, err := asNumber("round", a.X)
	if err != nil {
		return nil, err
	}
	if n, whole := a.X.(starlark.Int); whole {
		return roundInt(n, a.Digits)
	}
	if a.Digits == nil {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("round: %v has no nearest whole number", starlark.Float(x))
		}
		n, _ := big.NewFloat(math.RoundToEven(x)).Int(nil)
		return starlark.MakeBigInt(n), nil
	}
	if err := checkDigits(*a.Digits); err != nil {
		return nil, err
	}
	if *a.Digits < 0 {
		scale := math.Pow(10, float64(-*a.Digits))
		return starlark.Float(math.RoundToEven(x/scale) * scale), nil
	}
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', *a.Digits, 64), 64) // exact decimal rounding
	return starlark.Float(y), err
}

// roundInt rounds a whole number, which only digits below 0 change, to a multiple of a power of ten.
func roundInt(n starlark.Int, digits *int) (starlark.Value, error) {
	if digits == nil || *digits >= 0 {
		return n, nil
	}
	if err := checkDigits(*digits); err != nil {
		return nil, err
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-*digits)), nil)
	down, rest := new(big.Int).DivMod(n.BigInt(), unit, new(big.Int)) // 0 <= rest < unit
	if half := rest.Lsh(rest, 1).Cmp(unit); half > 0 || half == 0 && down.Bit(0) == 1 {
		down.Add(down, big.NewInt(1))
	}
	return starlark.MakeBigInt(down.Mul(down, unit)), nil
}

func checkDigits(digits int) error {
	if digits < -300 || digits > 300 {
		return fmt.Errorf("round: digits must be from -300 to 300, got %d", digits)
	}
	return nil
}

// numbersArgs are the arguments of mean().
type numbersArgs struct {
	Xs []float64 `arg:"xs,required" help:"numbers"`
}

// sumArgs are the arguments of sum().
type sumArgs struct {
	Xs    starlark.Iterable `arg:"xs,required" want:"a list of numbers" help:"numbers"`
	Start starlark.Value    `arg:"start" default:"0" want:"a number" help:"initial value of the sum"`
}

// sum implements sum(). Whole numbers stay whole.
func (s *Session) sum(c *language.Call, a *sumArgs) (starlark.Value, error) {
	total := a.Start
	if total == nil {
		total = starlark.MakeInt(0)
	}
	for item := range starlark.Elements(a.Xs) {
		if err := c.Ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := asNumber("sum", item); err != nil {
			return nil, err
		}
		t, err := starlark.Binary(syntax.PLUS, total, item)
		if err != nil {
			return nil, err
		}
		total = t
	}
	return total, nil
}

// mean implements mean().
func (s *Session) mean(_ *language.Call, a *numbersArgs) (starlark.Value, error) {
	if len(a.Xs) == 0 {
		return nil, errors.New("mean: the list is empty")
	}
	total := 0.0
	for _, x := range a.Xs {
		total += x
	}
	return starlark.Float(total / float64(len(a.Xs))), nil
}

// devices implements devices().
func (s *Session) devices(c *language.Call, _ *struct{}) (starlark.Value, error) {
	eng, err := s.engine.get(c)
	if err != nil {
		return nil, err
	}
	compiled, calls := eng.Counts()
	r := report.Devices{Engine: eng.String(), Plugin: eng.Plugin(), Compiled: compiled, Calls: calls}
	detail := ""
	if eng.Device() == "cpu" {
		detail = eng.Provenance()["machine"]
	}
	for i := range eng.Devices() {
		r.Devices = append(r.Devices, report.Device{Number: i, Kind: eng.Device(), Detail: detail})
	}
	return newReportValue(r), nil
}
