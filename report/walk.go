package report

// Walk is one training step taken by hand, as far as it has got.
type Walk struct {
	Dataset    string      `json:"dataset"`
	Split      string      `json:"split"`
	Classifier string      `json:"classifier"` // architecture of the classifier
	Method     string      `json:"method"`     // as a call
	Seed       uint64      `json:"seed"`
	Epoch      int         `json:"epoch"` // epoch whose warm-up is used; -1 for full strength
	Done       []string    `json:"done"`  // verbs so far: "noise", "loss", "search 4", "mix"
	Images     []WalkImage `json:"images"`
}

// WalkImage identifies an image of a walk.
type WalkImage struct {
	Index int    `json:"index" help:"index in the original split"`
	Label int    `json:"label" help:"the true class"`
	Class string `json:"class_name" help:"name of the label"`
}

// WalkNoise is the noise drawn for the step.
type WalkNoise struct {
	Sigma      float64     `json:"sigma"`      // standard deviation of Gaussian noise, in pixel units of [0,1]; 0 for other noise
	Noise      string      `json:"noise"`      // noise that is not Gaussian, such as "laplace scale 0.5"
	Draws      int         `json:"draws"`      // m, noise samples per image
	Dimensions int         `json:"dimensions"` // values per image: 784
	Norm       float64     `json:"norm"`       // mean L2 norm of a noise sample
	Clipped    float64     `json:"clipped"`    // share of the values of x+d outside [0,1], shown as 0 or 1 in pictures
	Images     []WalkImage `json:"images"`
	Pictures   [][]Image   `json:"pictures"` // rows for at most the first eight images: x, x+d1 … x+dm
}

// WalkLoss is the smoothed loss at the images.
type WalkLoss struct {
	Images   []LossImage `json:"images"`
	Pictures [][]Image   `json:"pictures"` // rows for at most the first eight images: x, size of the gradient; may be empty
}

// LossImage is the smoothed loss of one image.
type LossImage struct {
	WalkImage
	Predicted   int     `json:"predicted"`   // class with the largest smoothed probability
	Probability float64 `json:"probability"` // p̄(label): mean softmax at the label over the noise samples
	Loss        float64 `json:"loss"`        // −log p̄(label)
	Gradient    float64 `json:"gradient"`    // L2 norm of the loss's gradient in the image
}

// WalkSearch is the result of steps of the adversarial search.
type WalkSearch struct {
	First    int          `json:"first"` // first step in the table: 0 is the image itself
	Alpha    float64      `json:"alpha"` // length of the last step, L2, in pixel units
	Images   []SearchPath `json:"images"`
	Pictures [][]Image    `json:"pictures"` // rows for at most the first eight images: the path from step First on
}

// SearchPath is the search of one image.
type SearchPath struct {
	WalkImage
	Path []SearchPoint `json:"path" help:"by step, from 0: the image itself"`
}

// SearchPoint is a point z of the search.
type SearchPoint struct {
	Probability float64 `json:"probability" help:"p̄(label): mean softmax at the label over the noise samples"`
	Loss        float64 `json:"loss" help:"−log p̄(label)"`
	Distance    float64 `json:"distance" help:"|z−x|, L2"`
}

func (SearchPath) Type() string { return "smoothlab.search_path/1" }

// WalkPath is the search path of each image.
type WalkPath struct {
	Images []SearchPath `json:"images" help:"search path of each image"`
}

// WalkMix is the mixture of near and far points.
type WalkMix struct {
	Near     string     `json:"near"` // name of the near end; empty for "x"
	Images   []MixImage `json:"images"`
	Pictures [][]Image  `json:"pictures"` // rows for at most the first eight images: near end, z, v
}

// MixImage is the mixture of one image.
type MixImage struct {
	WalkImage
	Lambda    float64 `json:"lam"`       // v = near + lambda·(z − near)
	Target    float64 `json:"target"`    // probability of the label in the target at v
	Predicted int     `json:"predicted"` // class with the largest smoothed probability
	Counted   bool    `json:"counted"`   // whether it counts in the mixture's loss: p̄ picks the label
}

// WalkUpdate is the training step.
type WalkUpdate struct {
	LR     float64       `json:"lr"`
	Terms  []WalkTerm    `json:"terms"`
	Total  float64       `json:"total"`  // sum of the weighted terms
	Change float64       `json:"change"` // |Δw|/|w|, L2 over all parameters
	Images []UpdateImage `json:"images"`
}

// WalkTerm is a term of the loss with its weight: Weight·Warm·Value.
type WalkTerm struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`  // mean over the images
	Weight float64 `json:"weight"` // 1 for none
	Ramped bool    `json:"ramped"` // the weight has a warm-up
	Warm   float64 `json:"warm"`   // 1 at full strength; unused unless Ramped
}

// UpdateImage is the effect of the step on one image, under the same noise.
type UpdateImage struct {
	WalkImage
	Before float64 `json:"before"` // p̄(label)
	After  float64 `json:"after"`
}

func (Walk) Type() string       { return "smoothlab.walk/1" }
func (WalkNoise) Type() string  { return "smoothlab.walk_noise/1" }
func (WalkLoss) Type() string   { return "smoothlab.walk_loss/1" }
func (WalkSearch) Type() string { return "smoothlab.walk_search/1" }
func (WalkPath) Type() string   { return "smoothlab.walk_path/1" }
func (WalkMix) Type() string    { return "smoothlab.walk_mix/1" }
func (WalkUpdate) Type() string { return "smoothlab.walk_update/1" }
