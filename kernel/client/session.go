package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"smoothlab/kernel/wire"
	"smoothlab/report"
)

// Options say which kernel is meant, and what is done with what it says.
type Options struct {
	// File is a connection file, or its name in Jupyter's runtime folder. Empty: the newest kernel that runs and that
	// no notebook has started.
	File string
	// Notebooks lets Open join the kernel of a notebook, too, where File names none.
	Notebooks bool
	// New starts another kernel, though one may run.
	New bool
	// Running takes a kernel that runs; none is started.
	Running bool
	// Program is smoothlab, to be started where no kernel runs. Empty: it is looked for, see [Open].
	Program string
	// Output is where MustShow and MustEval show things. Nil: the notebook in a GoNB cell, else the terminal.
	Output report.Output
	// Notice hears what the session's background work has to say; nil for nobody.
	Notice func(text string)
	// Say hears what takes long while a kernel is started; nil for nobody.
	Say func(line string)
}

// Session is a connection to a kernel. Its methods may be called from any goroutine.
type Session struct {
	link    *link
	file    string
	info    map[string]any
	started bool
	options Options

	ctx  context.Context // of the Must functions; nil where there are none
	stop func()
}

// Open connects to a kernel: the one that Options.File names, else the newest that runs and that no notebook has
// started (see Options.Notebooks), else one that it starts and that outlives this process. Its program is
// Options.Program, else that of the installed kernelspec, else smoothlab on the PATH, else the one that go build makes
// of the module in which this process runs.
func Open(ctx context.Context, o Options) (*Session, error) {
	if o.Output == nil {
		o.Output = defaultOutput()
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if o.File != "" {
		path, err := existing(o.File)
		if err != nil {
			return nil, err
		}
		return open(ctx, path, o)
	}
	if !o.New {
		if s, err := newest(ctx, o); s != nil || err != nil {
			return s, err
		}
	}
	if o.Running {
		return nil, errors.New("no session runs")
	}
	return start(ctx, o)
}

// answerWithin is how long a kernel may take to answer at first.
const answerWithin = 10 * time.Second

// open connects to the kernel of a file.
func open(ctx context.Context, path string, o Options) (*Session, error) {
	c, err := wire.ReadConnection(path)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	l, info, err := dial(ctx, c, o.Notice)
	if err != nil {
		return nil, fmt.Errorf("no kernel answers at %s: %w", path, err)
	}
	if name := info["implementation"]; name != wire.KernelName {
		l.close()
		return nil, fmt.Errorf("%s is that of a kernel %v; this is for SmoothLab's", path, name)
	}
	return &Session{link: l, file: path, info: info, options: o}, nil
}

// File is the connection file of the kernel.
func (s *Session) File() string { return s.file }

// OfNotebook reports whether a Jupyter server has started the kernel, or another program that owns it: its variables
// are those of a notebook, which loses them when the kernel ends.
func (s *Session) OfNotebook() bool { return !ours(s.file) }

// Started tells whether the kernel was started by this Open.
func (s *Session) Started() bool { return s.started }

// Close leaves the kernel, which goes on.
func (s *Session) Close() {
	if s.stop != nil {
		s.stop()
	}
	s.link.close()
	if o, ok := s.options.Output.(interface{ close() }); ok {
		o.close()
	}
}

// Shutdown ends the kernel and waits until it does not answer any more: trainings and certifications stop and keep what
// they have.
func (s *Session) Shutdown(ctx context.Context) error {
	if _, err := s.link.ask(
		ctx,
		"shutdown_request",
		map[string]bool{"restart": false},
	); err != nil &&
		!errors.Is(err, ErrGone) {
		return err
	}
	select {
	case <-s.link.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Interrupt ends what is being evaluated, whoever asked for it.
func (s *Session) Interrupt(ctx context.Context) error {
	_, err := s.link.ask(ctx, "interrupt_request", struct{}{})
	return err
}

// String is for instance "session 4f1c · smoothlab 0.1 · xla:cpu, PJRT API 0.81 · values: c, t".
func (s *Session) String() string {
	ctx, stop := context.WithTimeout(context.Background(), shortly)
	defer stop()
	info := s.info
	if reply, err := s.link.ask(ctx, "kernel_info_request", struct{}{}); err == nil { // the engine may be open by now
		var now map[string]any
		if json.Unmarshal(reply.Content, &now) == nil {
			info = now
		}
	}
	parts := []string{
		"session " + short(s.file),
		fmt.Sprintf("%v %v", info["implementation"], info["implementation_version"]),
	}
	if engine, ok := info["engine"].(string); ok && engine != "" {
		parts = append(parts, engine)
	}
	var values []string
	for _, item := range s.Complete("", 0).Items {
		if item.Kind == "variable" && item.Help != "module" && item.Text != "argv" {
			values = append(values, item.Text)
		}
	}
	if len(values) > 0 {
		parts = append(parts, "values: "+strings.Join(values, ", "))
	}
	return strings.Join(parts, " · ")
}

// shortly is how long completion and help may take.
const shortly = 2 * time.Second

// Complete says what could stand at the cursor, counted in code points. It is empty where the kernel does not answer.
func (s *Session) Complete(source string, cursor int) report.Completion {
	var reply struct {
		Start    int `json:"cursor_start"`
		End      int `json:"cursor_end"`
		Metadata struct {
			Typed []struct{ Text, Type, Signature string } `json:"_jupyter_types_experimental"`
		} `json:"metadata"`
	}
	if s.quick("complete_request", map[string]any{"code": source, "cursor_pos": cursor}, &reply) != nil {
		return report.Completion{}
	}
	c := report.Completion{Start: reply.Start, End: reply.End}
	for _, t := range reply.Metadata.Typed {
		c.Items = append(c.Items, report.Item{Text: t.Text, Kind: t.Type, Help: t.Signature})
	}
	return c
}

// Inspect explains what stands at the cursor; false if there is nothing to say.
func (s *Session) Inspect(source string, cursor int) (report.Report, bool) {
	var reply struct {
		Found    bool                       `json:"found"`
		Data     map[string]json.RawMessage `json:"data"`
		Metadata json.RawMessage            `json:"metadata"`
	}
	if s.quick(
		"inspect_request",
		map[string]any{"code": source, "cursor_pos": cursor, "detail_level": 0},
		&reply,
	) != nil ||
		!reply.Found {
		return nil, false
	}
	r, err := report.Decode[report.Report](reply.Data[wire.ReportType])
	return r, err == nil
}

// IsComplete tells whether an item is finished, and if it is not, the indentation of the next line. Where the kernel
// does not answer it is: running it will say why.
func (s *Session) IsComplete(source string) (c report.Completeness, indent string) {
	var reply struct {
		Status report.Completeness `json:"status"`
		Indent string              `json:"indent"`
	}
	if s.quick("is_complete_request", map[string]any{"code": source}, &reply) != nil {
		return report.Complete, ""
	}
	return reply.Status, reply.Indent
}

// Unsaved is nothing: the session goes on without its clients.
func (s *Session) Unsaved() []string { return nil }

// quick asks for what is answered at once.
func (s *Session) quick(kind string, content, reply any) error {
	ctx, stop := context.WithTimeout(context.Background(), shortly)
	defer stop()
	m, err := s.link.ask(ctx, kind, content)
	if err != nil {
		return err
	}
	var status struct {
		Status string `json:"status"`
	}
	if err := json.Unmarshal(m.Content, &status); err != nil || status.Status == "error" {
		return errors.Join(errors.New(kind+" failed"), err)
	}
	return json.Unmarshal(m.Content, reply)
}

// gone is an error of the link as evaluations return it.
func (s *Session) gone(err error) error {
	message := err.Error()
	if errors.Is(err, ErrGone) {
		if words := lastWords(s.file); words != "" {
			message += "; its last words: " + words
		}
	}
	return &report.Error{Name: report.Failed, Message: message}
}

// lastWords are the last lines of the log of a kernel that was started by a client; "" where there are none.
func lastWords(file string) string {
	data, err := os.ReadFile(logOf(file))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(data[max(0, len(data)-4096):])), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], " / ")
}
