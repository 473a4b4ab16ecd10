package session

import (
	"errors"
	"fmt"
	"time"

	"smoothlab/certify"
	"smoothlab/certify/softlabel"
	"smoothlab/certify/votes"
	"smoothlab/columns"
	"smoothlab/dataset"
	"smoothlab/internal/atomicfile"
	"smoothlab/internal/humanize"
	"smoothlab/language"
	"smoothlab/method"
	"smoothlab/report"
	"smoothlab/smoothing"
	"smoothlab/train"

	"go.starlark.net/starlark"
)

// softLabelArgs are the arguments of soft_labels().
type softLabelArgs struct {
	Classifier *classifierValue `arg:"c,required" help:"the classifier that votes, usually trained by gaussian(sigma=0.25)"`
	Data       *datasetValue    `arg:"data,required" help:"training images"`
	Sigma      float64          `arg:"sigma" help:"standard deviation of the Gaussian noise of the votes, in pixel units of [0,1]"`
	N          int              `arg:"n" help:"votes per image, at most 10,000; the standard error of an entry is at most 0.5/√n"`
	Seed       uint64           `arg:"seed" help:"seed for the noise"`
	Out        string           `arg:"out" complete:"file" default:"None" help:"file for the votes, which makes the line repeatable; None for a file in the user's data directory"`
	Shard      string           `arg:"shard" default:"None" help:"\"1/4\" votes only on the first of four parts of the images; merge([…]) joins the four files"`
}

func softLabelDefaults() softLabelArgs { return softLabelArgs{Sigma: 0.25, N: 1000} }

// softLabelsValue holds soft labels as a value of the language.
type softLabelsValue struct {
	language.Object[*softLabelsValue]
	*softlabel.Labels
	path string
}

// softLabels implements soft_labels().
func (s *Session) softLabels(c *language.Call, a *softLabelArgs) (starlark.Value, error) {
	if a.N < 1 || a.N > softlabel.MaxVotes {
		return nil, fmt.Errorf("soft_labels: n must be at least 1 and at most %d votes per image, got %d",
			softlabel.MaxVotes, a.N)
	}
	part, err := certify.ParseShard(a.Shard)
	if err != nil {
		return nil, err
	}
	noise := smoothing.Gaussian{Sigma: a.Sigma}
	v, err := a.Classifier.voter(s, c, a.Data,
		sampling{under: noise, seed: a.Seed, chunk: softlabel.Chunk(votes.DefaultChunk, a.N)})
	if err != nil {
		return nil, err
	}
	defer v.close(c.Ctx)
	v.warn(c, "votes", noise)
	path := expandTilde(a.Out)
	if path == "" {
		planned, err := softlabel.Plan(c.Ctx, v, v.Images(), a.N, part)
		if err != nil {
			return nil, err
		}
		if path, err = planned.DefaultPath(); err != nil {
			return nil, fmt.Errorf("%w; or name a file, as in out=\"soft.tsv\"", err)
		}
	}
	if err := s.waitForeground(c.Ctx); err != nil {
		return nil, err
	}
	l, err := softlabel.Make(c.Ctx, v, v.Images(), a.N, part, path, showVotes(c))
	if err != nil {
		return nil, err
	}
	return &softLabelsValue{Labels: l, path: path}, nil
}

// showVotes returns a function that shows the progress of soft labels.
func showVotes(c *language.Call) func(softlabel.Progress) {
	shown := time.Time{}
	return func(p softlabel.Progress) {
		end := p.Done == p.Total
		if !end && time.Since(shown) < 100*time.Millisecond {
			return
		}
		shown = time.Now()
		detail := ""
		if p.Rate > 0 {
			detail = humanize.Grouped(int(p.Rate)) + " votes/s"
		}
		c.Out.Progress(report.Progress{ID: "soft_labels", Part: "voting", Done: p.Done, Total: p.Total, Detail: detail,
			Left: int(p.Left.Seconds()), End: end})
	}
}

// Describe lists the attributes of soft labels.
func (*softLabelsValue) Describe() *language.Kind {
	share := func(name, help string, get func(l *softlabel.Labels) float64) language.Attribute {
		return language.Attr(name, help,
			func(v *softLabelsValue) starlark.Value { return starlark.Float(get(v.Labels)) })
	}
	return &language.Kind{
		Name: "soft_labels",
		Help: "Votes of a smoothed classifier on training images. s[7] has the share of votes for each class of the image at position 7; " +
			"train(…, soft_labels=s) trains on them.",
		Attributes: []language.Attribute{
			language.Attr("path", "the file", func(v *softLabelsValue) starlark.Value { return starlark.String(v.path) }),
			language.Attr("sigma", "standard deviation of the noise, in pixel units of [0,1]",
				func(v *softLabelsValue) starlark.Value { return starlark.Float(v.Sigma) }),
			language.Attr("n", "votes per image", func(v *softLabelsValue) starlark.Value { return starlark.MakeInt(v.Votes) }),
			language.Attr("seed", "seed of the noise",
				func(v *softLabelsValue) starlark.Value { return starlark.MakeUint64(v.Seed) }),
			language.Attr("checkpoint", "fingerprint of the classifier that voted",
				func(v *softLabelsValue) starlark.Value { return starlark.String(v.Checkpoint) }),
			share("agreement", "share of the images with most votes for the label", (*softlabel.Labels).Agreement),
			share("unanimous", "share of the images with all votes for one class", (*softlabel.Labels).Unanimous),
		},
		Methods: []*language.Function{saveMethod()},
	}
}

