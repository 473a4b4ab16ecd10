package session

import (
	"context"
	"errors"
	"fmt"

	"smoothlab/certify"
	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/classifier/onnx"
	"smoothlab/classifier/onnxruntime"
	"smoothlab/internal/suggest"
	"smoothlab/language"
	"smoothlab/report"
)

// Names of the engines that compute votes.
const (
	xlaEngine         = certify.DefaultEngine
	onnxRuntimeEngine = "onnxruntime"
)

// votingEngines lists the engines that compute votes.
func votingEngines() []string { return []string{xlaEngine, onnxRuntimeEngine} }

// checkEngine returns an error for an engine that does not exist.
func checkEngine(name string) error {
	_, err := suggest.Find("engine", name, votingEngines(), func(n string) string { return n })
	return err
}

// onnxRuntimeVoter prepares votes of which ONNX Runtime computes the logits.
func (v *classifierValue) onnxRuntimeVoter(s *Session, c *language.Call, data votable, how sampling) (*voter, error) {
	if how.sound {
		return nil, errors.New("sound sampling is for votes by XLA: leave sound or engine out")
	}
	now, d, points, err := judge(c, v, data)
	if err != nil {
		return nil, err
	}
	eng, err := s.engine.get(c)
	if err != nil {
		return nil, err
	}
	net, remote, err := inONNXRuntime(c, now)
	if err != nil {
		return nil, err
	}
	err = votes.CheckEngine(c.Ctx, eng, now, remote)
	var inner *votes.Voter
	if err == nil {
		inner, err = remoteVotes(eng, remote, d, points, how)
	}
	if err != nil {
		return nil, errors.Join(err, net.Close())
	}
	return &voter{
		Voter:   inner,
		name:    now.Arch.Name,
		trained: trainingNoise(now.Facts),
		data:    d,
		release: net.Close,
	}, nil
}

// inONNXRuntime loads a classifier into ONNX Runtime, which is downloaded if it is not there.
func inONNXRuntime(c *language.Call, now *classifier.Classifier) (*onnxruntime.Network, votes.Remote, error) {
	file, err := now.ToONNX()
	if err != nil {
		return nil, votes.Remote{}, fmt.Errorf("engine=%q: %w; leave engine out", onnxRuntimeEngine, err)
	}
	var download report.Progress
	library, err := onnxruntime.Open(c.Ctx, onnxruntime.Options{Progress: func(file string, done, total int64) {
		download = downloading(onnxRuntimeEngine, file, done, total)
		c.Out.Progress(download)
	}})
	if download.ID != "" {
		download.End = true
		c.Out.Progress(download)
	}
	if err != nil {
		return nil, votes.Remote{}, err
	}
	net, err := library.Load(c.Ctx, file, onnx.Shape(now.Arch.Input), now.Arch.Classes)
	if err != nil {
		return nil, votes.Remote{}, err
	}
	return net, votes.Remote{
		Outline:     now.Outline(),
		Fingerprint: now.Fingerprint(),
		Engine:      onnxRuntimeEngine,
		Provenance:  map[string]string{"engine": "ONNX Runtime " + library.Version},
		Notes:       now.Doubts(),
		Classify: func(ctx context.Context, images []float32) (votes.Answer, error) {
			logits, err := net.Classify(ctx, images)
			return votes.Answer{Logits: logits}, err
		},
	}, nil
}
