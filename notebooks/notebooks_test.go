package notebooks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothlab/internal/jupytertest"
	"smoothlab/internal/testengine"
	"smoothlab/internal/testreference"
)

var update = flag.Bool("update", false, "execute the notebooks, and keep their outputs")

// notebook has the parts of a notebook that the tests use.
type notebook struct {
	Cells []struct {
		Type    string   `json:"cell_type"`
		Source  []string `json:"source"`
		Count   *int     `json:"execution_count"`
		Outputs []output `json:"outputs"`
	} `json:"cells"`
	Metadata struct {
		Kernel struct {
			Name string `json:"name"`
		} `json:"kernelspec"`
		Smoothlab struct {
			Executed string `json:"executed"` // digest of the cells that produced the outputs
		} `json:"smoothlab"`
	} `json:"metadata"`
}

type output struct {
	Type string         `json:"output_type"`
	Name string         `json:"name"`
	Text lines          `json:"text"`
	Data map[string]any `json:"data"`
}

// lines are a text, or a list of its lines.
type lines string

func (l *lines) UnmarshalJSON(data []byte) error {
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		return json.Unmarshal(data, (*string)(l))
	}
	*l = lines(strings.Join(list, ""))
	return nil
}

func read(t *testing.T, path string) notebook {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var n notebook
	if err := json.Unmarshal(data, &n); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return n
}

