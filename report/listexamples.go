package report

import (
	"math"

	"smoothlab/certify"
	"smoothlab/smoothing"
)

func exampleCalibration() Calibration {
	bins := []CalibrationBin{{0, 0.5, 10, 0.4, 0.5}, {0.5, 0.75, 0, math.NaN(), math.NaN()}, {0.75, 1, 90, 0.95, 0.9}}
	s := CalibrationScores{
		Accuracy:    0.86,
		Confidence:  0.895,
		Brier:       0.21,
		BrierTop:    0.11,
		NLL:         0.4,
		ECE:         0.055,
		Simulated:   0.031,
		Simulated95: 0.062,
		Bins:        bins,
	}
	t := s
	t.ECE, t.NLL = 0.08, 0.38
	return Calibration{
		Dataset:    "mnist",
		Split:      "test",
		Images:     100,
		Classifier: "lenet",
		Sigma:      0.5,
		Votes:      1000,
		Softmax:    s,
		Share:      t,
		Followed:   2,
		Step:       0.5,
		Draws:      32,
		Path: []PathConfidence{
			{0, 0.98, 0.01, 0.99, 0.01},
			{0.5, 0.61, 0.3, 0.7, 0.28},
		},
		Seconds: 12,
		File:    "reliability.svg",
	}
}

func exampleEvaluation() Evaluation {
	of := func(x float64) *float64 { return &x }
	return Evaluation{
		Dataset:    "mnist",
		Split:      "test",
		Images:     100,
		Classifier: "lenet",
		Accuracy:   0.99,
		Loss:       0.031,
		Sigma:      0.5,
		N:          100,
		Alpha:      0.001,
		Noisy:      of(0.952),
		Smoothed:   of(0.97),
		Abstained:  of(0.02),
		Classes: []ClassEvaluation{
			{Label: 0, Class: "cat", Images: 60, Accuracy: 1, Noisy: of(0.98), Smoothed: of(1), Abstained: of(0), Mistaken: -1},
			{Label: 1, Class: "dog", Images: 40, Accuracy: 0.975, Noisy: of(0.91), Smoothed: of(0.925), Abstained: of(0.05)},
			{Label: 2, Class: "owl", Accuracy: math.NaN(), Noisy: of(math.NaN()), Smoothed: of(math.NaN()),
				Abstained: of(math.NaN()), Mistaken: -1},
		},
		Confusion:         [][]int{{60, 0, 0}, {1, 39, 0}, {0, 0, 0}},
		SmoothedConfusion: [][]int{{60, 0, 0}, {1, 37, 0}, {0, 0, 0}},
		Seconds:           3,
	}
}

func examplePoint() Point {
	p, loss := 0.302, 1.2
	return Point{
		Dataset:     "mnist",
		Split:       "test",
		Index:       700,
		Label:       1,
		Class:       "1",
		Step:        1,
		Probability: &p,
		Loss:        &loss,
		Distance:    0.94,
		Pixels:      []float64{0, 0.5, 1},
		Pictures:    examplePictures(3)[0],
		Enlarged:    2.5,
	}
}

func exampleRow() Row {
	return Row{
		Index:     300,
		Label:     4,
		Predicted: 4,
		Radius:    1.3096,
		Correct:   true,
		Seconds:   0.47,
		Votes:     9987,
		Used:      10_000,
		PLower:    0.9957,
	}
}

func exampleImages() []WalkImage {
	return []WalkImage{{Index: 0, Label: 7, Class: "7"}, {Index: 700, Label: 1, Class: "1"}}
}

func exampleDataset() Dataset {
	return Dataset{
		Line:     "mnist test: 100 of 10,000 images (every 100th), 28×28×1 in [0,1], 10 classes",
		Name:     "mnist",
		Split:    "test",
		Images:   100,
		Total:    10_000,
		Pick:     "every 100th",
		Height:   28,
		Width:    28,
		Channels: 1,
		Classes:  []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		Samples: []Sample{
			{Index: 0, Label: 7, Class: "7", Image: examplePicture(0)},
			{Index: 100, Label: 6, Class: "6", Image: examplePicture(1)},
		},
	}
}

// examplePicture returns a small gradient.
func examplePicture(shift int) Image {
	i := Image{Height: 4, Width: 4, Channels: 1, Pixels: make([]byte, 16)}
	for at := range i.Pixels {
		i.Pixels[at] = byte((at + shift) * 16 % 256)
	}
	return i
}

// examplePictures returns one row for each of the example's images.
func examplePictures(n int) [][]Image {
	rows := make([][]Image, len(exampleImages()))
	for row := range rows {
		for at := range n {
			rows[row] = append(rows[row], examplePicture(n*row+at))
		}
	}
	return rows
}

func exampleHistory() []Epoch {
	return []Epoch{
		{
			Epoch:         0,
			LR:            0.01,
			Warm:          0.1,
			Loss:          0.9,
			Terms:         []Term{{"cross-entropy", 0.8}},
			NoisyAccuracy: 0.73,
			NoisyLoss:     0.84,
		},
		{
			Epoch:         1,
			LR:            0.01,
			Warm:          0.2,
			Loss:          0.5,
			Terms:         []Term{{"cross-entropy", 0.41}},
			NoisyAccuracy: 0.882,
			NoisyLoss:     0.4,
		},
	}
}

func exampleSearch() []SearchPath {
	return []SearchPath{
		{exampleImages()[0], []SearchPoint{{0.98, 0.02, 0}, {0.92, 0.08, 0.98}, {0.7, 0.36, 1.9}}},
		{exampleImages()[1], []SearchPoint{{0.704, 0.35, 0}, {0.302, 1.2, 0.94}, {0.088, 2.43, 1.74}}}}
}

func exampleCertificates() Certificates {
	c := &certify.Certificates{
		Planned: 3,
		Settings: certify.Settings{Plan: certify.Fixed(100, 10_000, 0.001), Source: certify.Source{
			Smoothing: smoothing.Gaussian{
				Sigma: 0.5,
			},
			Classes:    10,
			Seed:       1,
			Dataset:    "mnist",
			Split:      "test",
			Checkpoint: "8f3a",
			Chunks:     []int{1000, 100},
			Provenance: map[string]string{"backend": "xla:cpu", "device": "cpu", "machine": "amd64", "plugin": "0.81"},
		}},
		Rows: []certify.Row{
			{
				Index:     0,
				Label:     7,
				Predicted: 7,
				Radius:    1.599,
				Correct:   true,
				Votes:     10_000,
				Used:      10_000,
				PLower:    0.9993,
			},
			{Index: 100, Label: 6, Predicted: certify.Abstain, Votes: 5012, Used: 10_000, PLower: 0.4857},
			{
				Index:     200,
				Label:     3,
				Predicted: 3,
				Radius:    0.61,
				Correct:   true,
				Votes:     9000,
				Used:      10_000,
				PLower:    0.8903,
			},
		},
	}
	return NewCertificates(c, "runs/smix-10k.tsv", "every 100th")
}
