package report

import (
	"time"

	"smoothlab/certify"
	"smoothlab/smoothing"
)

// Certificates are the certified radii of images, with what they were made from. Facts that a log does not tell are
// zero. Everything that is computed from them, package certify computes.
type Certificates struct {
	certify.Settings
	Noise           smoothing.Record `json:"smoothing"`        // Settings.Smoothing
	Sigma           float64          `json:"sigma"`            // standard deviation of Gaussian noise, in pixel units of [0,1]; 0 if unknown
	Recorded        bool             `json:"pixels_recorded"`  // the log records which pixels were certified
	Path            string           `json:"path"`             // of the log; may be empty
	Pick            string           `json:"pick"`             // which images: "every 100th"; empty for all, or where no short form exists
	Planned         int              `json:"planned"`          // images that were to be certified
	Printed         bool             `json:"printed"`          // radii have the three digits of published logs
	ReexpressedFrom int              `json:"reexpressed_from"` // votes that were drawn, where Plan.N is another number; else 0
	Ceiling         float64          `json:"ceiling"`          // largest radius that the plan can prove; 0 if unknown
	Shard           string           `json:"shard"`            // "1/4" of a shard; empty for all images
	Rows            []Row            `json:"rows"`             // in the order of their indices
}

// Row is what was found out about one image.
type Row struct {
	Index     int     `json:"index" help:"in the original split"`
	Label     int     `json:"label" help:"the true class"`
	Predicted int     `json:"predicted" help:"the certified class, -1 for an abstention"`
	Radius    float64 `json:"radius" help:"in the norm of the noise, in pixel units of [0,1]"`
	Correct   bool    `json:"correct" help:"whether predicted is the label"`
	Seconds   float64 `json:"seconds" help:"how long it took"`
	Votes     int     `json:"votes" help:"for the bounded class; 0 if unknown"`
	Used      int     `json:"used" help:"votes drawn for the bound; 0 if unknown"`
	PLower    float64 `json:"p_lower" help:"lower bound of the class's probability; 0 if unknown"`
	Rungs     string  `json:"rungs" help:"of a ladder: votes for the bounded class on each rung, with commas between"`
	Ended     string  `json:"ended" help:"of a ladder: why its votes ended, \"proved\", \"hopeless\", \"votes\" or \"label\""`
}

// NewCertificates reports c; path is that of its log, pick says which images it is about ("every 100th", or nothing).
func NewCertificates(c *certify.Certificates, path, pick string) Certificates {
	r := Certificates{
		Settings:        c.Settings,
		Noise:           smoothing.Record{Smoothing: c.Smoothing},
		Sigma:           c.Sigma(),
		Recorded:        c.PixelsRecorded(),
		Path:            path,
		Pick:            pick,
		Planned:         c.Planned,
		Printed:         c.Printed,
		ReexpressedFrom: c.ReexpressedFrom,
	}
	if c.Plan.N > 0 && c.Smoothing != nil {
		r.Ceiling = c.Plan.Ceiling(c.Smoothing)
	}
	if c.Shard.Of > 0 {
		r.Shard = c.Shard.String()
	}
	for _, row := range c.Rows {
		r.Rows = append(r.Rows, NewRow(row))
	}
	return r
}

// NewRow reports one row.
func NewRow(row certify.Row) Row {
	return Row{Index: row.Index, Label: row.Label, Predicted: row.Predicted, Radius: row.Radius, Correct: row.Correct,
		Seconds: row.Time.Seconds(), Votes: row.Votes, Used: row.Used, PLower: row.PLower,
		Rungs: row.Rungs, Ended: string(row.Ended)}
}

// Certify gives the certificates to package certify.
func (c Certificates) Certify() *certify.Certificates {
	r := &certify.Certificates{
		Settings:        c.Settings,
		Planned:         c.Planned,
		Printed:         c.Printed,
		ReexpressedFrom: c.ReexpressedFrom,
	}
	r.Smoothing = c.Noise.Smoothing // which JSON has there only
	if shard, err := certify.ParseShard(c.Shard); err == nil {
		r.Shard = shard
	}
	for _, row := range c.Rows {
		r.Rows = append(
			r.Rows,
			certify.Row{
				Index:     row.Index,
				Label:     row.Label,
				Predicted: row.Predicted,
				Radius:    row.Radius,
				Correct:   row.Correct,
				Time:      time.Duration(row.Seconds * float64(time.Second)),
				Votes:     row.Votes,
				Used:      row.Used,
				PLower:    row.PLower,
				Rungs:     row.Rungs,
				Ended:     certify.Ending(row.Ended),
			},
		)
	}
	return r
}

// ACR is [certify.Certificates.ACR].
func (c Certificates) ACR() float64 { return c.Certify().ACR() }

// ACRError is [certify.Certificates.ACRError].
func (c Certificates) ACRError() float64 { return c.Certify().ACRError() }

// Accuracy is [certify.Certificates.Accuracy].
func (c Certificates) Accuracy(r float64) float64 { return c.Certify().Accuracy(r) }

func (Certificates) Type() string { return "smoothlab.certificates/1" }

// Certificate is one row, with what it rests on.
type Certificate struct {
	Dataset string       `json:"dataset" help:"name of the data set"`
	Split   string       `json:"split" help:"\"train\", \"test\" or \"all\""`
	Class   string       `json:"class_name" help:"name of the label"`
	Sigma   float64      `json:"sigma" help:"standard deviation of Gaussian noise, in pixel units of [0,1]; 0 of other noise"`
	Noise   string       `json:"noise" help:"noise that is not Gaussian: \"laplace scale 0.5\""`
	Norm    string       `json:"norm" help:"norm of the radius, \"L2\""`
	Plan    certify.Plan `json:"plan" help:"how many votes were drawn, and when they ended"`
	Row
}

func (Certificate) Type() string { return "smoothlab.certificate/1" }

// Prediction is the class that the smoothed classifier gives an image.
type Prediction struct {
	Dataset   string  `json:"dataset" help:"name of the data set"`
	Split     string  `json:"split" help:"\"train\", \"test\" or \"all\""`
	Index     int     `json:"index" help:"in the original split"`
	Label     int     `json:"label" help:"the true class"`
	Class     string  `json:"class_name" help:"name of the label"`
	Predicted int     `json:"predicted" help:"-1 for an abstention"`
	Counts    []int   `json:"counts" help:"votes by class"`
	Alpha     float64 `json:"alpha" help:"probability that a class is named which is not the smoothed classifier's"`
	Sigma     float64 `json:"sigma" help:"standard deviation of Gaussian noise, in pixel units of [0,1]; 0 of other noise"`
	Noise     string  `json:"noise" help:"noise that is not Gaussian: \"laplace scale 0.5\""`
	Seconds   float64 `json:"seconds" help:"how long it took"`
}

func (Prediction) Type() string { return "smoothlab.prediction/1" }
