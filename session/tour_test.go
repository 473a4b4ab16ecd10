package session_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the answers in the README's tour")

const (
	tourBegins = "<!-- tour: what is typed is run, and the answers are written, by `go test ./session -run Tour -update` -->\n```python\n"
	tourEnds   = "```\n<!-- end of the tour -->\n"
)

// The README's tour is run. Its numbers may differ between machines; everything else must be the same.
func TestTour(t *testing.T) {
	path, err := filepath.Abs(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(readme), tourBegins)
	was, after, ok2 := strings.Cut(rest, tourEnds)
	if !ok || !ok2 {
		t.Fatal("README.md has no marks around its tour")
	}
	t.Chdir(t.TempDir())
	s := newSession(t, nil)
	var now strings.Builder
	for _, typed := range prompted(was) {
		if typed == "" {
			now.WriteString("\n")
			continue
		}
		now.WriteString(">>> " + strings.ReplaceAll(typed, "\n", "\n... ") + "\n" + evaluate(t, s, typed))
	}
	if strings.Contains(now.String(), "error") {
		t.Errorf("something fails in the tour:\n%s", now.String())
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+tourBegins+now.String()+tourEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, want := strings.Split(masked(now.String()), "\n"), strings.Split(masked(was), "\n")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf(
				"the README's tour differs at its line %d; if that is meant, go test ./session -run Tour -update. Now it is\n%s",
				i+1,
				now.String(),
			)
		}
	}
}

// prompted are the items of a tour; an empty one is an empty line between two.
func prompted(tour string) []string {
	var items []string
	for line := range strings.Lines(tour) {
		line = strings.TrimSuffix(line, "\n")
		if source, ok := strings.CutPrefix(line, ">>> "); ok {
			items = append(items, source)
		} else if more, ok := strings.CutPrefix(line, "... "); ok {
			items[len(items)-1] += "\n" + more
		} else if line == "" && len(items) > 0 {
			items = append(items, "")
		}
	}
	return items
}

var (
	times   = regexp.MustCompile(`under a second|[0-9.]+ s\b|[0-9]+m[0-9]+s|([0-9]+ h )?[0-9]+ min`)
	numbers = regexp.MustCompile(`[-−+]?[0-9][0-9,]*(\.[0-9]+)?(e[-+]?[0-9]+)?`)
	spaces  = regexp.MustCompile(` +`)
)

// masked is a text without its times and numbers, and without the alignment that depends on them.
func masked(text string) string {
	return spaces.ReplaceAllString(numbers.ReplaceAllString(times.ReplaceAllString(text, "#"), "#"), " ")
}