// digest returns a digest of the code alone, so that text can be changed without executing the notebook.
func (n notebook) digest() string {
	hash := sha256.New()
	for _, c := range n.Cells {
		if c.Type == "code" {
			hash.Write([]byte(strings.Join(c.Source, "") + "\x00"))
		}
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}

// answers returns the output of each cell: the texts of its streams, without numbers, then the kinds of other outputs.
// Repeated lines are listed once, because the number of progress reports depends on the machine. Streams come first,
// because in GoNB they and displays go through two pipes.
func (n notebook) answers() []string {
	var list []string
	for _, c := range n.Cells {
		streams, others := map[string]string{}, ""
		for _, o := range c.Outputs {
			if o.Type == "stream" {
				streams[o.Name] += string(o.Text)
				continue
			}
			others += o.Type + o.Name + strings.Join(
				slices.Sorted(maps.Keys(o.Data)),
				" ",
			) + masked(
				string(o.Text),
			) + "\n"
		}
		answer := ""
		for _, name := range slices.Sorted(maps.Keys(streams)) {
			answer += name + ":\n" + strings.Join(slices.Compact(strings.Split(masked(streams[name]), "\n")), "\n")
		}
		list = append(list, answer+others)
	}
	return list
}

// collapse matches a note that depends on how well a classifier was trained, and so on the number of images.
var collapse = regexp.MustCompile(`(?m)^note: all [0-9]+ predictions are class .*\n?`)

var numbers = regexp.MustCompile(
	`\b[0-9a-f]{8}\b|under a second|[0-9.]+ s\b|[0-9]+m[0-9]+s|[-−+]?[0-9][0-9,]*(\.[0-9]+)?(e[-+]?[0-9]+)?| +|inside|outside`,
)

func masked(text string) string {
	return numbers.ReplaceAllString(collapse.ReplaceAllString(text, ""), "#")
}

// all returns the notebooks of a kernel.
func all(t *testing.T, kernel string) []string {
	t.Helper()
	paths, err := filepath.Glob("*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	paths = slices.DeleteFunc(paths, func(p string) bool { return read(t, p).Metadata.Kernel.Name != kernel })
	if len(paths) == 0 {
		t.Fatalf("there are no notebooks of %s", kernel)
	}
	return paths
}

// The committed outputs belong to the present cells.
func TestNotStale(t *testing.T) {
	if *update {
		t.Skip("they are about to be executed")
	}
	for _, path := range append(all(t, "smoothlab"), all(t, "gonb")...) {
		n := read(t, path)
		if n.Metadata.Smoothlab.Executed != n.digest() {
			t.Errorf("%s was changed since it was executed: go test ./notebooks -update", path)
		}
		for i, c := range n.Cells {
			if c.Type == "code" && c.Count == nil {
				t.Errorf("%s: cell %d was never executed", path, i)
			}
		}
	}
}

// The notebooks of smoothlab's kernel run from the first cell to the last, and give the committed answers.
func TestOurs(t *testing.T) {
	bin, environ := jupytertest.Environment(t), jupytertest.Install(t, jupytertest.Program(t))
	data, cifar := dataDir(t)
	for _, path := range all(t, "smoothlab") {
		t.Run(strings.TrimSuffix(path, ".ipynb"), func(t *testing.T) {
			if path == "paper_cifar10.ipynb" && !cifar {
				t.Skipf("needs cifar10-subset below the directory that %s names", testreference.DataVariable)
			}
			workDir := t.TempDir()
			if path == "network.ipynb" { // the file that it imports
				net, err := os.ReadFile("thin_resnet.onnx")
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(workDir, "thin_resnet.onnx"), net, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			execute(t, bin, append(environ, "SMOOTHLAB_DATA="+data), path, workDir)
		})
	}
}

// GoNB's notebooks run with the GoNB, goimports and gopls that go.mod names. Each has a session that its first cell
// starts, and that ends with it.
func TestGoNB(t *testing.T) {
	bin, smoothlab := jupytertest.Environment(t), jupytertest.Program(t)
	tools := t.TempDir()
	programs := []string{"github.com/janpfeifer/gonb", "golang.org/x/tools/cmd/goimports"}
	if out, err := exec.Command("go", append([]string{"build", "-o", tools}, programs...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	environ := append(
		jupytertest.Install(t, smoothlab),
		"PATH="+strings.Join(
			[]string{tools, filepath.Dir(smoothlab), os.Getenv("PATH")},
			string(filepath.ListSeparator),
		),
		"GOFLAGS=-ldflags=-w", // each cell is linked: without debugging information that takes half the time
	)
	// --force_deps does without gopls, which is for completion only and takes a minute to build.
	install := exec.Command(filepath.Join(tools, "gonb"), "--install", "--force_deps")
	install.Env = environ
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("gonb --install: %v\n%s", err, out)
	}
	// The first cells ask git for the clone, so the directory is within it.
	workDir, err := os.MkdirTemp(".", ".executed-") //nolint:usetesting // t.TempDir is outside the clone
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(workDir)
	for _, path := range all(t, "gonb") {
		t.Run(strings.TrimSuffix(path, ".ipynb"), func(t *testing.T) { execute(t, bin, environ, path, workDir) })
	}
}

// dataDir holds the published logs and a part of CIFAR-10, as far as SMOOTHLAB_REFERENCE and SMOOTHLAB_DATA name them.
func dataDir(t *testing.T) (dir string, cifar bool) {
	t.Helper()
	dir = t.TempDir()
	link := func(name, variable string, elem ...string) bool {
		base := os.Getenv(variable)
		if base == "" {
			return false
		}
		from, err := filepath.Abs(filepath.Join(append([]string{base}, elem...)...))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(from); err != nil {
			return false
		}
		if err := os.Symlink(from, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		return true
	}
	link("logs", testreference.ReferenceVariable, "logs")
	return dir, link("cifar10", testreference.DataVariable, "cifar10-subset")
}

// size determines whether notebooks are executed as they are or with fewer images; the answers differ only in numbers.
func size() string {
	if *update || testengine.All() {
		return "whole"
	}
	return "small"
}

// execute runs a notebook in a directory.
func execute(t *testing.T, bin string, environ []string, path, workDir string) {
	t.Helper()
	source, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if workDir, err = filepath.Abs(workDir); err != nil {
		t.Fatal(err)
	}
	result := filepath.Join(t.TempDir(), "executed.ipynb")
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
	defer stop()
	cmd := exec.CommandContext(
		ctx,
		filepath.Join(bin, "python"),
		filepath.Join("testdata", "execute.py"),
		source,
		result,
		workDir,
		read(t, path).digest(),
		size(),
	)
	cmd.Env, cmd.WaitDelay = environ, 10*time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if *update {
		data, err := os.ReadFile(result)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	was, now := read(t, path), read(t, result)
	for i, answer := range now.answers() {
		// reference().logs(optional=True) says so where the authors' logs are not at hand and cannot be downloaded.
		if strings.Contains(answer, "skipping#the#authors'#logs") && os.Getenv(testreference.ReferenceVariable) == "" {
			t.Logf("cell %d was executed without the authors' logs; its answer is not compared", i)
			continue
		}
		if want := was.answers()[i]; answer != want {
			t.Errorf(
				"cell %d answers\n%s\nand it was\n%s\nif that is meant: go test ./notebooks -update",
				i,
				answer,
				want,
			)
		}
	}
}
