package report

import (
	"time"

	"smoothlab/certify"
	"smoothlab/smoothing"
)

// Certificates are the certified radii of images, with the settings they were made with. Settings that a log does not
// record are zero. Package certify computes everything derived from them.
type Certificates struct {
	certify.Settings
	Noise           smoothing.Record `json:"smoothing"`        // Settings.Smoothing
	Sigma           float64          `json:"sigma"`            // standard deviation of Gaussian noise, in pixel units of [0,1]; 0 if unknown
	Recorded        bool             `json:"pixels_recorded"`  // whether the log records which pixels were certified
	Path            string           `json:"path"`             // path of the log; may be empty
	Pick            string           `json:"pick"`             // which images: "every 100th"; empty for all, or where no short form exists
	Planned         int              `json:"planned"`          // number of images to certify
	Printed         bool             `json:"printed"`          // whether radii have only the three digits of published logs
	ReexpressedFrom int              `json:"reexpressed_from"` // votes drawn if Plan.N is a different number; else 0
	Ceiling         float64          `json:"ceiling"`          // largest radius that the plan can prove; 0 if unknown
	Shard           string           `json:"shard"`            // "1/4" for a shard; empty for all images
	Rows            []Row            `json:"rows"`             // in the order of their indices
}

// Row is the certificate of one image.
type Row struct {
	Index     int     `json:"index" help:"index in the original split"`
	Label     int     `json:"label" help:"the true class"`
	Predicted int     `json:"predicted" help:"the certified class, -1 for an abstention"`
	Radius    float64 `json:"radius" help:"certified radius in the norm of the noise, in pixel units of [0,1]"`
	Correct   bool    `json:"correct" help:"whether the predicted class is the label"`
	Seconds   float64 `json:"seconds" help:"how long it took"`
	Votes     int     `json:"votes" help:"votes for the certified class; 0 if unknown"`
	Used      int     `json:"used" help:"votes drawn for the bound; 0 if unknown"`
	PLower    float64 `json:"p_lower" help:"lower bound of the class's probability; 0 if unknown"`
	Rungs     string  `json:"rungs" help:"for a plan over a grid: votes for the certified class on each rung, separated by commas"`
	Ended     string  `json:"ended" help:"for a plan over a grid: why voting ended: \"proved\", \"hopeless\", \"votes\" or \"label\""`
}

// NewCertificates returns the report of c. path is the path of its log, pick describes the choice of images ("every
// 100th", or empty).
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

// NewRow returns the report of one row.
func NewRow(row certify.Row) Row {
	return Row{Index: row.Index, Label: row.Label, Predicted: row.Predicted, Radius: row.Radius, Correct: row.Correct,
		Seconds: row.Time.Seconds(), Votes: row.Votes, Used: row.Used, PLower: row.PLower,
		Rungs: row.Rungs, Ended: string(row.Ended)}
}

// Certify converts the report to the certificates of package certify.
func (c Certificates) Certify() *certify.Certificates {
	r := &certify.Certificates{
		Settings:        c.Settings,
		Planned:         c.Planned,
		Printed:         c.Printed,
		ReexpressedFrom: c.ReexpressedFrom,
	}
	r.Smoothing = c.Noise.Smoothing // JSON has it only there
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

// ACR calls [certify.Certificates.ACR].
func (c Certificates) ACR() float64 { return c.Certify().ACR() }

// ACRError calls [certify.Certificates.ACRError].
func (c Certificates) ACRError() float64 { return c.Certify().ACRError() }

// Accuracy calls [certify.Certificates.Accuracy].
func (c Certificates) Accuracy(r float64) float64 { return c.Certify().Accuracy(r) }

func (Certificates) Type() string { return "smoothlab.certificates/1" }

// Certificate is one row with its data set, sigma and plan.
type Certificate struct {
	Dataset string       `json:"dataset" help:"name of the data set"`
	Split   string       `json:"split" help:"\"train\", \"test\" or \"all\""`
	Class   string       `json:"class_name" help:"name of the label"`
	Sigma   float64      `json:"sigma" help:"standard deviation of Gaussian noise, in pixel units of [0,1]; 0 for other noise"`
	Noise   string       `json:"noise" help:"noise that is not Gaussian, such as \"laplace scale 0.5\""`
	Norm    string       `json:"norm" help:"norm of the radius, such as \"L2\""`
	Plan    certify.Plan `json:"plan" help:"how many votes were drawn, and when they stopped"`
	Row
}

func (Certificate) Type() string { return "smoothlab.certificate/1" }

// Prediction is the smoothed classifier's prediction for an image.
type Prediction struct {
	Dataset   string  `json:"dataset" help:"name of the data set"`
	Split     string  `json:"split" help:"\"train\", \"test\" or \"all\""`
	Index     int     `json:"index" help:"index in the original split"`
	Label     int     `json:"label" help:"the true class"`
	Class     string  `json:"class_name" help:"name of the label"`
	Predicted int     `json:"predicted" help:"predicted class, -1 for an abstention"`
	Counts    []int   `json:"counts" help:"votes by class"`
	Alpha     float64 `json:"alpha" help:"probability of naming a class other than the smoothed classifier's"`
	Sigma     float64 `json:"sigma" help:"standard deviation of Gaussian noise, in pixel units of [0,1]; 0 for other noise"`
	Noise     string  `json:"noise" help:"noise that is not Gaussian, such as \"laplace scale 0.5\""`
	Seconds   float64 `json:"seconds" help:"how long it took"`
}

func (Prediction) Type() string { return "smoothlab.prediction/1" }