// columns returns index, label and votes by class of each image.
func (v *softLabelsValue) columns() (columns.Table, error) {
	var t columns.Table
	n := len(v.Rows)
	indices, labels, counts, classes := make([]int, n), make([]int, n), []int(nil), 0
	for i, r := range v.Rows {
		indices[i], labels[i], classes = r.Index, r.Label, len(r.Votes)
		counts = append(counts, r.Votes...)
	}
	t.Add("index", indices)
	t.Add("label", labels)
	t.Columns = append(t.Columns, columns.Column{Name: "votes", Values: counts, Shape: []int{classes}})
	return t, t.Check()
}

var _ starlark.Indexable = (*softLabelsValue)(nil)

func (v *softLabelsValue) Attr(name string) (starlark.Value, error) { return v.Lookup(v, name) }
func (v *softLabelsValue) Len() int                                 { return len(v.Rows) }
func (v *softLabelsValue) Index(i int) starlark.Value               { return list(v.Rows[i].Probabilities()) }
func (v *softLabelsValue) Report() report.Report                    { return report.Message{Text: v.String()} }

func (v *softLabelsValue) String() string {
	text := fmt.Sprintf("%v by classifier %.8s · %.1f%% with most votes for the label, %.1f%% with all votes for one class",
		v.Labels, v.Checkpoint, 100*v.Agreement(), 100*v.Unanimous())
	if v.path != "" {
		text += " → " + v.path
	}
	return text
}

// withSoftLabels returns the images with the soft labels that a call passes, which a method must need; and an error if
// it needs some and there are none.
func withSoftLabels(m method.Method, d *dataset.Dataset, v starlark.Value) (*dataset.Dataset, error) {
	labels, err := readSoftLabels(v)
	switch {
	case err != nil:
		return nil, err
	case labels == nil:
		return d, train.CheckTargets(m, d)
	case !m.Traits().Targets:
		return nil, fmt.Errorf("%s does not train on soft labels: leave soft_labels out, or train catrs(…)", m.Name())
	}
	return labels.On(d)
}

// readSoftLabels returns the soft labels of a value or of a file; nil for None.
func readSoftLabels(v starlark.Value) (*softlabel.Labels, error) {
	switch v := v.(type) {
	case nil, starlark.NoneType:
		return nil, nil
	case *softLabelsValue:
		return v.Labels, nil
	case starlark.String:
		return softlabel.Read(expandTilde(string(v)))
	}
	return nil, fmt.Errorf("soft_labels must be soft labels or the path of their file, got %s", v)
}

// softShards reads a list of soft labels or paths of their files; nil if it holds none, such as a list of certificates.
func softShards(v starlark.Value) ([]*softlabel.Labels, error) {
	items, ok := v.(starlark.Iterable)
	if !ok {
		return nil, nil
	}
	var all []*softlabel.Labels
	others := 0
	for item := range starlark.Elements(items) {
		if text, isText := item.(starlark.String); isText && !isSoftLabelFile(expandTilde(string(text))) {
			others++
			continue
		}
		if _, isCertificates := item.(*certificatesValue); isCertificates {
			others++
			continue
		}
		l, err := readSoftLabels(item)
		if err != nil || l == nil {
			return nil, nil // merge reports what the value is
		}
		all = append(all, l)
	}
	if all != nil && others > 0 {
		return nil, errors.New("merge: some of the shards are soft labels and others are not, or are missing")
	}
	return all, nil
}

// isSoftLabelFile reports whether a file begins like soft labels.
func isSoftLabelFile(path string) bool {
	f, err := atomicfile.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	begin := make([]byte, 64)
	n, _ := f.Read(begin)
	return softlabel.IsFile(begin[:n])
}

// mergeSoftLabels merges shards of soft labels.
func mergeSoftLabels(c *language.Call, shards []*softlabel.Labels, path string) (starlark.Value, error) {
	merged, err := softlabel.Merge(shards...)
	if err != nil {
		return nil, err
	}
	if err := prepareOutputPath(path); err != nil {
		return nil, err
	}
	line := fmt.Sprintf("merge: %d shards · %s images", len(shards), humanize.Grouped(len(merged.Rows)))
	if path != "" {
		if err := merged.Write(path); err != nil {
			return nil, err
		}
		line += " · → " + path
	}
	c.Out.Print(line + "\n")
	return &softLabelsValue{Labels: merged, path: path}, nil
}
