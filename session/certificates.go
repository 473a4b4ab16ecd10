package session

import (
	"cmp"
	"fmt"
	"strings"

	"smoothlab/certify"
	"smoothlab/language"
	"smoothlab/report"
	"smoothlab/smoothing"

	"go.starlark.net/starlark"
)

// certificatesValue is a certification log as a value of the language.
type certificatesValue struct {
	language.Object[*certificatesValue]
	*certify.Certificates
	path    string
	pick    string // which images: "every 100th"
	classes []string
	values  int    // number of values per image; 0 if unknown
	made    string // summary line of the certification that made it, until it is shown
}

var (
	_ starlark.Sliceable = (*certificatesValue)(nil)
	_ starlark.Sequence  = (*certificatesValue)(nil)
	_ reporter           = (*certificatesValue)(nil)
)

// radiusArgs are the arguments of accuracy().
type radiusArgs struct {
	R float64 `arg:"r" help:"radius in pixel units of [0,1]; at 0, correct and not abstained"`
}

// Describe lists the attributes and methods of certificates.
func (*certificatesValue) Describe() *language.Kind {
	attr := func(name, help string, get func(k *certificatesValue) starlark.Value) language.Attribute {
		return language.Attr(name, help, get)
	}
	return &language.Kind{
		Name: "certificates",
		Help: "Certified radii, one row per image, and the sampling plan. k[0] is the first row, k[::20] every 20th planned image, len(k) the number of rows.",
		Attributes: []language.Attribute{
			language.AttrErr(
				"acr",
				"average certified radius: 0 counts for wrong classes and abstentions",
				func(k *certificatesValue) (starlark.Value, error) {
					return starlark.Float(k.ACR()), k.checkACR()
				},
			),
			language.AttrErr(
				"acr_error",
				"standard error of the ACR over images",
				func(k *certificatesValue) (starlark.Value, error) {
					return starlark.Float(k.ACRError()), k.checkACR()
				},
			),
			attr(
				"abstained",
				"number of rows that abstain; None where a ladder leaves that open",
				func(k *certificatesValue) starlark.Value {
					if !k.Plan.DefinesAbstention() {
						return starlark.None
					}
					return starlark.MakeInt(k.Abstained())
				},
			),
			attr(
				"votes",
				"mean votes per image, including class selection; 0 if unknown",
				func(k *certificatesValue) starlark.Value {
					return starlark.Float(k.VotesEach())
				},
			),
			attr(
				"shard",
				`which shard of the images this is, "1/4"; empty for all images`,
				func(k *certificatesValue) starlark.Value {
					if k.Shard.Of == 0 {
						return starlark.String("")
					}
					return starlark.String(k.Shard.String())
				},
			),
			attr(
				"plan",
				"how many votes were drawn, and when they stopped",
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
				"votes for the bound, per image; 0 if unknown",
				func(k *certificatesValue) starlark.Value { return starlark.MakeInt(k.Plan.N) },
			),
			attr(
				"n0",
				"votes that select the class, per image; 0 if unknown",
				func(k *certificatesValue) starlark.Value { return starlark.MakeInt(k.Plan.N0) },
			),
			attr(
				"alpha",
				"failure probability per image; 0 if unknown",
				func(k *certificatesValue) starlark.Value { return starlark.Float(k.Plan.Alpha) },
			),
			attr(
				"slack",
				"probability subtracted from every lower bound, for noise on the pixel grid; 0 for noise in float32",
				func(k *certificatesValue) starlark.Value {
					return starlark.Float(k.Plan.Slack)
				},
			),
			attr(
				"seed",
				"seed for the noise",
				func(k *certificatesValue) starlark.Value { return starlark.MakeUint64(k.Seed) },
			),
			attr(
				"checkpoint",
				"SHA-256 of the classifier's weights; empty if unknown",
				func(k *certificatesValue) starlark.Value { return starlark.String(k.Checkpoint) },
			),
			attr(
				"image_data",
				"SHA-256 of the pixels and labels of all planned images; empty if the log does not record it",
				func(k *certificatesValue) starlark.Value {
					return starlark.String(k.ImageData)
				},
			),
			attr(
				"notes",
				"what was unusual about the images when they were read, such as rounded or nearly black pixels, and about the weights, as the log records it",
				func(k *certificatesValue) starlark.Value { return list(k.Notes) },
			),
			attr(
				"path",
				"path of the log; empty if there is none",
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
				"certified accuracy at a radius: the share of images with the right class and a certified radius of at least r",
				radiusArgs{},
				func(_ *language.Call, k *certificatesValue, a *radiusArgs) (starlark.Value, error) {
					if !(a.R >= 0) {
						return nil, fmt.Errorf("accuracy: r must be 0 or more, got %v", starlark.Float(a.R))
					}
					if !k.Plan.DefinesAccuracy(a.R) {
						return nil, fmt.Errorf(
							"accuracy: %v is not in the %s's grid, %v",
							starlark.Float(a.R),
							k.Plan.Kind(),
							list(k.Plan.Procedure().Grid()),
						)
					}
					return starlark.Float(k.Accuracy(a.R)), nil
				},
			),
			language.Method(
				"so_far",
				"the finished part of an unfinished certification or a shard, as if nothing more had been planned; comparisons then use the common images",
				struct{}{},
				func(_ *language.Call, k *certificatesValue, _ *struct{}) (starlark.Value, error) {
					part := *k
					part.Certificates = k.Partial()
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
				"certified accuracy at radii with its exact interval, the lower bound for these images from all certificates together, and the L∞ and L1 balls inside each L2 ball",
				accuraciesArgs{Level: 0.95, Delta: 0.001},
				func(_ *language.Call, k *certificatesValue, a *accuraciesArgs) (starlark.Value, error) {
					return k.accuracies(a)
				},
			),
			language.Method("table", "a table of certified accuracy at radii", tableArgs{},
				func(_ *language.Call, k *certificatesValue, a *tableArgs) (starlark.Value, error) {
					entry := named{k.label(), []*certificatesValue{k}}
					return makeTable([]named{entry}, certify.Table{Radii: a.Radii}, a.paperArgs)
				}),
			saveMethod(),
			language.Method(
				"plot",
				"plot certified accuracy against radius, or the distribution of p_A",
				plotDefaults(),
				func(_ *language.Call, k *certificatesValue, a *plotArgs) (starlark.Value, error) {
					return makePlot([]named{{k.label(), []*certificatesValue{k}}}, a)
				},
			),
		},
	}
}

// checkACR returns an error explaining why there is no ACR, or nil.
func (k *certificatesValue) checkACR() error {
	if !k.Plan.DefinesACR() {
		return fmt.Errorf(
			"a %s proves only the radii of its grid, so there is no ACR: certify with plan=fixed(…), or use .accuracy(r)",
			k.Plan.Kind(),
		)
	}
	return nil
}

// unsavedRows returns the number of rows drawn in this session that no file holds; 0 for any other value.
func unsavedRows(v starlark.Value) int {
	switch v := v.(type) {
	case *certification:
		select {
		case <-v.done:
			if v.result != nil {
				return unsavedRows(v.result)
			}
		default: // the job reports its own loss
		}
	case *certificatesValue:
		if v.path == "" {
			return len(v.Rows)
		}
	}
	return 0
}

// label returns the name of the certificates in their own table.
func (k *certificatesValue) label() string {
	if k.path != "" {
		return base(k.path)
	}
	return cmp.Or(smoothing.Describe(k.Smoothing), "unknown noise")
}

func (k *certificatesValue) Attr(name string) (starlark.Value, error) { return k.Lookup(k, name) }
func (k *certificatesValue) String() string                           { return plainText(k.Report()) }
func (k *certificatesValue) Len() int                                 { return len(k.Rows) }
func (k *certificatesValue) Index(i int) starlark.Value               { return newReportValue(k.row(i)) }
func (k *certificatesValue) Iterate() starlark.Iterator               { return &rowIterator{of: k} }

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

// Slice keeps some of the rows; an unfinished certification has only its finished ones.
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
		c.Shard, c.ImageData = certify.Shard{}, "" // the user chose these images
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
	*p = newReportValue(it.of.row(it.at))
	it.at++
	return true
}

func (*rowIterator) Done() {}

// base returns the name of a file without its directory and extensions.
func base(path string) string {
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		path = path[i+1:]
	}
	for _, end := range []string{".gz", ".tsv", ".txt", checkpointExt} {
		path = strings.TrimSuffix(path, end)
	}
	return path
}
