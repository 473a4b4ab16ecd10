package classifier

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
)

// Ensemble holds the parts of an architecture of several networks. The architecture has the parameters of all members,
// with the member's number and a dot before their names.
type Ensemble struct {
	Members      []*Architecture
	Fingerprints []string // of the members, with the weights that they had when the ensemble was made
	// Consensus is K of K-consensus: where the first K members agree on a vote, the others are not computed. 0 computes
	// all members for every vote.
	Consensus int
}

// MaxMembers bounds the members of an ensemble.
const MaxMembers = 100

// NewEnsemble returns the classifier whose logits are the sums of the members' (Horváth et al., ICLR 2022, whose mean
// has the same classes). Its name holds the members' fingerprints. It can vote, and be attacked and walked. It cannot
// be trained, but its members can.
//
// A consensus K of 2 or more makes their K-consensus: where the first K members agree on a class, that is the vote;
// otherwise the class with the largest sum of all members' logits is. If K is the number of members, it votes like the
// ensemble. Attacks and walks use the sums.
//
// Members have one shape and number of classes, and, as far as they are known, one training noise and the same class
// names in one order.
func NewEnsemble(members []*Classifier, consensus int) (*Classifier, error) {
	if n := len(members); n < 2 || n > MaxMembers {
		return nil, fmt.Errorf("an ensemble has from 2 to %d members, got %d", MaxMembers, n)
	}
	if consensus != 0 && (consensus < 2 || consensus > len(members)) {
		return nil, fmt.Errorf("consensus must be from 2 to %d, the number of members, got %d", len(members), consensus)
	}
	e := &Ensemble{Consensus: consensus}
	facts := Facts{}
	var values [][]float32
	for i, m := range members {
		if err := e.admit(m); err != nil {
			return nil, fmt.Errorf("member %d: %w", i+1, err)
		}
		if err := facts.join(m.Facts, i == 0); err != nil {
			return nil, fmt.Errorf("member %d: %w", i+1, err)
		}
		values = append(values, m.Clone().Params...)
	}
	return &Classifier{Arch: e.architecture(), Params: values, Facts: facts}, nil
}

// admit adds a member, or returns why it does not fit the others.
func (e *Ensemble) admit(m *Classifier) error {
	if err := errors.Join(m.Check(), checkNames(m.Arch.Name, m.Arch.Classes, m.Facts.Classes)); err != nil {
		return err
	}
	mark := m.Fingerprint()
	switch same := slices.Index(e.Fingerprints, mark); {
	case m.Arch.Ensemble != nil:
		return errors.New("it is an ensemble itself: list its members instead")
	case same >= 0:
		return fmt.Errorf("it is member %d again, with the same weights", same+1)
	case len(e.Members) == 0:
	case m.Arch.Input != e.Members[0].Input:
		return fmt.Errorf("it takes images of %v, and the first of %v", m.Arch.Input, e.Members[0].Input)
	case m.Arch.Classes != e.Members[0].Classes:
		return fmt.Errorf("it has %d classes, and the first %d", m.Arch.Classes, e.Members[0].Classes)
	}
	e.Members, e.Fingerprints = append(e.Members, m.Arch), append(e.Fingerprints, mark)
	return nil
}

// join adds the facts of another member, or returns an error if they contradict those of earlier members.
func (f *Facts) join(of Facts, first bool) error {
	if f.Classes == nil {
		f.Classes = slices.Clone(of.Classes)
	} else if of.Classes != nil {
		for k, name := range of.Classes {
			if f.Classes[k] != name {
				return fmt.Errorf("its class %d is %q, and %q in an earlier member", k, name, f.Classes[k])
			}
		}
	}
	known, noisy := f.Sigma != 0 || f.Noise != "", of.Sigma != 0 || of.Noise != ""
	switch {
	case !noisy:
	case !known:
		f.Sigma, f.Noise = of.Sigma, of.Noise
	case f.Sigma != of.Sigma || f.Noise != of.Noise:
		return fmt.Errorf("it was trained at %s, and an earlier member at %s: all vote under one noise",
			trainedAt(of), trainedAt(*f))
	}
	if first {
		f.Dataset, f.Pixels = of.Dataset, of.Pixels
	} else if f.Pixels != nil && (of.Pixels == nil || *of.Pixels != *f.Pixels) {
		f.Pixels = nil
	}
	if f.Dataset != of.Dataset {
		f.Dataset = ""
	}
	return nil
}

