package session_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"smoothlab/engine"
	"smoothlab/internal/testengine"
	"smoothlab/internal/toyserver"
	"smoothlab/report"
	"smoothlab/session"
)

// session starts a session on the engine that all tests share.
func newSession(t testing.TB, notice func(string), args ...string) *session.Session {
	t.Helper()
	e := testengine.Open(t)
	s := session.New(session.Options{Shared: true, Notice: notice, Args: args,
		Open: func(context.Context, func(string, int64, int64)) (*engine.Engine, error) { return e, nil }})
	t.Cleanup(s.Close)
	return s
}

// screen is an output that records what a pipe would show.
type screen struct {
	mu sync.Mutex
	b  strings.Builder
}

var plain = report.Style{Width: 400}

func (s *screen) Print(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.WriteString(text)
}

func (s *screen) Show(r report.Report)     { s.Print(report.Text(r, plain)) }
func (s *screen) Progress(report.Progress) {}

func (s *screen) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.b.String()
	s.b.Reset()
	return text
}

// evaluate runs an item and returns all of its output.
func evaluate(t *testing.T, s *session.Session, source string) string {
	t.Helper()
	var out screen
	r, err := s.Evaluate(context.Background(), source, &out)
	var e *report.Error
	switch {
	case errors.As(err, &e):
		out.Show(e)
	case err != nil:
		t.Fatalf("%s: an error of type %T", source, err)
	case r != nil:
		if _, seen := r.(report.Shown); !seen {
			out.Show(r)
		}
	}
	return out.take()
}

// item is an input of a transcript, with the expected output.
type item struct {
	line         int
	source, want string
}

// readTranscript reads a transcript: items after >>> and ... as at the prompt, and below each its output, up to an
// empty line. In it … matches anything, and on a line by itself any lines.
func readTranscript(t testing.TB, path string) []item {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var items []item
	prose := true
	for n, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		source, starts := strings.CutPrefix(line, ">>> ")
		more, goesOn := strings.CutPrefix(line, "...")
		switch {
		case starts:
			prose = false
			items = append(items, item{line: n + 1, source: source})
		case goesOn && len(items) > 0 && items[len(items)-1].want == "":
			items[len(items)-1].source += "\n" + strings.TrimPrefix(more, " ")
		case line == "":
			prose = true
		case !prose:
			items[len(items)-1].want += line + "\n"
		}
	}
	return items
}

// matches compares the output with the expected output; empty lines do not count.
func matches(want, got string) bool {
	var pattern strings.Builder
	pattern.WriteString(`^`)
	for _, line := range strings.Split(want, "\n") {
		switch line = strings.TrimRight(line, " "); line {
		case "":
		case "…":
			pattern.WriteString(`(?:.*\n)*?`)
		default:
			pattern.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*?") + `\n`)
		}
	}
	pattern.WriteString(`$`)
	var lines strings.Builder
	for line := range strings.Lines(got) {
		if strings.TrimSpace(line) != "" {
			lines.WriteString(strings.TrimRight(line, " \n") + "\n")
		}
	}
	return regexp.MustCompile(pattern.String()).MatchString(lines.String())
}

// Inputs with their outputs, in testdata/transcripts. Each is a session in its own directory, with the small zoo that
// package zoo makes for tests.
func TestTranscripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			items := readTranscript(t, path)
			dir := t.TempDir()
			if err := os.CopyFS(filepath.Join(dir, "zoo"), os.DirFS("testdata/zoo")); err != nil {
				t.Fatal(err)
			}
			if filepath.Base(path) == "networks.txt" { // the files that it imports
				if err := os.CopyFS(dir, os.DirFS("../classifier/onnx/testdata")); err != nil {
					t.Fatal(err)
				}
			}
			if filepath.Base(path) == "external.txt" { // the program that it lets vote
				toyserver.Link(t, dir)
			}
			t.Chdir(dir)
			s := newSession(t, nil, "0.25", "0.5")
			if filepath.Base(path) == "softlabels.txt" { // the user's data directory
				t.Setenv("XDG_DATA_HOME", dir)
			}
			for _, item := range items {
				if got := evaluate(t, s, item.source); !matches(item.want, got) {
					t.Errorf("%s:%d: %s\nanswers\n%s\nnot\n%s", path, item.line, item.source, got, item.want)
				}
			}
		})
	}
}

// Every function and every method of every kind of value is typed in some transcript, and every function fails in one.
func TestTranscriptsCoverTheList(t *testing.T) {
	paths, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var typed []item
	for _, path := range paths {
		typed = append(typed, readTranscript(t, path)...)
	}
	used := func(pattern string, failing bool) bool {
		re := regexp.MustCompile(pattern)
		return slices.ContainsFunc(typed, func(i item) bool {
			return re.MatchString(i.source) && (!failing || strings.HasPrefix(i.want, "error: "))
		})
	}
	never := []string{"show", "clear", "jobs", "devices"} // no input makes them fail
	for _, f := range session.Functions(nil) {
		if !used(`\b`+f.Name+`\(`, false) {
			t.Errorf("no transcript uses %s", f.Name)
		}
		if !slices.Contains(never, f.Name) && !used(`\b`+f.Name+`\(`, true) {
			t.Errorf("no transcript has an error of %s", f.Name)
		}
	}
	for _, k := range session.Kinds() {
		for _, name := range k.Names() {
			if !used(`\.`+name+`\b`, false) {
				t.Errorf("no transcript uses .%s of a %s", name, k.Name)
			}
		}
	}
}

func ExampleFunctions() {
	for _, f := range session.Functions(nil)[:2] {
		fmt.Println(f.Signature())
	}
	// Output:
	// dataset(name, split="test", folder=None, classes=None, channels=None)
	// classifier(arch, data=None, seed=0)
}
