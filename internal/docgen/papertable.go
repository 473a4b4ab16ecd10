package docgen

import (
	"fmt"
	"path"
	"strings"

	"smoothlab/papertable"
	"smoothlab/zoo"
)

// PaperTable writes the paper's MNIST table at sigma 0.5 for the README: each row's ACR beside the authors', with links to its
// card, log and weights.
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
		line(&b, s.Row.Label, acr, fmt.Sprintf("%.4f", s.Authors.Mean), fmt.Sprintf("%.4f … %.4f", s.Authors.Low, s.Authors.High), verdict,
			files(s.Made, "zoo/rows"))
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

// PaperPage writes the page of the whole table: every row at every noise level, what it was trained with, and the tests of
// the paper's claims.
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

const paperIntro = `# The paper's MNIST table, made by this program

Jeong et al. compare ten rows at three noise levels on MNIST. This page sets each row, trained and certified by this
program, beside the authors' five runs. It is made from the committed rows by ` + "`go test ./internal/docgen -update`" + `.

`

const paperConditions = `
## How to read it

- **Images and votes.** Test images 0, 20, … 9980 (500 images), N0 = 100, N = 10,000, alpha = 0.001 per image. The largest
  radius that 10,000 votes can prove is 3.199 sigma, so these ACRs are smaller than the paper's at N = 100,000.
- **The authors' numbers** are their logs of the same images, re-expressed at N = 10,000. The interval is where one more run
  of theirs is with 95% probability: mean ± t(0.975; 4) · √(sd² · (1 + 1/5) + votes²), with the spread between runs and
  that of the votes.
- **Verdict.** inside, above or below that interval; then the difference from the authors' mean and our share of it.
- **In brackets** stand the authors' mean certified accuracies at each radius, in percent. ± is the standard error over
  images.
- **Training.** The methods' settings are the authors'. The schedule is not: the learning rate rises to 0.03 and falls to 0
  along a cosine, in 16 to 40 epochs in place of 90. MACER keeps the authors' steps, so that its radius counts from the
  first drop on. Settings counted in epochs, such as a warm-up, shrink alike. Each row was trained once, with seed 1.
- **Tests** compare two classifiers, paired by image. One run of each says nothing about how other runs would differ.

## How to make it

` + "```" + `
smoothlab table mnist --out DIRECTORY                          # all 30 rows; typed again, it resumes
smoothlab table mnist --rows gaussian --sigmas 0.5 --out DIRECTORY
smoothlab table mnist --show --out DIRECTORY                   # what is finished, beside the authors' runs
smoothlab table mnist --part 3/30 --out DIRECTORY              # one task of a job array (clusters.md)
smoothlab table mnist --show --out DIRECTORY --publish zoo/rows
` + "```" + `

In a session, ` + "`paper_table(\"mnist\", 0.5)`" + ` shows the table and ` + "`pretrained(\"mnist\", \"smoothmix\", 0.5)`" + ` loads a classifier of it.
The repository keeps the weights of Gaussian, Consistency, SmoothAdv and SmoothMix (eta=5) at three noise levels: 12 files of
1.7 MB. Logs and cards are kept for every row.

## How the schedules were chosen

Before this table, on full MNIST at sigma 0.5 with seed 1. The first three were trained with an earlier plugin, whose steps
were wrong now and then, and certified on test images 0, 100, …; the last one with another plugin and on all 500 images:

| training | ACR at N = 10,000 | authors' mean, same images |
|---|---|---|
| Gaussian, 8 epochs, batches of 256, rate .05 .03 .015 .005 .001 in stages | 1.317 | 1.333 |
| Gaussian, 8 epochs, batches of 64, rate .03 .02 .01 .003 .0006 in stages | 1.327 | 1.333 |
| SmoothMix, 8 epochs, rate .03, times .6 every epoch | 1.402 | 1.433 |
| SmoothMix, 16 epochs, rate .03, times .78 every epoch | 1.4424 | 1.4527 |

So annealing from a rate of .03 buys most of the 90 epochs, and twice the epochs gain a further part. The cosine and the
numbers of epochs were fixed from these facts. They were not tuned on validation digits yet; ` + "`--validation 5000`" + ` is there
for that.
`
