package votes_test

import (
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/smoothing"
)

// kinds are the two kinds of noise.
func kinds() map[string]func(*engine.Engine, *classifier.Classifier, *dataset.Dataset, smoothing.Smoothing, uint64, int) (*votes.Voter, error) {
	return map[string]func(*engine.Engine, *classifier.Classifier, *dataset.Dataset, smoothing.Smoothing, uint64, int) (*votes.Voter, error){
		"float32": votes.New,
		"grid":    votes.NewSound,
	}
}
