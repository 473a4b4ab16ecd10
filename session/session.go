package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"smoothlab/classifier/external"
	"smoothlab/dataset"
	"smoothlab/engine"
	"smoothlab/language"
	"smoothlab/report"

	"go.starlark.net/starlark"
)

// Options configure a session.
type Options struct {
	// Open opens the engine. It is called in the background, and again after a failure, with a context that ends with
	// the session.
	Open func(ctx context.Context, progress func(file string, done, total int64)) (*engine.Engine, error)
	// Shared means that the caller owns the engine: Close leaves it open.
	Shared bool
	// Data configures where data sets are searched.
	Data dataset.Options
	// Notice receives messages from background work, also between evaluations. It may be nil.
	Notice func(text string)
	// Args are the arguments of a script, available as argv.
	Args []string
}

// Session is one session. Its methods may be called from any goroutine. Only one evaluation runs at a time.
type Session struct {
	options Options
	interp  *language.Interp
	engine  *lazyEngine
	stop    context.CancelFunc

	evalSlot chan struct{} // full during an evaluation and after Close; a channel, so that waiting can be cancelled
	cells    int

	closing sync.Once

	mu        sync.Mutex
	call      *language.Call // evaluation in progress; nil if none
	lastShown starlark.Value // value already displayed by the current evaluation
	jobs      []*job         // background jobs
	// foreground holds the jobs of evaluations until they end. An interrupt may end the evaluation first.
	foreground []*job
	processes  []*external.Process // of external classifiers
}

// New starts a session and opens its engine in the background.
func New(options Options) *Session {
	ctx, stop := context.WithCancel(context.Background())
	s := &Session{options: options, stop: stop, evalSlot: make(chan struct{}, 1), engine: open(ctx, options.Open)}
	s.interp = language.New(Functions(s), s.names)
	args := make([]starlark.Value, len(options.Args))
	for i, a := range options.Args {
		args[i] = starlark.String(a)
	}
	if err := s.interp.Set("argv", starlark.NewList(args)); err != nil {
		panic(err) // argv is not a function
	}
	return s
}

// Close interrupts the evaluation in progress, stops background jobs, which save their progress, and frees the device.
func (s *Session) Close() {
	s.closing.Do(func() {
		s.stop() // ends the context of evaluations and jobs
		s.evalSlot <- struct{}{}
		s.mu.Lock()
		jobs := slices.Concat(s.jobs, s.foreground)
		s.mu.Unlock()
		for _, j := range jobs {
			<-j.done
		}
		s.closeProcesses()
		s.engine.close(!s.options.Shared)
	})
}

// Evaluate runs a cell: the input of a notebook cell or of the prompt. It returns the value of the last expression, or
// nil if there is nothing to show. Errors are of type *report.Error. Effects of statements before the error stay.
func (s *Session) Evaluate(ctx context.Context, source string, out report.Output) (report.Report, error) {
	done, err := s.acquireTurn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	s.cells++
	return s.run(ctx, func(ctx context.Context) (starlark.Value, error) {
		return s.interp.Run(ctx, fmt.Sprintf("item %d", s.cells), source, out)
	}, out)
}

// EvaluateFile runs the source of a file like Evaluate. Errors refer to the file by name.
func (s *Session) EvaluateFile(ctx context.Context, name, source string, out report.Output) (report.Report, error) {
	done, err := s.acquireTurn(ctx)
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

// acquireTurn waits until no other evaluation runs. It fails if ctx or the session ends first.
func (s *Session) acquireTurn(ctx context.Context) (done func(), err error) {
	select {
	case s.evalSlot <- struct{}{}:
		done = func() { <-s.evalSlot }
	case <-ctx.Done():
	case <-s.engine.ctx.Done():
	}
	switch { // more than one case of the select may have been ready
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
	s.setCurrentCall(&language.Call{Ctx: ctx, Out: out})
	defer s.setCurrentCall(nil)
	v, err := run(ctx)
	if err == nil && isExit(v) {
		err = leaving(0)
	}
	if err != nil {
		return nil, err
	}
	if v != nil && (s.isShown(v) || s.followed(v, out)) {
		return report.Shown{Report: reported(v)}, nil
	}
	return reported(v), nil
}

// clearShown allows a changed value to be displayed again.
func (s *Session) clearShown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastShown = nil
}

// showOnce displays a value at once, even if it is assigned or made in a loop, and prevents the evaluation from
// displaying it again.
func (s *Session) showOnce(c *language.Call, v reporter) starlark.Value {
	if !s.isShown(v) {
		c.Out.Show(v.Report())
		s.setShown(v)
	}
	return v
}

// setShown records that the evaluation displays a value.
func (s *Session) setShown(v starlark.Value) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastShown = v
}

// isShown reports whether the evaluation displays a value already.
func (s *Session) isShown(v starlark.Value) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return v != nil && v == s.lastShown
}

// setCurrentCall records the evaluation in progress, because Starlark passes no thread to assignments to attributes.
func (s *Session) setCurrentCall(c *language.Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.call, s.lastShown = c, nil
}

// current returns the evaluation in progress.
func (s *Session) current() (*language.Call, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.call == nil {
		return nil, errors.New("nothing is being evaluated")
	}
	return s.call, nil
}

// Complete returns the completions at the cursor, which counts code points.
func (s *Session) Complete(source string, cursor int) report.Completion {
	return s.interp.Complete(source, cursor)
}

// Inspect returns help on the name at the cursor.
func (s *Session) Inspect(source string, cursor int) (report.Report, bool) {
	return s.interp.Inspect(source, cursor)
}

// IsComplete reports whether a cell is ready to run.
func (s *Session) IsComplete(source string) (report.Completeness, string) {
	return language.IsComplete(source)
}

// Engine returns the name of the engine, "xla:cpu, PJRT API 0.81", or "" before it is open.
func (s *Session) Engine() string { return s.engine.name() }

// Unsaved returns one line for each thing that would be lost if the session ended now.
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
		if images := unsavedRows(variables[name]); images > 0 {
			lines = append(
				lines,
				fmt.Sprintf(
					"%s, the certificates of %d images, is not saved to a file: use certify(…, out=…)",
					name,
					images,
				),
			)
		}
		if c, ok := variables[name].(*classifierValue); ok && c.unsaved() {
			lines = append(
				lines,
				fmt.Sprintf(
					"%s was trained and is not saved to a file: use save(%s, %q)",
					name,
					name,
					name+".safetensors",
				),
			)
		}
	}
	return lines
}

// Finish waits for all background jobs, as a program does before it exits, and returns the error of a failed one. When
// ctx ends, it returns ctx's error, and Close stops the rest.
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

// notice sends a message outside of an evaluation.
func (s *Session) notice(text string) {
	if s.options.Notice != nil {
		s.options.Notice(text)
	}
}
