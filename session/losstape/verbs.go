package losstape

import (
	"fmt"

	"smoothlab/language"
	"smoothlab/method"
	"smoothlab/smoothmix"

	. "github.com/gomlx/gomlx/core/graph"
	"go.starlark.net/starlark"
)

type (
	xArgs struct {
		X starlark.Value `arg:"x,required" want:"images" help:"images"`
	}
	fromArgs struct {
		X starlark.Value `arg:"x" want:"images" help:"images to start from; None for the images of the step"`
	}
	logitsArgs struct {
		Logits starlark.Value `arg:"logits,required" want:"a tensor" help:"result of s.logits"`
	}
	nameArgs struct {
		Name string `arg:"name,required" help:"name of the setting or draw"`
	}
	mixArgs struct {
		Lam  starlark.Value `arg:"lam,required" want:"a tensor" help:"weight of the far end, per image"`
		Near starlark.Value `arg:"near,required" want:"images" help:"the near end"`
		Far  starlark.Value `arg:"far,required" want:"images" help:"the far end"`
		P    starlark.Value `arg:"p,required" want:"a tensor" help:"the prediction at the near end"`
	}
	projectArgs struct {
		Z      starlark.Value `arg:"z,required" want:"images" help:"images to project"`
		X      starlark.Value `arg:"x,required" want:"images" help:"centre of the ball"`
		Radius starlark.Value `arg:"radius,required" want:"a number" help:"L2 radius in pixel units"`
	}
)

// paperVerbs lists the verbs of the paper, on images and logits.
func paperVerbs() []*language.Function {
	return []*language.Function{
		language.Method(
			"search",
			"the end point of the adversarial search: steps steps of length alpha up the smoothed loss; without gradient",
			fromArgs{},
			func(_ *language.Call, s *Step, a *fromArgs) (starlark.Value, error) {
				if err := s.needs("search", "steps", "alpha"); err != nil {
					return nil, err
				}
				return s.from("search", a.X, (*method.Step).Search)
			},
		),
		language.Method(
			"near",
			"the near end of the mixture: the image, or, with the setting mix_step, the search point before that step",
			fromArgs{},
			func(_ *language.Call, s *Step, a *fromArgs) (starlark.Value, error) {
				if err := s.needs("near", "steps", "alpha", "mix_step"); err != nil {
					return nil, err
				}
				return s.from("near", a.X, smoothmix.NearPoint)
			},
		),
		language.Method(
			"logits",
			"the network's logits at the images under the m noise samples of the step: a pass in training mode",
			xArgs{},
			func(_ *language.Call, s *Step, a *xArgs) (starlark.Value, error) {
				return s.write(
					"logits",
					"",
					[]argument{{"x", a.X, []Kind{Images}}},
					always(Noisy),
					func(st *method.Step, in []*Node) *Node { return st.Logits(in[0]) },
				)
			},
		),
		language.Method("clean", "the network's logits at the images without noise: a pass in training mode", xArgs{},
			func(_ *language.Call, s *Step, a *xArgs) (starlark.Value, error) {
				return s.write(
					"clean",
					"",
					[]argument{{"x", a.X, []Kind{Images}}},
					always(Classes),
					func(st *method.Step, in []*Node) *Node { return st.Clean(in[0]) },
				)
			}),
		language.Method("smoothed", "the smoothed prediction: the mean softmax over the noise samples", logitsArgs{},
			func(_ *language.Call, s *Step, a *logitsArgs) (starlark.Value, error) {
				return s.write(
					"smoothed",
					"",
					[]argument{{"logits", a.Logits, []Kind{Noisy}}},
					always(Classes),
					func(st *method.Step, in []*Node) *Node { return st.Smoothed(in[0]) },
				)
			}),
		language.Method(
			"uniform",
			"a random number in [0, 1) per image; equal names share one draw",
			nameArgs{},
			func(_ *language.Call, s *Step, a *nameArgs) (starlark.Value, error) {
				return s.write(
					"uniform",
					a.Name,
					nil,
					always(PerImage),
					func(st *method.Step, _ []*Node) *Node { return st.Uniform(a.Name) },
				)
			},
		),
		language.Method(
			"mix",
			"self-mixup: the images (1−lam)·near + lam·far, and their labels (1−lam)·p + lam/K",
			mixArgs{},
			mix,
		),
		language.Method("warm", "a setting multiplied by the warm-up of the epoch", nameArgs{},
			func(_ *language.Call, s *Step, a *nameArgs) (starlark.Value, error) {
				if err := s.setting(a.Name); err != nil {
					return nil, fmt.Errorf("s.warm: %w", err)
				}
				return s.write(
					"warm",
					a.Name,
					nil,
					always(Number),
					func(st *method.Step, _ []*Node) *Node { return st.Warm(a.Name) },
				)
			}),
		language.Method("project", "z projected onto the L2 ball around x", projectArgs{},
			func(_ *language.Call, s *Step, a *projectArgs) (starlark.Value, error) {
				return s.write(
					"project",
					"",
					[]argument{
						{"z", a.Z, []Kind{Images}},
						{"x", a.X, []Kind{Images}},
						{"radius", a.Radius, []Kind{Number}},
					},
					always(Images),
					func(_ *method.Step, in []*Node) *Node { return method.Project(in[0], in[1], in[2]) },
				)
			}),
		language.Method(
			"box",
			"images clipped to [0, 1]",
			xArgs{},
			func(_ *language.Call, s *Step, a *xArgs) (starlark.Value, error) {
				return s.write(
					"box",
					"",
					[]argument{{"x", a.X, []Kind{Images}}},
					always(Images),
					func(_ *method.Step, in []*Node) *Node { return method.Box(in[0]) },
				)
			},
		),
	}
}

