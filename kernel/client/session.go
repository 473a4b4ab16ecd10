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

// Options select the kernel and say where its output goes.
type Options struct {
	// File is a connection file, or its name in Jupyter's runtime directory. Empty means the newest running kernel that
	// no notebook has started.
	File string
	// Name is the name of the session to join or to start, up to 8 letters and digits. Empty means the newest one, or a
	// new one with a random name.
	Name string
	// Until is the number of a process whose end also ends a session that is started. 0 means that it keeps running.
	Until int
	// Notebooks also lets Open join the kernel of a notebook when File is empty.
	Notebooks bool
	// New starts another kernel even if one is running.
	New bool
	// Running requires a running kernel; none is started.
	Running bool
	// Program is the path of the smoothlab program, used to start a kernel. Empty means that Open looks for it, see
	// [Open].
	Program string
	// Output is where MustShow and MustEval show things. Nil means the notebook in a GoNB cell, and the terminal
	// elsewhere.
	Output report.Output
	// Notice receives messages from the session's background work; may be nil.
	Notice func(text string)
	// Say receives messages about slow steps while a kernel is started; may be nil.
	Say func(line string)
}

// Session is a connection to a kernel. Its methods may be called from any goroutine.
type Session struct {
	link    *link
	file    string
	info    map[string]any
	started bool
	options Options

	ctx  context.Context // context of the Must functions; may be nil
	stop func()
}

// Open connects to a kernel. It takes the kernel that Options.File names, or else the newest running kernel that no
// notebook has started (see Options.Notebooks). If there is none it starts one that outlives this process. The program
// is Options.Program, or else the program of the installed kernelspec, or else smoothlab on the PATH, or else the one
// that go build makes of the module in which this process runs.
func Open(ctx context.Context, o Options) (*Session, error) {
	if o.Output == nil {
		o.Output = defaultOutput()
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if len(o.Name) > nameLength || strings.ContainsFunc(o.Name, notNameRune) {
		return nil, fmt.Errorf("session name %q: give at most %d lower-case letters and digits", o.Name, nameLength)
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
		return nil, errors.New("no session is running")
	}
	return start(ctx, o)
}

// answerWithin is how long a kernel may take to answer the first request.
const answerWithin = 10 * time.Second

// open connects to the kernel of a connection file.
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
		return nil, fmt.Errorf("%s belongs to a %v kernel; smoothlab can only join smoothlab kernels", path, name)
	}
	return &Session{link: l, file: path, info: info, options: o}, nil
}

// File returns the path of the kernel's connection file.
func (s *Session) File() string { return s.file }

// OfNotebook reports whether a Jupyter server or another program owns the kernel. Its variables are then those of a
// notebook, which loses them when the kernel ends.
func (s *Session) OfNotebook() bool { return !isSmoothlab(s.file) }

// Started reports whether this Open started the kernel.
func (s *Session) Started() bool { return s.started }

// Close ends the connection. The kernel keeps running.
func (s *Session) Close() {
	if s.stop != nil {
		s.stop()
	}
	s.link.close()
	if o, ok := s.options.Output.(interface{ close() }); ok {
		o.close()
	}
}

// Shutdown ends the kernel and waits until it no longer answers. Trainings and certifications stop and keep their
// results.
func (s *Session) Shutdown(ctx context.Context) error {
	if _, err := s.link.ask(
		ctx,
		"shutdown_request",
		map[string]bool{"restart": false},
	); err != nil &&
		!errors.Is(err, ErrKernelDied) {
		return err
	}
	select {
	case <-s.link.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Interrupt ends the current evaluation, even if another client requested it.
func (s *Session) Interrupt(ctx context.Context) error {
	_, err := s.link.ask(ctx, "interrupt_request", struct{}{})
	return err
}

// String returns a line such as "session 4f1c · smoothlab 0.1 · xla:cpu, PJRT API 0.81 · values: c, t".
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

// Complete returns the completions at the cursor, whose position counts code points. It returns none if the kernel does
// not answer.
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

// Inspect returns help on the name at the cursor, and false if there is none.
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

// IsComplete reports whether a cell is complete and, if it is not, the indentation of the next line. If the kernel does
// not answer, the cell counts as complete: running it reports the error.
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

// Unsaved returns nil, because the session keeps running without its clients.
func (s *Session) Unsaved() []string { return nil }

// quick sends a request that the kernel answers at once.
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

// gone converts an error of the link to the error of an evaluation.
func (s *Session) gone(err error) error {
	message := err.Error()
	if errors.Is(err, ErrKernelDied) {
		if words := lastWords(s.file); words != "" {
			message += "; last lines of its log: " + words
		}
	}
	return &report.Error{Name: report.Failed, Message: message}
}

// lastWords returns the last lines of the log of a kernel that a client has started, or "" if there are none.
func lastWords(file string) string {
	data, err := os.ReadFile(logOf(file))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(data[max(0, len(data)-4096):])), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], " / ")
}
