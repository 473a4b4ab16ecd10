package report

import (
	"smoothlab/certify"
)

// Types lists one example of every report type. A new type needs a line here.
func Types() []Report {
	return []Report{
		&Error{Name: Failed, Message: "sigma is 0 or more, got -1", Trace: []string{"in sweep, cell 3, line 2"}},
		&Value{Repr: "[1, 2.5]", Data: []any{1.0, 2.5}},
		Message{Text: "saved → mine.safetensors"},
		exampleDataset(),
		Picture{Dataset: "mnist", Split: "test", Index: 300, Label: 4, Class: "4", Image: examplePicture(0)},
		Classifier{
			Architecture: "lenet",
			Parameters:   431_080,
			Fingerprint:  "8f3a",
			Dataset:      "mnist",
			Method:       "gaussian(sigma=0.5)",
			Sigma:        0.5,
			Path:         "runs/gauss.safetensors",
			Height:       28,
			Width:        28,
			Channels:     1,
			Classes:      []string{"0", "1"},
		},
		Method{Name: "smoothmix", Call: "smoothmix(sigma=0.5, m=4)", Settings: []Setting{
			{Name: "sigma", Value: 0.5, Help: "standard deviation of the noise, in [0,1] pixel units"},
			{
				Name:     "m",
				Value:    4,
				Help:     "noise samples per image; each batch is split into m optimizer steps",
				Compiled: true,
			},
		}},
		Run{
			ID:         1,
			State:      RunFinished,
			Classifier: "lenet",
			Method:     "gaussian(sigma=0.5)",
			Path:       "runs/gauss.safetensors",
			Update:     470,
			Updates:    470,
			Epochs:     2,
			Batch:      256,
			LR:         0.01,
			History:    exampleHistory(),
			Points: []Point{
				{Update: 1, LR: 0.01, Terms: []Term{{Name: "cross-entropy", Value: 2.3}}},
				{Update: 235, LR: 0.01, Terms: []Term{{Name: "cross-entropy", Value: 0.8}}},
				{Update: 470, LR: 0.001, Terms: []Term{{Name: "cross-entropy", Value: 0.41}}},
			},
			Seconds: 18,
		},
		RunHistory{ID: 1, Method: "smoothmix(sigma=0.5, m=4)", Path: "runs/smix.safetensors", History: exampleHistory(),
			Changes: []string{"eta 5.0 → 2.0 from update 212 on"}},
		Walk{
			Dataset:    "mnist",
			Split:      "test",
			Classifier: "lenet",
			Method:     "smoothmix(sigma=0.5, m=4)",
			Seed:       3,
			Epoch:      -1,
			Done:       []string{"noise", "loss", "search 2"},
			Images:     exampleImages(),
		},
		WalkNoise{
			Sigma:      0.5,
			Draws:      2,
			Dimensions: 784,
			Norm:       14.02,
			Clipped:    0.4,
			Images:     exampleImages(),
			Pictures:   examplePictures(3),
		},
		WalkLoss{
			Images:   []LossImage{{exampleImages()[0], 7, 0.98, 0.02, 0.02}, {exampleImages()[1], 8, 0.27, 1.31, 1.9}},
			Pictures: examplePictures(2),
		},
		WalkSearch{Alpha: 1, Images: exampleSearch(), Pictures: examplePictures(3)},
		WalkPath{Images: exampleSearch()},
		WalkMix{
			Images:   []MixImage{{exampleImages()[0], 0.03, 0.96, 7, true}, {exampleImages()[1], 0.47, 0.55, 8, false}},
			Pictures: examplePictures(3),
		},
		WalkVotes{Draws: 4, Images: []VoteImage{
			{exampleImages()[0], []int{7, 7, 7, 7}, 1, 1, 7, 1},
			{exampleImages()[1], []int{8, 2, 3, 2}, 0.5, 0.5, 2, 0.83},
		}},
		WalkAttack{Images: exampleNoiseAttacks(), Pictures: examplePictures(2)},
		WalkSelect{Images: []SelectImage{
			{exampleImages()[0], []float64{0.01, 0.02, 0.11, 0.4}, 4, true, 0.135, 0.6},
			{exampleImages()[1], []float64{0.3, 0.8, 1.7, 2.2}, 2, false, 0.275, 2},
		}},
		WalkUpdate{
			LR: 0.01,
			Terms: []WalkTerm{
				{Name: "cross-entropy", Value: 0.61, Weight: 1},
				{Name: "KL", Value: 0.18, Weight: 5, Ramped: true, Warm: 1},
			},
			Total:  1.51,
			Change: 1.2e-3,
			Images: []UpdateImage{{exampleImages()[0], 0.98, 0.981}, {exampleImages()[1], 0.704, 0.719}},
		},
		exampleCertificates(),
		Certificate{
			Dataset: "mnist",
			Split:   "test",
			Class:   "4",
			Sigma:   0.5,
			Norm:    "L2",
			Plan:    certify.Plan{N0: 100, N: 10_000, Alpha: 0.001},
			Row:     exampleRow(),
		},
		Forecast{
			Forecast: certify.Forecast{Plan: certify.Plan{N0: 100, N: 100_000, Alpha: 0.001, Ladder: &certify.Ladder{
				Radii: []float64{0, 0.5},
				Rungs: []int{500, 101_000},
				Weights: []float64{
					0.2,
					0.8,
				},
				Hopeless: 0.01,
			}}, Sigma: 0.5, Images: 10_000, Votes: 1250, FixedVotes: 100_100, Radii: []certify.ForecastRadius{
				{
					Radius: 0,
					Log:    0.9911,
					Fixed:  0.991,
					Ladder: 0.9909,
				},
				{Radius: 0.5, Log: 0.9687, Fixed: 0.9686, Ladder: 0.9682},
			}},
			Saving: 80.08,
		},
		Prediction{
			Dataset:   "mnist",
			Split:     "test",
			Index:     300,
			Label:     4,
			Class:     "4",
			Predicted: 4,
			Counts:    []int{0, 0, 3, 0, 962, 0, 0, 0, 0, 35},
			Alpha:     0.001,
			Sigma:     0.5,
			Seconds:   0.1,
		},
		Attack{
			Dataset:    "mnist",
			Split:      "test",
			Classifier: "lenet",
			Sigma:      0.5,
			Steps:      20,
			Draws:      32,
			N:          1000,
			Alpha:      0.001,
			Eps:        []AttackEps{{0, 1, 0, 0}, {0.5, 1, 0, 0}, {1.5, 0, 0.5, 0.5}},
			Images: []AttackImage{
				{exampleImages()[0], []int{7, 7, -1}, 1.5},
				{exampleImages()[1], []int{1, 1, 8}, 1.5},
			},
			Pictures: examplePictures(3),
			Seconds:  9,
		},
		exampleCalibration(),
		exampleEvaluation(),
		examplePoint(),
		AttackedImage{
			Dataset:     "mnist",
			Split:       "test",
			Eps:         []float64{0, 0.5, 1.5},
			AttackImage: AttackImage{exampleImages()[1], []int{1, 1, -1}, 1.5},
			Pictures:    examplePictures(3)[0],
		},
		exampleSearch()[1],
		Logits{
			Dataset:    "mnist",
			Split:      "test",
			Classifier: "lenet",
			Classes:    []string{"0", "1", "2"},
			Images:     []ImageLogits{{0, 2, 2, []float64{-3.5, 0.25, 6.125}}, {700, 1, 0, []float64{1.5, 1.25, -2}}},
		},
		CertifyTable{
			Table: Table{
				Caption: "100 images · N 10,000 · sigma 0.5",
				Head:    []string{"", "ACR ± s.e.", "0", "0.5"},
				Rows: [][]string{
					{"Gaussian", "1.5569 ± 0.0041", "99.11", "96.87"},
					{"SmoothMix", "1.6927 ± 0.0040", "98.64", "97.00"},
				},
				Left: 1,
			},
			Path: "sweep.tex",
		},
		Comparison{
			certify.Comparison{
				Estimate: certify.Estimate{Difference: 0.0056, Error: 0.0008, Low: 0.004, High: 0.0073},
				Images:   10_000,
				Runs:     [2]int{1, 1},
				N:        100_000,
				Accuracies: []certify.AccuracyDifference{
					{
						Radius:     0,
						Estimate:   certify.Estimate{Difference: -0.0041, Error: 0.0007, Low: -0.0055, High: -0.0027},
						Discordant: &certify.Discordant{OnlyFirst: 5, OnlySecond: 46, P: 2e-9},
					},
					{
						Radius:     1,
						Estimate:   certify.Estimate{Difference: -0.0016, Error: 0.0014, Low: -0.0043, High: 0.0011},
						Discordant: &certify.Discordant{OnlyFirst: 84, OnlySecond: 100, P: 0.27},
					},
				},
			},
		},
		Figure{
			Path: "acr.svg",
			Curves: Curves{Title: "mnist test, sigma 0.5", X: "radius", Y: "certified accuracy", Series: []Series{
				{Name: "Gaussian", X: []float64{0, 0.5, 1, 1.75}, Y: []float64{0.99, 0.97, 0.9, 0}, Steps: true},
				{Name: "SmoothMix", X: []float64{0, 0.5, 1, 1.9}, Y: []float64{0.98, 0.97, 0.93, 0}, Steps: true}}},
		},
		Jobs{
			Jobs: []Job{
				{
					ID:      1,
					Kind:    "train",
					What:    "smoothmix(sigma=0.5)",
					State:   RunRunning,
					Done:    655,
					Total:   8442,
					Unit:    "updates",
					Detail:  "loss 1.51",
					Seconds: 120,
					Left:    1560,
					Path:    "runs/smix.safetensors",
				},
			},
		},
		Devices{
			Engine:   "xla:cpu, PJRT API 0.81",
			Plugin:   "/opt/pjrt_cpu.so",
			Devices:  []Device{{0, "cpu", "amd64 avx2+fma"}},
			Compiled: 7,
			Calls:    1200,
		},
		Help{
			Name:      "train",
			Signature: "train(classifier, data, method, epochs=90)",
			Text:      "Trains a classifier.\n\nout= makes it repeatable.",
			Arguments: []Argument{
				{"classifier", "", "classifier with the initial weights"},
				{"epochs", "90", "passes over the data"},
			},
			Attributes: []Entry{
				{"history", "one line per epoch"},
			},
			Examples: []string{`r = train(c, d, gaussian(sigma=0.5), epochs=2)`},
			Related:  []string{"walk"},
		},
		HelpIndex{
			Text:   "help(f) explains a function.",
			Groups: []HelpGroup{{Name: "data", Entries: []Entry{{"dataset", "images with labels"}}}},
		},
	}
}
