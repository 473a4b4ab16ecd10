package classifier

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Outline returns what is known of a classifier that another process computes: its name, the shape of its images, and
// its classes, whose names may be nil. It has no network: it can be checked against images ([Classifier.Fits]), but
// every graph with its logits fails.
func Outline(name string, input Shape, classes int, names []string) *Classifier {
	err := fmt.Errorf("%s is computed by another process, so its gradients and weights are not known here", name)
	return &Classifier{
		Arch: &Architecture{
			Name:        name,
			Base:        name,
			Help:        "a classifier of another process",
			Input:       input,
			Classes:     classes,
			Untrainable: err,
			Logits:      func(Weights, *Node, Pass) *Node { panic(err) },
		},
		Facts: Facts{Classes: names, Source: name},
	}
}

// Outline returns what votes need of a classifier whose logits another engine of this process computes: the network
// without weights and graph.
func (c *Classifier) Outline() *Classifier {
	o := Outline(c.Arch.Name, c.Arch.Input, c.Arch.Classes, nil)
	o.Facts = c.Facts
	return o
}
