package evaluation

import (
	"context"
	"errors"
	"math"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/smoothing"
)

// Noise sets how a smoothed classifier is judged. Its zero value means without noise.
type Noise struct {
	Smoothing smoothing.Smoothing // nil means no noise
	N         int                 // votes per image
	Alpha     float64             // probability that a prediction is not the smoothed classifier's class
	Seed      uint64              // seed of the noise
}

// Check returns an error if a value is out of range, or if every image would be an abstention.
func (n Noise) Check() error {
	if n.Smoothing == nil {
		return nil
	}
	return errors.Join(smoothing.CheckUnits(n.Smoothing), certify.CheckPrediction(n.N, n.Alpha))
}

// Evaluation is the result of [Evaluate].
type Evaluation struct {
	Clean     Scores // of the base classifier at the images
	Loss      float64
	Noisy     *Scores // of the base classifier at N noisy copies of each image; nil without noise
	Smoothed  *Scores // of the smoothed classifier; nil without noise
	Predicted []int   // class by image without noise
	Counts    [][]int // votes by image and class; nil without noise
}

// Scores counts how the images, or their noisy copies, were classified.
type Scores struct {
	Confusion [][]int // by label and predicted class
	Abstained []int   // by label; 0 except for the smoothed classifier
}

func newScores(classes int) Scores {
	s := Scores{Confusion: make([][]int, classes), Abstained: make([]int, classes)}
	for label := range s.Confusion {
		s.Confusion[label] = make([]int, classes)
	}
	return s
}

func (s Scores) add(label, class, n int) {
	if class == certify.Abstain {
		s.Abstained[label] += n
		return
	}
	s.Confusion[label][class] += n
}

// Of returns how many images, or copies, have a label.
func (s Scores) Of(label int) int {
	n := s.Abstained[label]
	for _, x := range s.Confusion[label] {
		n += x
	}
	return n
}

// Recall returns the share of a label's images that are classified as the label; NaN if the label has none.
func (s Scores) Recall(label int) float64 {
	return float64(s.Confusion[label][label]) / float64(s.Of(label))
}

// Accuracy returns the share of all images that are classified as their label. Abstentions are not.
func (s Scores) Accuracy() float64 {
	right, all := 0, 0
	for label, row := range s.Confusion {
		right += row[label]
		all += s.Of(label)
	}
	return float64(right) / float64(all)
}

// Abstentions returns the share of all images without a prediction.
func (s Scores) Abstentions() float64 {
	none, all := 0, 0
	for label, n := range s.Abstained {
		none += n
		all += s.Of(label)
	}
	return float64(none) / float64(all)
}

// Mistaken returns the wrong class that a label's images are given most often; −1 if none is.
func (s Scores) Mistaken(label int) int {
	most := -1
	for class, n := range s.Confusion[label] {
		if class != label && n > 0 && (most < 0 || n > s.Confusion[label][most]) {
			most = class
		}
	}
	return most
}

// Evaluate classifies each image without noise and, if there is a noise, N noisy copies of it. The votes of the copies
// judge the base classifier under noise, and the smoothed classifier by PREDICT. The loss is the mean cross-entropy of
// the base classifier without noise, in nats.
func Evaluate(ctx context.Context, j Job, n Noise) (*Evaluation, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	logits, err := Logits(ctx, j)
	if err != nil {
		return nil, err
	}
	classes := j.Classifier.Arch.Classes
	e := &Evaluation{Clean: newScores(classes)}
	for i, row := range logits {
		label, class := int(j.Data.Labels[i]), Largest(row)
		e.Clean.add(label, class, 1)
		e.Predicted = append(e.Predicted, class)
		e.Loss += crossEntropy(row, label) / float64(len(logits))
	}
	if n.Smoothing == nil {
		return e, nil
	}
	if err := j.vote(ctx, n, e); err != nil {
		return nil, err
	}
	return e, nil
}

// Largest returns the class of the first largest logit or probability.
func Largest[T float32 | float64](values []T) int {
	class := 0
	for k, x := range values {
		if x > values[class] {
			class = k
		}
	}
	return class
}

// crossEntropy returns −log softmax(logits)[label].
func crossEntropy(logits []float32, label int) float64 {
	largest := float64(logits[Largest(logits)])
	sum := 0.0
	for _, x := range logits {
		sum += math.Exp(float64(x) - largest)
	}
	return math.Log(sum) + largest - float64(logits[label])
}

// vote draws the votes of all images and adds them to e.
func (j Job) vote(ctx context.Context, n Noise, e *Evaluation) (err error) {
	v, err := votes.New(j.Engine, j.Classifier, j.Data, n.Smoothing, n.Seed, min(votes.DefaultChunk, n.N))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	at := v
	if j.Points != nil {
		if at, err = v.At(j.Points); err != nil {
			return err
		}
	}
	noisy, smoothed := newScores(len(e.Clean.Abstained)), newScores(len(e.Clean.Abstained))
	images := v.Images()
	step := max(1, 4*votes.DefaultChunk/n.N) // a few calls between two reports of progress
	for from := 0; from < len(images); from += step {
		j.progress(Voting, from, len(images))
		part := images[from:min(from+step, len(images))]
		predicted, counts, err := certify.PredictAll(ctx, at, part, n.N, n.Alpha)
		if err != nil {
			return err
		}
		for i, img := range part {
			smoothed.add(img.Label, predicted[i], 1)
			for class, x := range counts[i] {
				noisy.add(img.Label, class, x)
			}
		}
		e.Counts = append(e.Counts, counts...)
	}
	j.progress(Voting, len(images), len(images))
	e.Noisy, e.Smoothed = &noisy, &smoothed
	return nil
}
