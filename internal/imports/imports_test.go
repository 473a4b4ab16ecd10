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
	"noise":                     {},
	"noise/draw":                {"noise"},
	"engine":                    {"internal/pjrt"},
	"dataset":                   {"internal/fetch", "internal/nearest", "internal/userdata"},
	"classifier":                {"internal/nearest", "internal/wholefile", "noise"},
	"smoothmix":                 {"classifier", "dataset", "engine", "internal/lockfile", "internal/nearest", "noise", "noise/draw"},
	"certify":                   {"internal/figure", "internal/nearest", "internal/number", "internal/wholefile", "noise"},
	"certify/paper":             {"certify", "internal/fetch", "internal/nearest", "internal/userdata"},
	"robust":                    {"certify", "certify/votes", "classifier", "dataset", "engine", "noise", "noise/draw", "robust/scores", "smoothmix"},
	"robust/scores":             {},
	"certify/votes":             {"certify", "classifier", "dataset", "engine", "noise", "noise/draw"},
	"cmd/smoothlab":             {"certify", "classifier", "dataset", "engine", "internal/doctor", "internal/pjrt", "internal/quickstart", "internal/userdata", "kernel", "kernel/report", "repl"},
	"kernel":                    {"certify", "certify/paper", "certify/votes", "classifier", "dataset", "engine", "internal/nearest", "internal/number", "internal/wholefile", "kernel/language", "kernel/report", "robust", "smoothmix"},
	"kernel/report":             {"certify", "internal/figure", "internal/number"},
	"kernel/language":           {"internal/nearest", "kernel/report"},
	"repl":                      {"internal/lockfile", "internal/number", "kernel/report"},
	"internal/doctor":           {"internal/pjrt"},
	"internal/fetch":            {"internal/lockfile"},
	"internal/lockfile":         {},
	"internal/figure":           {},
	"internal/imports":          {},
	"internal/lists":            {"classifier", "dataset", "internal/quickstart", "kernel", "kernel/language", "smoothmix"},
	"internal/nearest":          {},
	"internal/number":           {},
	"internal/pjrt":             {"internal/fetch", "internal/nearest", "internal/userdata"},
	"internal/userdata":         {},
	"internal/quickstart":       {"certify", "certify/votes", "classifier", "dataset", "engine", "internal/nearest", "internal/wholefile", "smoothmix"},
	"internal/testengine":       {"engine"},
	"internal/wholefile":        {},
	"dataset/internal/makemini": {"dataset"},
}

// withoutGoMLX are the packages that must be cheap to link: statistics, data and vocabulary.
var withoutGoMLX = []string{"certify", "dataset", "noise", "internal/fetch", "internal/nearest", "internal/wholefile", "kernel/report", "robust/scores"}

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
