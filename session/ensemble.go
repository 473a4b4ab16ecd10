package session

import (
	"fmt"

	"smoothlab/classifier"
	"smoothlab/language"

	"go.starlark.net/starlark"
)

// ensembleArgs are the arguments of ensemble().
type ensembleArgs struct {
	Members   []starlark.Value `arg:"members,required" max:"100" want:"a list of classifiers" help:"the classifiers, of one shape and the same classes; they are copied"`
	Consensus int              `arg:"consensus" default:"None" help:"number of members, at least 2, whose agreement decides a vote; None asks all members for every vote"`
	Given     language.Given
}

// ensemble implements ensemble().
func (s *Session) ensemble(c *language.Call, a *ensembleArgs) (starlark.Value, error) {
	var members []*classifier.Classifier
	for i, m := range a.Members {
		v, ok := m.(*classifierValue)
		if !ok {
			return nil, fmt.Errorf(
				"ensemble: member %d must be a classifier, got %s%s", i+1, m.Type(), language.Reason(m))
		}
		now, err := v.read(c.Ctx)
		if err != nil {
			return nil, err
		}
		members = append(members, now)
	}
	if a.Given["consensus"] && a.Consensus == 0 {
		a.Consensus = -1 // which is refused with the range
	}
	e, err := classifier.NewEnsemble(members, a.Consensus)
	if err != nil {
		return nil, fmt.Errorf("ensemble: %w", err)
	}
	return newClassifier(s, e, ""), nil
}
