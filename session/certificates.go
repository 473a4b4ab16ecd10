package session

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"smoothlab/certify"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/smoothing"

	"go.starlark.net/starlark"
)

// certificatesValue is a certification log in the language.
type certificatesValue struct {
	language.Base
	*certify.Certificates
	path    string
	pick    string // which images: "every 100th"
	classes []string
	values  int    // of an image: its dimensions; 0 if unknown
	made    string // the line of the certification that gave it, until it is shown
}

var (
	_ starlark.Sliceable = (*certificatesValue)(nil)
	_ starlark.Sequence  = (*certificatesValue)(nil)
	_ reporter           = (*certificatesValue)(nil)
)

// radiusArgs are those of accuracy().
type radiusArgs struct {
	R float64 `arg:"r" help:"radius in pixel units of [0,1]; at 0, correct and not abstained"`
}

func certificatesKind() *language.Kind {
	attr := func(name, help string, get func(k *certificatesValue) starlark.Value) language.Attribute {
		return language.Attr(name, help, get)
	}
	return &language.Kind{
		Name: "certificates",
		Help: "Certified radii, a row an image, with the plan they were made with. k[0] is the first row, k[::20] every 20th planned image, len(k) counts rows.",
		Attributes: []language.Attribute{
			language.AttrErr(
				"acr",
				"average certified radius: 0 counts for wrong classes and abstentions",
				func(k *certificatesValue) (starlark.Value, error) {
					return starlark.Float(k.ACR()), k.tellsACR()
				},
			),
			language.AttrErr(
				"acr_error",
				"its standard error over images",
				func(k *certificatesValue) (starlark.Value, error) {
					return starlark.Float(k.ACRError()), k.tellsACR()
				},
			),
			attr(
				"abstained",
				"rows that abstain; None where a ladder leaves that open",
				func(k *certificatesValue) starlark.Value {
					if !k.Plan.TellsAbstention() {
						return starlark.None
					}
					return starlark.MakeInt(k.Abstained())
				},
			),
			attr(
				"votes",
				"votes an image in the mean, those for the choice included; 0 if unknown",
				func(k *certificatesValue) starlark.Value {
					return starlark.Float(k.VotesEach())
				},
			),
			attr(
				"shard",
				`which part of the images it is, "1/4"; empty for all`,
				func(k *certificatesValue) starlark.Value {
					if k.Shard.Of == 0 {
						return starlark.String("")
					}
					return starlark.String(k.Shard.String())
				},
			),
			attr(
				"plan",
				"how many votes were drawn, and when they ended",
				func(k *certificatesValue) starlark.Value { return plan(k.Plan) },
			),
			attr(
				"noise",
				`name of the noise, such as "gaussian" or "laplace"; empty if unknown`,
				func(k *certificatesValue) starlark.Value {
					if k.Smoothing == nil {
						return starlark.String("")
					}
					return starlark.String(k.Smoothing.Name())
				},
			),
			attr(
				"norm",
				`norm of the radii, "L2" or "L1"; empty if the noise is unknown`,
				func(k *certificatesValue) starlark.Value {
					if k.Smoothing == nil {
						return starlark.String("")
					}
					return starlark.String(k.Smoothing.Norm())
				},
			),
			attr(
				"sigma",
				"standard deviation of Gaussian noise; 0 if unknown, or of other noise",
				func(k *certificatesValue) starlark.Value { return starlark.Float(k.Sigma()) },
			),
			attr(
				"scale",
				"scale of the noise, which is sigma of Gaussian noise; 0 if unknown",
				func(k *certificatesValue) starlark.Value {
					if k.Smoothing == nil {
						return starlark.Float(0)
					}
					return starlark.Float(smoothing.Scale(k.Smoothing))
				},
			),
			attr(
				"n",
				"votes for the bound, an image; 0 if unknown",
				func(k *certificatesValue) starlark.Value { return starlark.MakeInt(k.Plan.N) },
			),
			attr(
				"n0",
				"votes for the choice of the class; 0 if unknown",
				func(k *certificatesValue) starlark.Value { return starlark.MakeInt(k.Plan.N0) },
			),
			attr(
				"alpha",
				"failure probability an image; 0 if unknown",
				func(k *certificatesValue) starlark.Value { return starlark.Float(k.Plan.Alpha) },
			),
			attr(
				"slack",
				"subtracted from every lower bound, for noise on the pixel grid; 0 for noise in float32",
				func(k *certificatesValue) starlark.Value {
					return starlark.Float(k.Plan.Slack)
				},
			),
			attr(
				"seed",
				"of the noise",
				func(k *certificatesValue) starlark.Value { return starlark.MakeUint64(k.Seed) },
			),
			attr(
				"checkpoint",
				"SHA-256 of the classifier's weights; empty if unknown",
				func(k *certificatesValue) starlark.Value { return starlark.String(k.Checkpoint) },
			),
			attr(
				"image_data",
				"SHA-256 of the pixels and labels of all images that were to be certified; empty if the log does not record it",
				func(k *certificatesValue) starlark.Value {
					return starlark.String(k.ImageData)
				},
			),
			attr(
				"path",
				"the log, empty if none is kept",
				func(k *certificatesValue) starlark.Value { return starlark.String(k.path) },
			),
			attr("radii", "radius of each row", func(k *certificatesValue) starlark.Value {
				radii := make([]float64, len(k.Rows))
				for i, row := range k.Rows {
					radii[i] = row.Radius
				}
				return list(radii)
			}),
		},
		Methods: []*language.Function{
			language.Method(
				"accuracy",
				"certified accuracy at a radius: the share of images with the right class and a radius of r or more",
				radiusArgs{},
				func(_ *language.Call, k *certificatesValue, a *radiusArgs) (starlark.Value, error) {
					if !(a.R >= 0) {
						return nil, fmt.Errorf("accuracy: r must be 0 or more, got %v", starlark.Float(a.R))
					}
					if !k.Plan.TellsAccuracy(a.R) {
						return nil, fmt.Errorf(
							"accuracy: %v is no radius of the ladder's grid, %v",
							starlark.Float(a.R),
							list(k.Plan.Ladder.Radii),
						)
					}
					return starlark.Float(k.Accuracy(a.R)), nil
				},
			),
			language.Method(
				"so_far",
				"what there is of an unfinished certification, or of a shard, as if no more had been planned: comparisons then take the common images",
				struct{}{},
				func(_ *language.Call, k *certificatesValue, _ *struct{}) (starlark.Value, error) {
					part := *k
					part.Certificates = k.SoFar()
					return &part, nil
				},
			),
			language.Method(
				"interval",
				"exact (Clopper–Pearson) interval of certified accuracy at a radius: for the share of all images like these",
				intervalArgs{Level: 0.95},
				func(_ *language.Call, k *certificatesValue, a *intervalArgs) (starlark.Value, error) {
					return k.interval(a)
				},
			),
			language.Method(
				"accuracies",
				"certified accuracy at radii with its exact interval, the lower bound that all certificates together give for these images, and the L∞ and L1 balls that each L2 ball contains",
				accuraciesArgs{Level: 0.95, Delta: 0.001},
				func(_ *language.Call, k *certificatesValue, a *accuraciesArgs) (starlark.Value, error) {
					return k.accuracies(a)
				},
			),
			language.Method("table", "certified accuracy at radii, in a table", tableArgs{},
				func(_ *language.Call, k *certificatesValue, a *tableArgs) (starlark.Value, error) {
					return makeTable([]named{{k.label(), []*certificatesValue{k}}}, a.Radii, "", a.Save)
				}),
			language.Method(
				"plot",
				"certified accuracy against radius, or how p_A is distributed",
				plotArgs{Of: ofAccuracy},
				func(_ *language.Call, k *certificatesValue, a *plotArgs) (starlark.Value, error) {
					return makePlot([]named{{k.label(), []*certificatesValue{k}}}, a.Of, a.Title, a.Save)
				},
			),
		},
	}
}

