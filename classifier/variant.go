package classifier

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// MaxClasses bounds the outputs of a network: labels of data sets have 16 bits.
const MaxClasses = 1 << 16

// variant holds what [Architecture.WithClasses] and [Architecture.WithScaling] need to derive other networks.
type variant struct {
	resize  func(classes int) *Architecture // builds the network for another number of classes; nil if that is fixed
	classes int                             // of the network in the list
	scaling *Scaling                        // of the network in the list
	logits  func(w Weights, x *Node, pass Pass) *Node
	attack  func(w Weights, x, z *Node) *Node
}

// listed returns an entry of the list of networks, which build makes for any number of classes.
func listed(build func(classes int) *Architecture, classes int) *Architecture {
	a := build(classes)
	a.Base = a.Name
	a.variant = variant{resize: build, classes: classes, scaling: a.Scaling, logits: a.Logits, attack: a.Attack}
	return a.WithScaling(a.Scaling)
}

// WithClasses returns the network with another number of outputs. Only its last layer differs.
func (a *Architecture) WithClasses(n int) (*Architecture, error) {
	switch {
	case n == a.Classes:
		return a, nil
	case n < 2 || n > MaxClasses:
		return nil, fmt.Errorf("a network needs from 2 to %d classes, got %d", MaxClasses, n)
	case a.variant.resize == nil:
		return nil, fmt.Errorf("%s has %d outputs, which cannot be changed", a.Name, a.Classes)
	}
	b := a.variant.resize(n)
	b.Base, b.variant = a.Base, a.variant
	b.variant.logits, b.variant.attack = b.Logits, b.Attack
	return b.WithScaling(a.Scaling), nil
}

// WithScaling returns the network with another first layer; nil takes pixels as they are.
func (a *Architecture) WithScaling(s *Scaling) *Architecture {
	b := *a
	if b.variant.logits == nil { // a network that is not from the list, and has no Scaling yet
		b.Base = a.Name
		b.variant = variant{classes: a.Classes, logits: a.Logits, attack: a.Attack}
	}
	b.Scaling, b.Logits, b.Attack = s, b.variant.logits, b.variant.attack
	if s != nil {
		b.Logits = func(w Weights, x *Node, pass Pass) *Node { return b.variant.logits(w, s.apply(x), pass) }
		if b.variant.attack != nil {
			b.Attack = func(w Weights, x, z *Node) *Node { return b.variant.attack(w, s.apply(x), s.apply(z)) }
		}
	}
	b.rename()
	return &b
}

// rename derives Name from what differs from the network in the list.
func (a *Architecture) rename() {
	a.Name = a.Base
	if a.Classes != a.variant.classes {
		a.Name += fmt.Sprintf(", %d classes", a.Classes)
	}
	switch {
	case a.Scaling.equal(a.variant.scaling):
	case a.Scaling == nil:
		a.Name += ", pixels as they are"
	default:
		a.Name += ", " + a.Scaling.String()
	}
}

// isHead reports whether a parameter belongs to the last layer.
func (a *Architecture) isHead(p Param) bool { return slices.Contains(a.Head, p.Name) }
