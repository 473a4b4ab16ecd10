package docgen

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smoothlab/zoo"
)

var update = flag.Bool("update", false, "rewrite the README's lists")

const begin, end = "<!-- lists: generated from the code by `go test ./internal/docgen -update` -->\n", "<!-- end of lists -->"

const paperBegin, paperEnd = "<!-- paper table: generated from zoo/rows by `go test ./internal/docgen -update` -->\n", "<!-- end of paper table -->"

// The README's tables are the code's lists.
func TestReadmeListsWhatThereIs(t *testing.T) { between(t, begin, end, Markdown()) }

// The README's table of the paper shows the committed rows.
func TestReadmeShowsThePaperTable(t *testing.T) {
	z, err := zoo.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	text, err := PaperTable(z)
	if err != nil {
		t.Fatal(err)
	}
	between(t, paperBegin, paperEnd, text)
}

// The README's Go program is the example of package train.
func TestReadmeShowsTheExample(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "train", "example_package_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	_, program, ok := strings.Cut(string(data), "func run(")
	if !ok {
		t.Fatal("train's example has no function run")
	}
	between(t, "<!-- example: `func run` of train/example_package_test.go, by `go test ./internal/docgen -update` -->\n",
		"<!-- end of example -->", "```go\nfunc run("+program+"```\n")
}

// between compares, or updates, the part of the README between two marks.
func between(t *testing.T, begin, end, want string) {
	t.Helper()
	path := filepath.Join("..", "..", "README.md")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	was, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("README.md does not have the marks %q and %q", begin, end)
	}
	if was == want {
		return
	}
	if !*update {
		t.Fatalf("README.md is out of date after %q: run go test ./internal/docgen -update", begin)
	}
	if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The page about networks lists the operations that are supported.
func TestNetworksPageListsOperations(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "networks.md")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	was, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/networks.md has no marks around its list")
	}
	if was == Operations() {
		return
	}
	if !*update {
		t.Fatal("docs/networks.md does not list the code's operations: run go test ./internal/docgen -update")
	}
	if err := os.WriteFile(path, []byte(before+begin+Operations()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The generated pages are up to date.
func TestPages(t *testing.T) {
	z, err := zoo.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	paper, err := PaperPage(z)
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{
		"reference.md": Reference(), "recipes.md": Recipes(), "table.md": paper, "glossary.md": Glossary(),
	}
	for name, text := range pages {
		path := filepath.Join("..", "..", "docs", name)
		was, err := os.ReadFile(path)
		if err != nil && !*update {
			t.Fatal(err)
		}
		if string(was) == text {
			continue
		}
		if !*update {
			t.Fatalf("docs/%s is not the code's: run go test ./internal/docgen -update", name)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
