package session

import (
	"fmt"

	"smoothlab/language"
	"smoothlab/papertable"
	"smoothlab/report"
	"smoothlab/zoo"

	"go.starlark.net/starlark"
)

// pretrainedArgs are the arguments of pretrained().
type pretrainedArgs struct {
	Dataset string  `arg:"dataset,required" complete:"papertable" help:"name of the data set"`
	Row     string  `arg:"row,required" complete:"row" help:"name of the row; help(\"zoo\") lists the rows"`
	Sigma   float64 `arg:"sigma,required" help:"standard deviation of the noise"`
	Dir     string  `arg:"dir" complete:"file" default:"None" help:"output directory of smoothlab table; None for the rows in the program"`
}

// pretrained implements pretrained().
func (s *Session) pretrained(c *language.Call, a *pretrainedArgs) (starlark.Value, error) {
	z, err := openZoo(a.Dir)
	if err != nil {
		return nil, err
	}
	r, err := z.Find(a.Dataset, a.Row, a.Sigma)
	if err != nil {
		return nil, err
	}
	loaded, err := r.Classifier()
	if err != nil {
		return nil, err
	}
	c.Out.Print(cardLine(r.Card) + "\n")
	return newClassifier(s, loaded, r.Path()+checkpointExt), nil
}

// openZoo opens the rows in a directory, or the rows embedded in the program if dir is empty.
func openZoo(dir string) (*zoo.Zoo, error) {
	if dir != "" {
		return zoo.Dir(expandTilde(dir))
	}
	return zoo.Embedded()
}

// zooIndex lists the rows embedded in the program.
func zooIndex() (starlark.Value, error) {
	z, err := zoo.Embedded()
	if err != nil {
		return nil, err
	}
	t := report.HelpGroup{Name: "zoo"}
	for _, r := range z.Rows() {
		help := cardLine(r.Card)
		if !r.Stored() {
			help += " · log only"
		}
		t.Entries = append(
			t.Entries,
			report.Entry{Name: fmt.Sprintf("pretrained(%q, %q, %g)", r.Dataset, r.Card.Row, r.Sigma), Help: help},
		)
	}
	index := report.HelpIndex{Groups: []report.HelpGroup{t}}
	if t.Entries == nil {
		index = report.HelpIndex{Text: "The zoo is empty; smoothlab table makes its classifiers."}
	}
	return newReportValue(index), nil
}

// cardLine summarizes a card in one line.
func cardLine(c zoo.Card) string {
	return fmt.Sprintf(
		"%s on %s, sigma %g: %s · %s, seed %d · ACR %.4f, 95%% %.4f … %.4f over %d images, N %d",
		c.Label,
		c.Dataset,
		c.Sigma,
		c.Method,
		c.Training,
		c.Seed,
		c.Certified.ACR,
		c.Certified.Low,
		c.Certified.High,
		c.Certified.Images,
		c.Plan.N,
	)
}

// paperTableArgs are the arguments of paper_table().
type paperTableArgs struct {
	Dataset string  `arg:"dataset" complete:"papertable" help:"name of the data set"`
	Sigma   float64 `arg:"sigma" help:"standard deviation of the noise"`
	Dir     string  `arg:"dir" complete:"file" default:"None" help:"output directory of smoothlab table; None for the rows in the program"`
}

// paperTable implements paper_table().
func (s *Session) paperTable(_ *language.Call, a *paperTableArgs) (starlark.Value, error) {
	z, err := openZoo(a.Dir)
	if err != nil {
		return nil, err
	}
	standings, err := papertable.Compare(z, a.Dataset, a.Sigma)
	if err != nil {
		return nil, err
	}
	return &paperTableValue{standings: standings}, nil
}

// paperTableValue is the paper's table at one noise level as a value of the language.
type paperTableValue struct {
	language.Object[*paperTableValue]
	standings []papertable.Standing
}

var _ reporter = (*paperTableValue)(nil)

// Describe lists the attributes and methods of the paper's tables.
func (*paperTableValue) Describe() *language.Kind {
	return &language.Kind{
		Name: "paper_table",
		Help: "The paper's table at one noise level, made by this program, next to the authors' runs.",
		Attributes: []language.Attribute{
			language.Attr("rows", "names of all rows", func(v *paperTableValue) starlark.Value {
				return v.texts(func(s papertable.Standing) (string, bool) { return s.Row.Name, true })
			}),
			language.Attr("made", "names of the finished rows", func(v *paperTableValue) starlark.Value {
				return v.texts(func(s papertable.Standing) (string, bool) { return s.Row.Name, s.Made != nil })
			}),
			language.Attr(
				"verdicts",
				"a dict by row name: inside, above or below the interval for one more run of the authors, or not made yet",
				func(v *paperTableValue) starlark.Value {
					d := starlark.NewDict(len(v.standings))
					for _, s := range v.standings {
						_ = d.SetKey(starlark.String(s.Row.Name), starlark.String(s.Verdict())) // a string can be a key
					}
					return d
				},
			),
			language.AttrErr(
				"certificates",
				"a dict by the display names of the finished rows: their certificates",
				func(v *paperTableValue) (starlark.Value, error) {
					d := starlark.NewDict(len(v.standings))
					for _, s := range v.standings {
						if s.Made == nil {
							continue
						}
						k, err := s.Made.Certificates()
						if err != nil {
							return nil, err
						}
						if err := d.SetKey(
							starlark.String(s.Row.Label),
							&certificatesValue{Certificates: k, path: s.Made.Path() + ".tsv"},
						); err != nil {
							return nil, err
						}
					}
					return d, nil
				},
			),
			language.AttrErr(
				"claims",
				"the paper's claims on SmoothMix and other methods, each with a paired test on the finished rows",
				func(v *paperTableValue) (starlark.Value, error) {
					claims, err := papertable.Claims(v.standings)
					if err != nil {
						return nil, err
					}
					var lines []string
					for _, c := range claims {
						lines = append(lines, c.String())
					}
					return texts(lines), nil
				},
			),
		},
		Methods: []*language.Function{
			language.Method("card", "one line on how a row was trained and certified", cardArgs{},
				func(_ *language.Call, v *paperTableValue, a *cardArgs) (starlark.Value, error) {
					var rows []papertable.Row
					for _, s := range v.standings {
						if s.Row.Name == a.Row && s.Made != nil {
							return starlark.String(cardLine(s.Made.Card)), nil
						}
						rows = append(rows, s.Row)
					}
					if _, err := papertable.FindRow(rows, a.Row); err != nil {
						return nil, err
					}
					return nil, fmt.Errorf(
						"%s at sigma %g is not made yet; run smoothlab table to make it",
						a.Row,
						v.standings[0].Sigma,
					)
				}),
		},
	}
}

// cardArgs are the arguments of card().
type cardArgs struct {
	Row string `arg:"row,required" complete:"row" help:"name of the row"`
}

// texts returns the names that of gives to rows, for the rows where it reports true.
func (v *paperTableValue) texts(of func(papertable.Standing) (string, bool)) starlark.Value {
	var names []string
	for _, s := range v.standings {
		if name, ok := of(s); ok {
			names = append(names, name)
		}
	}
	return texts(names)
}

func (v *paperTableValue) Attr(name string) (starlark.Value, error) { return v.Lookup(v, name) }
func (v *paperTableValue) String() string                           { return plainText(v.Report()) }

func (v *paperTableValue) Report() report.Report {
	g := papertable.Grid(v.standings)
	return report.CertifyTable{Table: report.Table{Caption: g.Caption, Head: g.Head, Rows: g.Rows, Left: 1}}
}
