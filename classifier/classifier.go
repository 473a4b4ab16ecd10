package classifier

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Classifier is an architecture with values: Params[i] holds the values of Arch.Params[i] in PyTorch's layout,
// row-major.
type Classifier struct {
	Arch   *Architecture
	Params [][]float32
	Facts  Facts
}

// Facts holds what users of a trained classifier need to know besides its weights.
type Facts struct {
	Dataset string      `json:"dataset,omitempty"`  // name of the data set that it was trained on
	Classes []string    `json:"classes,omitempty"`  // class names, by label
	Sigma   float64     `json:"sigma,omitempty"`    // standard deviation of the training noise, [0,1] pixel units; 0: not trained, or other noise
	Noise   string      `json:"noise,omitempty"`    // the training noise if it is not Gaussian: "laplace scale 0.5"
	Method  string      `json:"method,omitempty"`   // the training objective with its settings
	Weights string      `json:"weights,omitempty"`  // what the weights are if not those after the last step: "average with decay 0.999"
	Seed    uint64      `json:"seed"`               // of the initial weights
	Source  string      `json:"source,omitempty"`   // name of the file that another program saved the weights in; empty if none did
	Notes   []string    `json:"notes,omitempty"`    // what was decided when that file was imported
	Pixels  *Brightness `json:"pixels,omitempty"`   // of the images that it was trained on; nil if unknown
	NewHead bool        `json:"new_head,omitempty"` // whether the last layer was replaced after that
}

// New draws the initial parameters of an architecture from a seed, distributed as PyTorch's defaults.
func New(a *Architecture, seed uint64) *Classifier {
	return &Classifier{Arch: a, Params: a.initial(seed), Facts: Facts{Seed: seed}}
}

// Clone returns a copy that shares nothing that can change.
func (c *Classifier) Clone() *Classifier {
	d := *c
	d.Facts.Classes, d.Facts.Notes = slices.Clone(c.Facts.Classes), slices.Clone(c.Facts.Notes)
	if c.Facts.Pixels != nil {
		pixels := *c.Facts.Pixels
		d.Facts.Pixels = &pixels
	}
	d.Params = make([][]float32, len(c.Params))
	for i, v := range c.Params {
		d.Params[i] = slices.Clone(v)
	}
	return &d
}

// Fits returns an error saying why the classifier cannot judge images of a shape, whose labels mean classes in this
// order: the shape, the classes (a [ClassesError]), or its own weights (ErrBadWeights). The images may lack the last
// classes.
func (c *Classifier) Fits(shape Shape, classes []string) error {
	if c.Arch.Input != shape {
		return fmt.Errorf("%s takes images of %v, these are %v%s", c.Arch.Name, c.Arch.Input, shape, others(shape))
	}
	if err := checkNames(c.Arch.Name, c.Arch.Classes, c.Facts.Classes); err != nil {
		return err
	}
	if err := c.checkClasses(classes); err != nil {
		return err
	}
	return c.Check()
}

// FitsTraining is like Fits, for training images, which must have all classes.
func (c *Classifier) FitsTraining(shape Shape, classes []string) error {
	if c.Arch.Untrainable != nil {
		return fmt.Errorf("%s cannot be trained: %w", c.Arch.Name, c.Arch.Untrainable)
	}
	if len(classes) < c.Arch.Classes && c.Arch.Input == shape {
		return &ClassesError{
			Network: cmp.Or(c.Arch.Base, c.Arch.Name),
			Index:   -1,
			Outputs: c.Arch.Classes,
			Data:    len(classes),
		}
	}
	return c.Fits(shape, classes)
}

// others lists the networks that take images of a shape.
func others(shape Shape) string {
	var names []string
	for _, a := range Architectures() {
		if a.Input == shape {
			names = append(names, a.Name)
		}
	}
	if names == nil {
		return ""
	}
	return ", which " + strings.Join(names, " or ") + " would take"
}

// Fingerprint is the SHA-256 of the architecture's name and the parameters' bits: the identity of what is certified,
// whatever file it came from. The name determines the number of outputs and the first layer.
func (c *Classifier) Fingerprint() string {
	h := sha256.New()
	fmt.Fprintln(h, c.Arch.Name)
	var b [4]byte
	for _, v := range c.Params {
		for _, x := range v {
			binary.LittleEndian.PutUint32(b[:], math.Float32bits(x))
			h.Write(b[:])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