// tellsACR says why there is no ACR.
func (k *certificatesValue) tellsACR() error {
	if !k.Plan.TellsACR() {
		return errors.New(
			"a ladder proves the radii of its grid only, so that there is no ACR: certify with plan=fixed(…), or ask for .accuracy(r)",
		)
	}
	return nil
}

// uncertified is the number of rows that were drawn in this session and are in no file; 0 for any other value.
func uncertified(v starlark.Value) int {
	switch v := v.(type) {
	case *certification:
		select {
		case <-v.done:
			if v.result != nil {
				return uncertified(v.result)
			}
		default: // the job says what would be lost
		}
	case *certificatesValue:
		if v.path == "" {
			return len(v.Rows)
		}
	}
	return 0
}

// label names the certificates in a table of their own.
func (k *certificatesValue) label() string {
	if k.path != "" {
		return base(k.path)
	}
	return cmp.Or(smoothing.Describe(k.Smoothing), "unknown noise")
}

func (*certificatesValue) Kind() *language.Kind { return certificatesKind() }
func (*certificatesValue) Type() string         { return "certificates" }
func (k *certificatesValue) Attr(name string) (starlark.Value, error) {
	return certificatesKind().Get(k, name)
}
func (*certificatesValue) AttrNames() []string { return certificatesKind().Names() }
func (*certificatesValue) SetField(name string, _ starlark.Value) error {
	return certificatesKind().Refuse(name)
}
func (k *certificatesValue) String() string             { return plainText(k.Report()) }
func (k *certificatesValue) Len() int                   { return len(k.Rows) }
func (k *certificatesValue) Index(i int) starlark.Value { return figures(k.row(i)) }
func (k *certificatesValue) Iterate() starlark.Iterator { return &rowIterator{of: k} }

