package prosetest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

const maxColumns = 120

// sources lists the repository's files of one kind, less test data and generated pages.
func sources(t *testing.T, suffix string) []string {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "*"+suffix)
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("not a git checkout: %v", err)
	}
	var files []string
	for file := range strings.FieldsSeq(string(out)) {
		if strings.Contains(file, "testdata/") || strings.HasPrefix(file, "internal/prosetest/") {
			continue
		}
		if _, err := os.Stat(filepath.Join(cmd.Dir, file)); err == nil {
			files = append(files, file)
		}
	}
	return files
}

// check reports the patterns that a text has, at a place.
func check(t *testing.T, place, text string) {
	t.Helper()
	for _, p := range patterns {
		for _, m := range p.re.FindAllStringSubmatch(text, -1) {
			if strings.Join(m[1:], "") != "" {
				continue
			}
			t.Errorf("%s: %q; write: %s", place, m[0], p.instead)
		}
	}
}

// Comments, and the strings and names of the program without its tests.
func TestGoProse(t *testing.T) {
	for _, file := range sources(t, ".go") {
		test := strings.HasSuffix(file, "_test.go")
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, filepath.Join("..", "..", file), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		place := func(pos token.Pos) string { return fmt.Sprintf("%s:%d", file, fset.Position(pos).Line) }
		for _, group := range tree.Comments {
			check(t, place(group.Pos()), strings.Join(strings.Fields(withoutCode(group.Text())), " "))
		}
		if test {
			continue
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
					check(t, place(n.Pos()), text)
				}
			case *ast.Ident:
				for _, p := range names {
					if n.Obj != nil && n.Obj.Pos() == n.Pos() && p.re.MatchString(n.Name) {
						t.Errorf("%s: name %s; write: %s", place(n.Pos()), n.Name, p.instead)
					}
				}
			}
			return true
		})
	}
}

var code = regexp.MustCompile("(?s)```.*?```|`[^`]*`")

func TestPages(t *testing.T) {
	for _, file := range sources(t, ".md") {
		data, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		text := code.ReplaceAllStringFunc(
			string(data),
			func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) },
		)
		for i, line := range strings.Split(text, "\n") {
			check(t, fmt.Sprintf("%s:%d", file, i+1), line)
		}
	}
}

// tableRow matches a row of a table in a test: a composite literal, or a line with strings.
var tableRow = regexp.MustCompile(`^\s*(\{|.*\{".*\},?$|"[^"]*":|.*".{10,}"|.*\{[^{}]*,[^{}]*,|.*\(.*,.*\{|.*\}, \{|\s*// )`)

// withoutCode drops the indented lines of a comment, which are code.
func withoutCode(comment string) string {
	var b strings.Builder
	for line := range strings.Lines(comment) {
		if !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, "    ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// Lines of code and prose end by column 120. Struct tags, long strings, tables and links cannot be broken, nor are the
// rows of a test's table, or the tables of generated pages.
func TestColumns(t *testing.T) {
	unbreakable := regexp.MustCompile("`[^`]{40,}|\"[^\"]{40,}|^\\s*\\||\\]\\(|https?://|^<|^//go:")
	for _, suffix := range []string{".go", ".md"} {
		for _, file := range sources(t, suffix) {
			data, err := os.ReadFile(filepath.Join("..", "..", file))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(data[:min(len(data), 2000)], []byte("go test ./internal/docgen -update")) {
				continue // generated from tags, which are not broken
			}
			fenced := false
			for i, line := range bytes.Split(data, []byte("\n")) {
				if suffix == ".md" && bytes.HasPrefix(bytes.TrimSpace(line), []byte("```")) {
					fenced = !fenced
				}
				width := utf8.RuneCount(line) + 3*bytes.Count(line, []byte("\t"))
				row := strings.HasSuffix(file, "_test.go") && tableRow.Match(line)
				if width > maxColumns && !fenced && !row && !unbreakable.Match(line) {
					t.Errorf("%s:%d: %d columns", file, i+1, width)
				}
			}
		}
	}
}
