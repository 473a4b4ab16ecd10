package session

import (
	"smoothlab/evaluation"
	"smoothlab/language"
	"smoothlab/method"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

func walkVotes(c *language.Call, v *walkValue, _ *struct{}) (starlark.Value, error) {
	m, err := v.checkedMethod(0)
	if err != nil {
		return nil, err
	}
	votes, err := v.w.Votes(c.Ctx, m)
	if err != nil {
		return nil, err
	}
	v.updated = nil
	r := report.WalkVotes{Draws: len(votes.Classes)}
	for i, name := range v.names() {
		image := report.VoteImage{WalkImage: name, Share: votes.Share[i], Confidence: votes.Confidence[i],
			Top: evaluation.Largest(votes.Target[i]), Target: votes.Target[i][name.Label]}
		for _, classes := range votes.Classes {
			image.Classes = append(image.Classes, classes[i])
		}
		r.Images = append(r.Images, image)
	}
	return newReportValue(r), nil
}

// attack takes n steps of the attack on the noise.
func (v *walkValue) attack(c *language.Call, m method.Method, n int) (starlark.Value, error) {
	points, err := v.w.Attack(c.Ctx, m, n)
	if err != nil {
		return nil, err
	}
	v.updated = nil
	r := v.attacked(points[0].Step)
	noises := v.w.NoiseNow()
	for i := range min(pictured, v.data.Len()) {
		var row []report.Image
		for k := range noises {
			noisy := make([]float32, len(noises[k][i]))
			for j, pixel := range v.data.Image(i) {
				noisy[j] = float32(pixel)/255 + noises[k][i][j]
			}
			row = append(row, drawn(v.data, noisy))
		}
		r.Pictures = append(r.Pictures, row)
	}
	return newReportValue(r), nil
}

// attacked returns the attack on the noise of each image; the table begins at a step.
func (v *walkValue) attacked(first int) report.WalkAttack {
	r := report.WalkAttack{First: first, Soft: v.method.now().Traits().Targets}
	for i, name := range v.names() {
		image := report.NoiseAttack{WalkImage: name}
		for _, p := range v.w.Attacked() {
			var at report.AttackedNoise
			for k := range p.Distance {
				at.Distance = append(at.Distance, p.Distance[k][i])
				at.Divergence = append(at.Divergence, p.Divergence[k][i])
				at.Wrong = append(at.Wrong, p.Wrong[k][i])
			}
			image.Steps = append(image.Steps, at)
		}
		r.Images = append(r.Images, image)
	}
	return r
}

func walkSelect(c *language.Call, v *walkValue, _ *struct{}) (starlark.Value, error) {
	m, err := v.checkedMethod(0)
	if err != nil {
		return nil, err
	}
	s, err := v.w.Select(c.Ctx, m)
	if err != nil {
		return nil, err
	}
	v.updated = nil
	var r report.WalkSelect
	for i, name := range v.names() {
		r.Images = append(r.Images, report.SelectImage{WalkImage: name, Losses: s.Losses[i], Accepted: s.Accepted[i],
			All: s.All[i], Low: s.Low[i], High: s.High[i]})
	}
	return newReportValue(r), nil
}