// from records a search that starts at x, or at the images of the step.
func (s *Step) from(verb string, x starlark.Value, build func(st *method.Step, x *Node) *Node) (starlark.Value, error) {
	if x == nil {
		return s.write(verb, "", nil, always(Images), func(st *method.Step, _ []*Node) *Node { return build(st, st.X) })
	}
	return s.write(
		verb,
		"",
		[]argument{{"x", x, []Kind{Images}}},
		always(Images),
		func(st *method.Step, in []*Node) *Node { return build(st, in[0]) },
	)
}

// mix records a mixture, which has two results.
func mix(_ *language.Call, s *Step, a *mixArgs) (starlark.Value, error) {
	v, err := s.write(
		"mix",
		"",
		[]argument{{"lam", a.Lam, []Kind{PerImage}}, {"near", a.Near, []Kind{Images}}, {"far", a.Far, []Kind{Images}},
			{"p", a.P, []Kind{Classes}}},
		always(Images),
		nil,
	)
	if err != nil {
		return nil, err
	}
	target, err := s.tape.add(entry{verb: "target", kind: Classes, second: true})
	if err != nil {
		return nil, err
	}
	return starlark.Tuple{v, target}, nil
}

type (
	klArgs struct {
		Target starlark.Value `arg:"target,required" want:"a tensor" help:"target probabilities, per image and class"`
		Logits starlark.Value `arg:"logits,required" want:"a tensor" help:"result of s.logits"`
	}
	maskedArgs struct {
		P      starlark.Value `arg:"p,required" want:"a tensor" help:"prediction that must pick the image's label"`
		Target starlark.Value `arg:"target,required" want:"a tensor" help:"target probabilities, per image and class"`
		Logits starlark.Value `arg:"logits,required" want:"a tensor" help:"result of s.logits"`
	}
	pArgs struct {
		P starlark.Value `arg:"p,required" want:"a tensor" help:"numbers per class"`
	}
)

// lossVerbs lists the losses of the built-in methods.
func lossVerbs() []*language.Function {
	return []*language.Function{
		language.Method(
			"cross_entropy",
			"the mean cross-entropy with the labels",
			logitsArgs{},
			func(_ *language.Call, s *Step, a *logitsArgs) (starlark.Value, error) {
				return s.write(
					"cross_entropy",
					"",
					[]argument{{"logits", a.Logits, []Kind{Noisy, Classes}}},
					always(Number),
					func(st *method.Step, in []*Node) *Node { return method.CrossEntropy(in[0], st.Y) },
				)
			},
		),
		language.Method(
			"kl",
			"the mean of KL(target ‖ softmax(logits)) over the noisy copies; gradients flow through the target too",
			klArgs{},
			func(_ *language.Call, s *Step, a *klArgs) (starlark.Value, error) {
				return s.write(
					"kl",
					"",
					[]argument{{"target", a.Target, []Kind{Classes}}, {"logits", a.Logits, []Kind{Noisy, Classes}}},
					always(Number),
					func(_ *method.Step, in []*Node) *Node { return ReduceAllMean(method.Divergence(in[0], in[1])) },
				)
			},
		),
		language.Method(
			"masked_kl",
			"like kl, but 0 for images whose label p does not pick",
			maskedArgs{},
			func(_ *language.Call, s *Step, a *maskedArgs) (starlark.Value, error) {
				return s.write(
					"masked_kl",
					"",
					[]argument{
						{"p", a.P, []Kind{Classes}},
						{"target", a.Target, []Kind{Classes}},
						{"logits", a.Logits, []Kind{Noisy, Classes}},
					},
					always(Number),
					func(st *method.Step, in []*Node) *Node { return smoothmix.MaskedKL(in[0], st.Y, in[1], in[2]) },
				)
			},
		),
		language.Method(
			"correct",
			"1 for images whose label p picks, else 0; without gradient",
			pArgs{},
			func(_ *language.Call, s *Step, a *pArgs) (starlark.Value, error) {
				return s.write("correct", "", []argument{{"p", a.P, []Kind{Classes}}}, always(PerImage),
					func(st *method.Step, in []*Node) *Node { return method.Correct(in[0], st.Y) })
			},
		),
		language.Method(
			"label",
			"the number of the label's class",
			pArgs{},
			func(_ *language.Call, s *Step, a *pArgs) (starlark.Value, error) {
				return s.write("label", "", []argument{{"p", a.P, []Kind{Classes, Noisy}}}, overClasses, atLabel)
			},
		),
	}
}

// overClasses returns the kind of a value after its classes are reduced to one number.
func overClasses(in []operand) Kind {
	if in[0].kind == Noisy {
		return PerCopy
	}
	return PerImage
}

// atLabel picks the number of the label in each row. A noisy copy has its image's label.
func atLabel(st *method.Step, in []*Node) *Node {
	d, b := in[0].Shape().Dimensions, st.Y.Shape().Size()
	y := Reshape(BroadcastToDims(InsertAxes(st.Y, 0), d[0]/b, b), d[0])
	return ReduceSum(Mul(in[0], OneHot(y, d[1], in[0].DType())), -1)
}
