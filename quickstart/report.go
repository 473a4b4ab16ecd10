package quickstart

import (
	"fmt"
	"path/filepath"

	"smoothlab/certify"
	"smoothlab/internal/atomicfile"
)

// report compares the rows and writes the table and the plot.
func (w *work) report(entries []certify.Entry) (*Result, error) {
	r := &Result{Entries: append(entries, w.Published...)}
	table := certify.Table{Entries: r.Entries, Radii: w.Plan.Radii, Base: entries[0].Name}
	var err error
	if r.Table, err = table.Text(); err != nil {
		return nil, err
	}
	for _, pair := range [][2]int{{2, 0}, {2, 1}, {1, 0}} {
		line, err := difference(entries[pair[0]], entries[pair[1]])
		if err != nil {
			return nil, err
		}
		r.Differences = append(r.Differences, line)
	}
	markdown, err := table.Markdown()
	if err != nil {
		return nil, err
	}
	text := markdown + "\n"
	for _, d := range r.Differences {
		text += "- " + d + "\n"
	}
	text += "\n```\n" + w.Plan.String() + "```\n"
	page, picture := filepath.Join(w.Dir, "table.md"), filepath.Join(w.Dir, "accuracy.svg")
	if err := atomicfile.Write(page, []byte(text)); err != nil {
		return nil, fmt.Errorf("cannot write the table: %w", err)
	}
	if err := certify.Plot(picture, fmt.Sprintf("%s, sigma %g", w.Plan.Data, w.Plan.Sigma), r.Entries); err != nil {
		return nil, err
	}
	r.Files = []string{page, picture}
	return r, nil
}

// difference describes one paired difference and whether it is significant.
func difference(a, b certify.Entry) (string, error) {
	c, err := certify.Compare(a.Certificates, b.Certificates)
	if err != nil {
		return "", err
	}
	verdict := "the interval excludes 0: these two classifiers differ"
	if !c.Significant() {
		verdict = "the interval contains 0: these images do not distinguish the two classifiers"
	}
	return fmt.Sprintf(
		"ACR of %s minus %s: %s, %d images, paired; %s",
		a.Name,
		b.Name,
		c.Estimate,
		c.Images,
		verdict,
	), nil
}
