package docgen

import (
	_ "embed"
	"fmt"
	"path"
	"strings"

	"smoothlab/papertable"
	"smoothlab/zoo"
)

// PaperTable writes the paper's MNIST table at sigma 0.5 for the README: each row's ACR and the authors', with links to
// its card, log and weights.
func PaperTable(z *zoo.Zoo) (string, error) {
	standings, err := papertable.Compare(z, "mnist", 0.5)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	table(&b, "sigma 0.5", "ACR ± s.e.", "authors' mean", "one more run of theirs, 95%", "", "files")
	for _, s := range standings {
		acr := "not made yet"
		if s.Made != nil {
			acr = fmt.Sprintf("%.4f ± %.4f", s.Made.Certified.ACR, s.Made.Certified.Error)
		}
		verdict := s.Verdict()
		if verdict == papertable.NotMade {
			verdict = ""
		}
		line(
			&b,
			s.Row.Label,
			acr,
			fmt.Sprintf("%.4f", s.Authors.Mean),
			fmt.Sprintf("%.4f … %.4f", s.Authors.Low, s.Authors.High),
			verdict,
			files(s.Made, "zoo/rows"),
		)
	}
	return b.String(), nil
}

// files links to the card, the log and the weights of a row, as far as they are stored below a directory.
func files(made *zoo.Row, dir string) string {
	if made == nil {
		return ""
	}
	base := path.Join(dir, made.Path())
	links := fmt.Sprintf("[card](%s.json) · [log](%s.tsv.gz)", base, base)
	if made.Stored() {
		links += fmt.Sprintf(" · [weights](%s.safetensors)", base)
	}
	return links
}

// PaperPage writes the page of the whole table: every row at every noise level, its training, and the tests of the
// paper's claims.
func PaperPage(z *zoo.Zoo) (string, error) {
	var b strings.Builder
	b.WriteString(paperIntro)
	made, total, verdicts := 0, 0, map[string]int{}
	var body strings.Builder
	for _, sigma := range papertable.Sigmas() {
		standings, err := papertable.Compare(z, "mnist", sigma)
		if err != nil {
			return "", err
		}
		for _, s := range standings {
			if s.Published != nil {
				continue // it came after the paper
			}
			total++
			verdicts[s.Verdict()]++
			if s.Made != nil {
				made++
			}
		}
		if err := paperSection(&body, standings, sigma); err != nil {
			return "", err
		}
	}
	fmt.Fprintf(&b, "**%d of %d rows are made**: %d inside the interval, %d above it, %d below it.\n", made, total,
		verdicts[papertable.Inside], verdicts[papertable.Above], verdicts[papertable.Below])
	return b.String() + body.String() + paperConditions, nil
}

// paperSection writes the tables of one noise level.
func paperSection(b *strings.Builder, standings []papertable.Standing, sigma float64) error {
	g := papertable.Grid(standings)
	fmt.Fprintf(b, "\n## Sigma %g\n\n", sigma)
	last := len(g.Head) - 1 // the training, which has a table of its own
	line(b, g.Head[:last]...)
	b.WriteString(strings.Repeat("|---", last) + "|\n")
	for _, row := range g.Rows {
		line(b, row[:last]...)
	}
	var trained strings.Builder
	for _, s := range standings {
		if s.Made != nil {
			line(&trained, s.Row.Label, s.Made.Method, s.Made.Training, files(s.Made, "../zoo/rows"))
		}
	}
	if trained.Len() > 0 {
		b.WriteString("\n")
		line(b, "row", "method", "training", "files")
		b.WriteString(strings.Repeat("|---", 4) + "|\n" + trained.String())
	}
	claims, err := papertable.Claims(standings)
	if err != nil {
		return err
	}
	b.WriteString("\n")
	for _, c := range claims {
		fmt.Fprintf(b, "- %s.\n", c)
	}
	return nil
}

// paperIntro and paperConditions are the text before and after the tables.
var (
	//go:embed papertable_intro.md
	paperIntro string
	//go:embed papertable_conditions.md
	paperConditions string
)