// trainedAt describes the noise of a training.
func trainedAt(f Facts) string {
	if f.Noise != "" {
		return f.Noise
	}
	return fmt.Sprintf("sigma %g", f.Sigma)
}

// nameDigits is the number of digits of a member's fingerprint in an ensemble's name.
const nameDigits = 12

// architecture returns the network of the members.
func (e *Ensemble) architecture() *Architecture {
	a := &Architecture{
		Help:        "the sum of several networks' logits",
		Input:       e.Members[0].Input,
		Classes:     e.Members[0].Classes,
		Untrainable: errors.New("train its members, and make it again"),
		Ensemble:    e,
	}
	var names []string
	for i, m := range e.Members {
		names = append(names, fmt.Sprintf("%s %.*s", m.Name, nameDigits, e.Fingerprints[i]))
		a.MACs += m.MACs
		for _, p := range m.Params {
			p.Name = memberName(i, p.Name)
			a.Params = append(a.Params, p)
		}
	}
	a.Name = "ensemble of " + strings.Join(names, " + ")
	if e.Consensus > 0 {
		a.Name += fmt.Sprintf(", consensus %d", e.Consensus)
	}
	a.Base = a.Name
	a.Logits = func(w Weights, x *Node, pass Pass) *Node {
		return addUp(e.MemberLogits(w, x, pass, 0, len(e.Members)))
	}
	a.Attack = func(w Weights, x, z *Node) *Node {
		var all []*Node
		for i, m := range e.Members {
			all = append(all, m.AttackLogits(e.weights(w, i), x, z))
		}
		return addUp(all)
	}
	return a
}

func memberName(i int, name string) string { return fmt.Sprintf("%d.%s", i, name) }

// weights returns the weights of a member under its own names.
func (e *Ensemble) weights(w Weights, i int) Weights {
	own := Weights{}
	for _, p := range e.Members[i].Params {
		own[p.Name] = w[memberName(i, p.Name)]
	}
	return own
}

// MemberLogits returns the logits of members from … to−1, [N, Classes] each, for images x [N, H, W, C].
func (e *Ensemble) MemberLogits(w Weights, x *Node, pass Pass, from, to int) (all []*Node) {
	for i := from; i < to; i++ {
		m, own := e.Members[i], e.weights(w, i)
		logits := m.Logits(own, x, pass)
		logits.AssertDims(x.Shape().Dimensions[0], m.Classes)
		for name, node := range own { // statistics that a pass in training mode replaced
			w[memberName(i, name)] = node
		}
		all = append(all, logits)
	}
	return all
}

// addUp adds logits in the order of the members.
func addUp(all []*Node) *Node {
	sum := all[0]
	for _, l := range all[1:] {
		sum = Add(sum, l)
	}
	return sum
}

// checkMembers returns an error if the members' weights do not have the fingerprints in the ensemble's name.
func (c *Classifier) checkMembers() error {
	e := c.Arch.Ensemble
	if e == nil {
		return nil
	}
	at := 0
	for i, m := range e.Members {
		member := &Classifier{Arch: m, Params: c.Params[at : at+len(m.Params)]}
		at += len(m.Params)
		if got := member.Fingerprint(); got != e.Fingerprints[i] {
			return fmt.Errorf("the weights of member %d, %s, are not those that the ensemble was made of "+
				"(fingerprint %.12s, recorded %.12s)", i+1, m.Name, got, e.Fingerprints[i])
		}
	}
	return nil
}
