package deploy

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the files into docs/clusters.md")

// shown matches a file in the page: a comment with its name, the file, and a comment that ends it.
var shown = regexp.MustCompile(`(?s)<!-- (deploy/\S+) -->\n.*?<!-- end -->`)

// The page shows every file as it is.
func TestPageShowsTheFiles(t *testing.T) {
	const path = "../docs/clusters.md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	want := shown.ReplaceAllFunc(page, func(block []byte) []byte {
		name := string(shown.FindSubmatch(block)[1])
		seen[name] = true
		content, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		return []byte("<!-- " + name + " -->\n```" + language(name) + "\n" + string(content) + "```\n<!-- end -->")
	})
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(page, want) {
		t.Error("the page and the files differ: go test ./deploy -update")
	}
	for _, pattern := range []string{"*.star", "slurm/submit", "slurm/*.sbatch", "kubernetes/Dockerfile", "kubernetes/*.yaml"} {
		files, _ := filepath.Glob(pattern)
		if len(files) == 0 {
			t.Errorf("there is no %s", pattern)
		}
		for _, f := range files {
			if !seen["deploy/"+f] {
				t.Errorf("the page does not show %s", f)
			}
		}
	}
}

// language returns the language with which a file's block is marked in the page.
func language(name string) string {
	switch filepath.Ext(name) {
	case ".star":
		return "python"
	case ".yaml":
		return "yaml"
	case "":
		if filepath.Base(name) == "Dockerfile" {
			return "dockerfile"
		}
	}
	return "bash"
}

// Shell scripts can be parsed and, if shellcheck is installed, pass it.
func TestShellScripts(t *testing.T) {
	scripts, _ := filepath.Glob("slurm/*")
	scripts = append(scripts, "kubernetes/check", "workbench/setup")
	if len(scripts) < 5 {
		t.Fatalf("too few scripts: %v", scripts)
	}
	checks := [][]string{{"bash", "-n"}}
	if _, err := exec.LookPath("shellcheck"); err == nil {
		checks = append(checks, []string{"shellcheck"})
	}
	for _, script := range scripts {
		for _, check := range checks {
			if out, err := exec.Command(check[0], append(check[1:], script)...).CombinedOutput(); err != nil {
				t.Errorf("%s %s: %v\n%s", strings.Join(check, " "), script, err, out)
			}
		}
	}
}
