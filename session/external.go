package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"smoothlab/certify/votes"
	"smoothlab/classifier"
	"smoothlab/classifier/external"
	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// externalArgs are the arguments of external().
type externalArgs struct {
	Command  []string       `arg:"command,required" max:"1000" help:"the program and its arguments; it is recorded in logs, so keep secrets in the environment"`
	Classes  starlark.Value `arg:"classes,required" want:"a number, or a list of class names" help:"number of classes, or their names, by output"`
	Shape    starlark.Value `arg:"shape,required" want:"[channels, height, width]" help:"shape of an image"`
	Batch    int            `arg:"batch" default:"None" help:"images per request; None for 1000, or what 64 MB hold"`
	Timeout  float64        `arg:"timeout" help:"seconds within which a batch must be answered"`
	Start    float64        `arg:"start_timeout" help:"seconds within which the program must have started"`
	Restarts int            `arg:"restarts" help:"how often a batch is sent to a new process after the old one has died or has not answered in time"`
	Given    language.Given
}

func externalDefaults() externalArgs {
	return externalArgs{
		Timeout:  external.DefaultWithin.Seconds(),
		Start:    external.DefaultStart.Seconds(),
		Restarts: external.DefaultRestarts,
	}
}

// options converts the arguments to those of a process, and the names of the classes, nil if they are not given.
func (a *externalArgs) options() (o external.Options, names []string, err error) {
	shape, err := inputShape("external", a.Shape)
	if err != nil {
		return o, nil, err
	}
	classes, err := starlark.AsInt32(a.Classes)
	if err != nil {
		if names, err = classNames("external", a.Classes); err != nil {
			return o, nil, err
		}
		classes = len(names)
	}
	for _, seconds := range []float64{a.Timeout, a.Start} {
		if !(seconds > 0 && seconds < maxSeconds) {
			return o, nil, fmt.Errorf(
				"external: timeout and start_timeout, in seconds, must be above 0 and below %.0e; got %v",
				maxSeconds, starlark.Float(seconds))
		}
	}
	if a.Given["batch"] && (a.Batch < 1 || a.Batch > maxBatch) {
		return o, nil, fmt.Errorf("external: batch must be from 1 to %d, got %d", maxBatch, a.Batch)
	}
	o = external.Options{
		Command:     a.Command,
		Channels:    shape.Channels,
		Height:      shape.Height,
		Width:       shape.Width,
		Classes:     classes,
		StartWithin: time.Duration(a.Start * float64(time.Second)),
		Within:      time.Duration(a.Timeout * float64(time.Second)),
		Restarts:    a.Restarts,
	}
	if err := o.Check(); err != nil {
		return o, nil, fmt.Errorf("external: %w", err)
	}
	return o, names, nil
}

// maxBatch is the largest number of images per request.
const maxBatch = 100_000

// externalValue is a classifier that another process computes, as a value of the language.
type externalValue struct {
	language.Object[*externalValue]
	process *external.Process
	outline *classifier.Classifier
	batch   int // 0 for the default
}

var (
	_ voting            = (*externalValue)(nil)
	_ reporter          = (*externalValue)(nil)
	_ language.Unsuited = (*externalValue)(nil)
)

// external implements external(). A process of the same command that an earlier call started is stopped.
func (s *Session) external(c *language.Call, a *externalArgs) (starlark.Value, error) {
	o, names, err := a.options()
	if err != nil {
		return nil, err
	}
	s.stopProcesses(a.Command)
	p, err := external.Start(c.Ctx, o)
	if err != nil {
		return nil, err
	}
	if names == nil {
		names = p.Hello().Names
	}
	v := &externalValue{process: p, batch: a.Batch}
	input := classifier.Shape{Channels: o.Channels, Height: o.Height, Width: o.Width}
	v.outline = classifier.Outline(v.String(), input, o.Classes, names)
	err = votes.CheckRemote(c.Ctx, v.remote())
	if err == nil {
		err = s.keepProcess(p)
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return v, nil
}

// keepProcess adds a process to those that end with the session.
func (s *Session) keepProcess(p *external.Process) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.engine.ctx.Err() != nil {
		return errors.New("the session is closed")
	}
	s.processes = append(s.processes, p)
	return nil
}

// stopProcesses stops the processes of a command. A value that still uses one starts another.
func (s *Session) stopProcesses(command []string) {
	s.mu.Lock()
	all := slices.Clone(s.processes)
	s.mu.Unlock()
	for _, p := range all {
		if slices.Equal(p.Options().Command, command) {
			p.Stop()
		}
	}
}

// closeProcesses ends all processes.
func (s *Session) closeProcesses() {
	s.mu.Lock()
	all := s.processes
	s.mu.Unlock()
	for _, p := range all {
		_ = p.Close() // it never fails
	}
}

