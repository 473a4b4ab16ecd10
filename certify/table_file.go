package certify

import (
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/suggest"
	"smoothlab/smoothing"
)

// tableForms lists the file formats of a table, by the ending of the file's name.
var tableForms = [...]struct {
	ending string
	table  func(Table) (string, error)
	grid   func(*Grid) string
}{
	{".tex", Table.LaTeX, (*Grid).LaTeX},
	{".csv", Table.CSV, (*Grid).CSV},
	{".md", Table.Markdown, (*Grid).Markdown},
	{".txt", Table.Text, (*Grid).Text},
}

// tableForm returns how a table and a grid are written in the format of path's ending.
func tableForm(path string) (table func(Table) (string, error), grid func(*Grid) string, err error) {
	ending := strings.ToLower(filepath.Ext(path))
	var endings []string
	for _, f := range tableForms {
		if f.ending == ending {
			return f.table, f.grid, nil
		}
		endings = append(endings, f.ending)
	}
	guess := ""
	if ending != "" {
		if near := suggest.Of(ending, endings); near != "" {
			guess = fmt.Sprintf(" (did you mean %s?)", near)
		}
	}
	last := len(endings) - 1
	return nil, nil, fmt.Errorf(
		"cannot tell the format of a table from %s; end its name in %s or %s%s",
		path,
		strings.Join(endings[:last], ", "),
		endings[last],
		guess,
	)
}

// Save writes the table to path as LaTeX (.tex), CSV, Markdown (.md) or text (.txt), by the name's ending. The file is
// written atomically.
func (t Table) Save(path string) error {
	write, _, err := tableForm(path)
	if err != nil {
		return err
	}
	text, err := write(t)
	if err != nil {
		return err
	}
	return saveTable(path, text)
}

// Save writes the table as [Table.Save] does; CSV has the formatted cells.
func (g *Grid) Save(path string) error {
	_, write, err := tableForm(path)
	if err != nil {
		return err
	}
	return saveTable(path, write(g))
}

func saveTable(path, text string) error {
	if err := atomicfile.Write(path, []byte(text)); err != nil {
		return fmt.Errorf("cannot write the table: %w", err)
	}
	return nil
}

// CSV returns the table for other programs: full precision, shares between 0 and 1, one row per entry with its
// settings. Unknown values, and those that need more images or runs, are empty.
func (t Table) CSV() (string, error) {
	entries, err := t.prepared()
	if err != nil {
		return "", err
	}
	head := []string{
		"name",
		"dataset",
		"split",
		"noise",
		"norm",
		"sigma",
		"n",
		"reexpressed_from",
		"alpha",
		"plan",
		"runs",
		"images",
		"planned",
		"digits",
		"acr",
		"acr_error",
		"acr_sd",
	}
	for _, r := range t.Radii {
		head = append(head, "accuracy_"+radiusText(r))
	}
	head = append(head, "abstain")
	for _, r := range t.Radii {
		head = append(head, "accuracy_sd_"+radiusText(r))
	}
	lines := [][]string{head}
	for _, e := range entries {
		lines = append(lines, t.record(e))
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	err = w.WriteAll(lines)
	return b.String(), err
}

// record returns the line of one entry in CSV. digits is the number of digits of its radii, empty for full precision.
// acr_error is the standard error over images, for a single run; acr_sd and accuracy_sd_… are standard deviations
// between runs.
func (t Table) record(e Entry) []string {
	c := e.Certificates
	digits := 0
	if e.printed() {
		digits = 3
	}
	acr, sd := e.mean((*Certificates).ACR)
	se := ""
	if len(e.More) == 0 {
		se = decimal(c.ACRError())
	}
	line := []string{
		e.Name,
		c.Dataset,
		c.Split,
		smoothing.Describe(c.Smoothing),
		c.norm(),
		factValue(c.Sigma()),
		plainCount(c.Plan.N),
		plainCount(c.ReexpressedFrom),
		factValue(c.Plan.Alpha),
		c.Plan.Procedure().Name(),
		plainCount(
			1 + len(e.More),
		),
		strconv.Itoa(len(c.Rows)),
		strconv.Itoa(c.Planned),
		plainCount(digits),
		decimal(acr),
		se,
		decimal(sd),
	}
	var sds []string
	for _, r := range t.Radii {
		share, sd := e.mean(func(c *Certificates) float64 { return c.Accuracy(r) })
		line, sds = append(line, decimal(share)), append(sds, decimal(sd))
	}
	abstain, _ := e.mean((*Certificates).Abstention)
	return append(append(line, decimal(abstain)), sds...)
}

// plainCount formats a positive count, and 0 as "".
func plainCount(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// decimal formats a number in full precision, and NaN as "".
func decimal(x float64) string {
	if x != x {
		return ""
	}
	return fullPrecision(x)
}
