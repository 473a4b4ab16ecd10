package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// Options of a session.
type Options struct {
	// Open opens the engine; it is called once, in the background, with a context that ends with the session.
	Open func(ctx context.Context, progress func(file string, done, total int64)) (*engine.Engine, error)
	// Shared says that the engine is somebody else's: Close leaves it open.
	Shared bool
	// Data says where data sets are looked for.
	Data dataset.Options
	// Notice is told what background work has to say, between evaluations too; nil for nobody.
	Notice func(text string)
	// Args are the arguments of a script, its variable argv.
	Args []string
}

// Session is one session. Its methods may be called from any goroutine; evaluations take turns.
type Session struct {
	options Options
	interp  *language.Interp
	engine  *opening
	stop    context.CancelFunc

	turn  chan struct{} // full while an evaluation runs, and for good once the session is closed; a channel, so that waiting can end
	cells int

	closing sync.Once

	mu   sync.Mutex
	call *language.Call // of the evaluation in progress; nil between
	told starlark.Value // what the evaluation in progress has shown last by itself
	jobs []*job         // in the background
	// foreground are jobs that belong to an evaluation, until they are over: an interrupt may end the evaluation first.
	foreground []*job
}

// New starts a session and opens its engine in the background.
func New(options Options) *Session {
	ctx, stop := context.WithCancel(context.Background())
	s := &Session{options: options, stop: stop, turn: make(chan struct{}, 1), engine: open(ctx, options.Open)}
	s.interp = language.New(Functions(s), s.names)
	args := make([]starlark.Value, len(options.Args))
	for i, a := range options.Args {
		args[i] = starlark.String(a)
	}
	if err := s.interp.Set("argv", starlark.NewList(args)); err != nil {
		panic(err) // argv is no function
	}
	return s
}

// Close interrupts what is being evaluated, stops what runs in the background, which keeps what it has, and frees the
// device.
func (s *Session) Close() {
	s.closing.Do(func() {
		s.stop() // ends the context of evaluations and jobs
		s.turn <- struct{}{}
		s.mu.Lock()
		jobs := slices.Concat(s.jobs, s.foreground)
		s.mu.Unlock()
		for _, j := range jobs {
			<-j.done
		}
		s.engine.close(!s.options.Shared)
	})
}

// Evaluate runs an item: a cell, a line, a file. It returns what its last expression gave, or nil if there is nothing
// to show. Errors are of type *report.Error; whatever was done before one stays.
func (s *Session) Evaluate(ctx context.Context, source string, out report.Output) (report.Report, error) {
	done, err := s.itsTurn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	s.cells++
	return s.run(ctx, func(ctx context.Context) (starlark.Value, error) {
		return s.interp.Run(ctx, fmt.Sprintf("item %d", s.cells), source, out)
	}, out)
}

// EvaluateFile is Evaluate for the source of a file, by whose name errors call it.
func (s *Session) EvaluateFile(ctx context.Context, name, source string, out report.Output) (report.Report, error) {
	done, err := s.itsTurn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return s.run(
		ctx,
		func(ctx context.Context) (starlark.Value, error) { return s.interp.RunFile(ctx, name, source, out) },
		out,
	)
}

// itsTurn waits until nothing else is evaluated, unless ctx or the session ends first.
func (s *Session) itsTurn(ctx context.Context) (done func(), err error) {
	select {
	case s.turn <- struct{}{}:
		done = func() { <-s.turn }
	case <-ctx.Done():
	case <-s.engine.ctx.Done():
	}
	switch { // all of them were possible
	case s.engine.ctx.Err() != nil:
		err = &report.Error{Name: report.Interrupted, Message: "the session is closed"}
	case ctx.Err() != nil:
		err = &report.Error{Name: report.Interrupted, Message: "stopped before it began"}
	}
	if err != nil && done != nil {
		done()
	}
	return done, err
}

func (s *Session) run(
	ctx context.Context,
	run func(context.Context) (starlark.Value, error),
	out report.Output,
) (report.Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.engine.ctx, cancel)()
	s.during(&language.Call{Ctx: ctx, Out: out})
	defer s.during(nil)
	v, err := run(ctx)
	if err == nil && isExit(v) {
		err = leaving(0)
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	told := s.told
	s.mu.Unlock()
	if v != nil && v == told {
		return report.Shown{Report: reported(v)}, nil
	}
	return reported(v), nil
}

// untold lets a value be shown that was shown before, since it has changed.
func (s *Session) untold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = nil
}

// shown shows a value at once, also where it is assigned or made in a loop, and keeps the evaluation from showing it
// again.
func (s *Session) shown(c *language.Call, v reporter) starlark.Value {
	c.Out.Show(v.Report())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = v
	return v
}

// during notes the evaluation in progress for what Starlark gives no thread to: assignments to attributes.
func (s *Session) during(c *language.Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.call, s.told = c, nil
}

// current is the evaluation in progress.
func (s *Session) current() (*language.Call, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.call == nil {
		return nil, errors.New("nothing is being evaluated")
	}
	return s.call, nil
}

// Complete says what could stand at the cursor, which counts code points.
func (s *Session) Complete(source string, cursor int) report.Completion {
	return s.interp.Complete(source, cursor)
}

// Inspect explains what stands at the cursor.
func (s *Session) Inspect(source string, cursor int) (report.Report, bool) {
	return s.interp.Inspect(source, cursor)
}

// IsComplete tells whether an item is finished.
func (s *Session) IsComplete(source string) (report.Completeness, string) {
	return language.IsComplete(source)
}

// Engine names what computes, "xla:cpu, PJRT API 0.81"; "" as long as it is not open.
func (s *Session) Engine() string { return s.engine.name() }

// Unsaved says in a line each what would be lost if the session ended now.
func (s *Session) Unsaved() []string {
	var lines []string
	s.mu.Lock()
	jobs := s.jobs
	s.mu.Unlock()
	for _, j := range jobs {
		if line := j.unsaved(); line != "" {
			lines = append(lines, line)
		}
	}
	variables := s.interp.Variables()
	for _, name := range variables.Keys() {
		if images := uncertified(variables[name]); images > 0 {
			lines = append(
				lines,
				fmt.Sprintf(
					"%s, the certificates of %d images, is in no file: certify(…, out=…) keeps them",
					name,
					images,
				),
			)
		}
		if c, ok := variables[name].(*classifierValue); ok && c.unsaved() {
			lines = append(
				lines,
				fmt.Sprintf("%s was trained and is in no file: save(%s, %q)", name, name, name+".safetensors"),
			)
		}
	}
	return lines
}

// Finish waits for what goes on in the background, as a program does before it ends, and tells whether all of it went
// well. When ctx ends it returns ctx's error, and Close stops the rest.
func (s *Session) Finish(ctx context.Context) error {
	s.mu.Lock()
	jobs := slices.Clone(s.jobs)
	s.mu.Unlock()
	var failed error
	for _, j := range jobs {
		select {
		case <-j.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if state, _, _, err := j.status(); state == report.RunFailed {
			failed = fmt.Errorf("%s failed: %w", j.name(), err)
		}
	}
	return failed
}

// notice says something outside of an evaluation.
func (s *Session) notice(text string) {
	if s.options.Notice != nil {
		s.options.Notice(text)
	}
}
