// Package imports holds the test that keeps imports pointing one way (docs/design.md §2).
package imports

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "smoothlab/"

// rooms lists, for every package, the packages of this module that its non-test files may import. A new package needs a
// line here, and the line is the place to think about it.
var rooms = map[string][]string{
	"bench":                            {"certify", "certify/votes", "classifier", "dataset", "engine", "noise", "smoothmix"},
	"noise":                            {},
	"noise/draw":                       {"noise"},
	"engine":                           {"internal/pjrt"},
	"dataset":                          {"internal/fetch", "internal/nearest", "internal/npz", "internal/userdata", "internal/wholefile", "noise"},
	"classifier":                       {"classifier/foreign", "internal/nearest", "internal/number", "internal/wholefile", "noise"},
	"classifier/foreign":               {"internal/npz", "internal/wholefile"},
	"smoothmix":                        {"classifier", "dataset", "engine", "internal/lockfile", "internal/nearest", "internal/wholefile", "noise", "noise/draw"},
	"certify":                          {"internal/figure", "internal/nearest", "internal/number", "internal/wholefile", "noise"},
	"certify/paper":                    {"certify", "internal/fetch", "internal/nearest", "internal/userdata"},
	"certify/votes":                    {"certify", "classifier", "dataset", "engine", "noise", "noise/draw"},
	"robust":                           {"certify", "certify/votes", "classifier", "dataset", "engine", "noise", "noise/draw", "robust/scores", "smoothmix"},
	"cmd/smoothlab":                    {"certify", "classifier", "dataset", "engine", "internal/doctor", "internal/pjrt", "internal/quickstart", "internal/userdata", "kernel", "kernel/client", "kernel/jupyter", "kernel/report", "kernel/wire", "repl"},
	"kernel":                           {"certify", "certify/paper", "certify/votes", "classifier", "dataset", "engine", "internal/nearest", "internal/number", "internal/wholefile", "kernel/language", "kernel/report", "kernel/traced", "robust", "smoothmix"},
	"kernel/traced":                    {"internal/nearest", "kernel/language", "smoothmix"},
	"kernel/report":                    {"certify", "internal/figure", "internal/number"},
	"kernel/language":                  {"internal/memory", "internal/nearest", "kernel/report", "language/bounded"},
	"language/bounded":                 {"internal/memory", "internal/nearest", "internal/number"},
	"internal/memory":                  {},
	"kernel/wire":                      {"internal/wholefile", "kernel/wire/zmtp"},
	"kernel/wire/zmtp":                 {},
	"kernel/jupyter":                   {"internal/lockfile", "internal/wholefile", "kernel/report", "kernel/wire"},
	"kernel/jupyter/internal/makelogo": {},
	"kernel/client":                    {"internal/lockfile", "kernel/jupyter", "kernel/report", "kernel/wire", "kernel/wire/zmtp"},
	"repl":                             {"internal/lockfile", "internal/number", "kernel/report"},
	"dataset/internal/makemini":        {"dataset"},
	"deploy":                           {},
	"internal/doctor":                  {"internal/pjrt"},
	"internal/fetch":                   {"internal/lockfile"},
	"internal/figure":                  {},
	"internal/imports":                 {},
	"notebooks":                        {},
	"internal/jupytertest":             {"internal/lockfile"},
	"internal/lists":                   {"classifier", "dataset", "internal/quickstart", "kernel", "kernel/language", "smoothmix"},
	"internal/lockfile":                {"internal/wholefile"},
	"internal/nearest":                 {},
	"internal/npz":                     {},
	"internal/number":                  {},
	"internal/pjrt":                    {"internal/fetch", "internal/nearest", "internal/userdata"},
	"internal/quickstart":              {"certify", "certify/votes", "classifier", "dataset", "engine", "internal/nearest", "internal/wholefile", "smoothmix"},
	"internal/testengine":              {"engine"},
	"internal/toylanguage":             {"kernel/report"},
	"internal/userdata":                {},
	"internal/wholefile":               {"internal/nearest"},
	"robust/scores":                    {},
}

// withoutGoMLX are the packages that must be cheap to link: statistics, data and vocabulary.
var withoutGoMLX = []string{"certify", "dataset", "noise", "classifier/foreign", "internal/fetch", "internal/nearest", "internal/wholefile", "kernel/client", "kernel/jupyter", "kernel/language", "kernel/report", "kernel/wire", "repl", "robust/scores"}

type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func list(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Dir = "../.."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); err == io.EOF {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func TestImportsPointOneWay(t *testing.T) {
	for _, p := range list(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		allowed, known := rooms[room]
		if !known {
			t.Errorf("package %s is in no room: add it to the list, and to docs/design.md §2", room)
		}
		for _, i := range p.Imports {
			if other, ours := strings.CutPrefix(i, module); ours && !slices.Contains(allowed, other) {
				t.Errorf("%s imports %s, which it may not", room, other)
			}
		}
	}
}

func TestCheapPackagesLinkNoGoMLX(t *testing.T) {
	checked := 0
	for _, p := range list(t) {
		if !slices.Contains(withoutGoMLX, strings.TrimPrefix(p.ImportPath, module)) {
			continue
		}
		checked++
		for _, d := range p.Deps {
			if strings.HasPrefix(d, "github.com/gomlx/") {
				t.Errorf("%s links %s", p.ImportPath, d)
				break
			}
		}
	}
	if checked != len(withoutGoMLX) {
		t.Errorf("%d of %d packages were found", checked, len(withoutGoMLX))
	}
}