// remote returns the classifier as votes need it.
func (v *externalValue) remote() votes.Remote {
	return votes.Remote{
		Outline:     v.outline,
		Fingerprint: v.process.Fingerprint(),
		Provenance: map[string]string{
			"external command":     v.process.Command(),
			"external fingerprint": v.process.Hello().Fingerprint,
		},
		Classify: func(ctx context.Context, images []float32) (votes.Answer, error) {
			a, err := v.process.Classify(ctx, images)
			return votes.Answer(a), err
		},
	}
}

// voter lets the process vote.
func (v *externalValue) voter(s *Session, c *language.Call, data votable, how sampling) (*voter, error) {
	if how.sound {
		return nil, errors.New(
			"sound sampling is for networks that are computed here: how another process rounds is not known; leave sound out",
		)
	}
	if how.engine == onnxRuntimeEngine {
		return nil, errors.New("a process computes this classifier, which engine does not change; leave engine out")
	}
	images, points := data.votable()
	d, err := judged(c, v.outline, images)
	if err != nil {
		return nil, err
	}
	printNotes(c, d)
	eng, err := s.engine.get(c)
	if err != nil {
		return nil, err
	}
	if v.batch > 0 {
		how.chunk = v.batch
	}
	inner, err := remoteVotes(eng, v.remote(), d, points, how)
	if err != nil {
		return nil, err
	}
	return &voter{Voter: inner, name: v.outline.Arch.Name, data: d, stop: v.process.Stop}, nil
}

// Describe returns the kind of external classifiers.
func (*externalValue) Describe() *language.Kind {
	return &language.Kind{
		Name: "external classifier",
		Help: "A classifier that a process of yours computes. It can vote, for certify and predict. The process is started " +
			"again when it is needed, and ends with the session.",
		Attributes: []language.Attribute{
			language.Attr(
				"command",
				"the program and its arguments",
				func(v *externalValue) starlark.Value { return texts(v.process.Options().Command) },
			),
			language.Attr(
				"reported",
				"the fingerprint that the process reports; checkpoint of certificates is a SHA-256 of it, with shape and classes",
				func(v *externalValue) starlark.Value { return starlark.String(v.process.Hello().Fingerprint) },
			),
			language.Attr(
				"shape",
				"channels, height and width of an image",
				func(v *externalValue) starlark.Value {
					o := v.process.Options()
					return ints(o.Channels, o.Height, o.Width)
				},
			),
			language.Attr(
				"classes",
				"class names, by output; None if unknown",
				func(v *externalValue) starlark.Value {
					if v.outline.Facts.Classes == nil {
						return starlark.None
					}
					return texts(v.outline.Facts.Classes)
				},
			),
			language.Attr(
				"outputs",
				"number of classes",
				func(v *externalValue) starlark.Value { return starlark.MakeInt(v.process.Options().Classes) },
			),
			language.Attr(
				"restarts",
				"how often the process was replaced after dying or not answering in time",
				func(v *externalValue) starlark.Value { return starlark.MakeInt(v.process.Restarts()) },
			),
			language.Attr(
				"running",
				"whether the process runs now",
				func(v *externalValue) starlark.Value { return starlark.Bool(v.process.PID() != 0) },
			),
		},
		Methods: []*language.Function{
			language.Method(
				"fingerprint",
				"SHA-256 of what the process reports, shape and classes, as recorded in certificates",
				struct{}{},
				func(_ *language.Call, v *externalValue, _ *struct{}) (starlark.Value, error) {
					return starlark.String(v.process.Fingerprint()), nil
				},
			),
			language.Method(
				"stop",
				"stop the process; the next votes start it again",
				struct{}{},
				func(_ *language.Call, v *externalValue, _ *struct{}) (starlark.Value, error) {
					v.process.Stop()
					return nil, nil
				},
			),
		},
	}
}

func (v *externalValue) Attr(name string) (starlark.Value, error) { return v.Lookup(v, name) }
func (v *externalValue) String() string                           { return "external " + v.process.Command() }

// Unsuited explains why functions of networks do not take it.
func (*externalValue) Unsuited() string {
	return "a process only votes, and its weights and gradients are not known here; certify and predict take it. " +
		"For the rest export the network, and use from_onnx"
}

func (v *externalValue) Report() report.Report {
	o, state := v.process.Options(), "stopped"
	if v.process.PID() != 0 {
		state = "running"
	}
	return report.Message{Text: fmt.Sprintf("%v: %d×%d×%d → %d classes, fingerprint %.40s, %s", v, o.Channels, o.Height,
		o.Width, o.Classes, v.process.Hello().Fingerprint, state)}
}