func (k *certificatesValue) Report() report.Report {
	return report.NewCertificates(k.Certificates, k.path, k.pick)
}

func (k *certificatesValue) row(i int) report.Certificate {
	row := k.Rows[i]
	c := report.Certificate{Dataset: k.Dataset, Split: k.Split, Plan: k.Plan, Row: report.NewRow(row)}
	if k.Smoothing != nil {
		c.Sigma, c.Noise = sigmaOrOther(k.Smoothing)
		c.Norm = k.Smoothing.Norm()
	}
	if row.Label < len(k.classes) {
		c.Class = k.classes[row.Label]
	}
	return c
}

// Slice keeps rows; of an unfinished certification, of those there are.
func (k *certificatesValue) Slice(start, end, step int) starlark.Value {
	part := *k
	c := *k.Certificates
	c.Rows = nil
	for i := start; step > 0 && i < end || step < 0 && i > end; i += step {
		c.Rows = append(c.Rows, k.Rows[i])
	}
	if !k.Unfinished() {
		c.Planned = len(c.Rows)
	}
	if len(c.Rows) < len(k.Rows) {
		c.Shard, c.ImageData = certify.Shard{}, "" // some of its images, as was asked for
	}
	part.Certificates, part.pick = &c, ""
	return &part
}

type rowIterator struct {
	of *certificatesValue
	at int
}

func (it *rowIterator) Next(p *starlark.Value) bool {
	if it.at >= len(it.of.Rows) {
		return false
	}
	*p = figures(it.of.row(it.at))
	it.at++
	return true
}

func (*rowIterator) Done() {}

// base is the name of a file without its folder and endings.
func base(path string) string {
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		path = path[i+1:]
	}
	for _, end := range []string{".gz", ".tsv", ".txt", suffix} {
		path = strings.TrimSuffix(path, end)
	}
	return path
}
