// Package archtest holds the test that keeps imports pointing one way (docs/architecture.md).
package archtest

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
	"bench": {
		"baseline",
		"certify",
		"certify/votes",
		"classifier",
		"dataset",
		"engine",
		"figure",
		"internal/atomicfile",
		"internal/texttable",
		"method",
		"noise",
		"noise/draw",
		"smoothing",
		"smoothmix",
		"train",
	},
	"noise":      {},
	"noise/draw": {"noise"},
	"smoothing":  {},
	"figure":     {"internal/atomicfile", "internal/humanize", "internal/latex", "internal/suggest"},
	"engine":     {"internal/humanize", "internal/memory", "internal/pjrt"},
	"dataset": {
		"internal/atomicfile",
		"internal/datadir",
		"internal/fetch",
		"internal/humanize",
		"internal/lfs",
		"internal/memory",
		"internal/npz",
		"internal/pickle",
		"internal/suggest",
		"noise",
	},
	"classifier": {
		"classifier/onnx",
		"classifier/vjp",
		"classifier/weights",
		"internal/suggest",
		"internal/humanize",
		"internal/lfs",
		"internal/atomicfile",
		"noise",
	},
	"classifier/external":    {},
	"classifier/onnx":        {"classifier/vjp"},
	"classifier/onnxruntime": {"classifier/onnx", "internal/await", "internal/datadir", "internal/wheel"},
	"classifier/vjp":         {},
	"classifier/weights":     {"internal/npz", "internal/pickle", "internal/atomicfile", "internal/lfs"},
	"baseline":               {"certify", "method", "smoothmix", "smoothing"},
	"method": {
		"classifier",
		"internal/humanize",
		"internal/suggest",
		"noise",
		"noise/draw",
		"smoothing",
	},
	"train": {
		"baseline",
		"classifier",
		"dataset",
		"engine",
		"internal/atomicfile",
		"internal/humanize",
		"internal/lockfile",
		"internal/stepgraph",
		"internal/suggest",
		"internal/tfevents",
		"method",
		"noise",
		"noise/draw",
		"smoothmix",
		"smoothing",
	},
	"walk": {
		"classifier",
		"dataset",
		"engine",
		"internal/stepgraph",
		"method",
		"noise/draw",
		"smoothmix",
		"train",
		"smoothing",
	},
	"internal/stepgraph": {"classifier", "dataset", "engine", "internal/suggest", "method", "noise/draw", "smoothing"},
	"internal/steptest": {
		"classifier",
		"dataset",
		"engine",
		"internal/stepgraph",
		"internal/testengine",
		"internal/testreference",
		"method",
		"noise",
	},
	"smoothmix": {"method"},
	"certify": {
		"figure",
		"internal/atomicfile",
		"internal/humanize",
		"internal/lfs",
		"internal/lockfile",
		"internal/latex",
		"internal/suggest",
		"internal/texttable",
		"internal/textwidth",
		"noise",
		"smoothing",
	},
	"certify/paper": {
		"certify",
		"internal/datadir",
		"internal/fetch",
		"internal/humanize",
		"internal/suggest",
		"smoothing",
	},
	"certify/votes": {"certify", "classifier", "dataset", "engine", "noise", "noise/draw", "smoothing"},
	"certify/softlabel": {
		"certify",
		"dataset",
		"internal/atomicfile",
		"internal/datadir",
		"internal/humanize",
		"internal/lockfile",
		"noise",
		"smoothing",
	},
	"evaluation": {
		"certify",
		"certify/votes",
		"classifier",
		"dataset",
		"engine",
		"noise",
		"smoothing",
	},
	"robust": {
		"certify",
		"certify/votes",
		"classifier",
		"dataset",
		"engine",
		"method",
		"noise",
		"noise/draw",
		"robust/scores",
		"smoothing",
		"smoothmix",
	},
	"cmd/smoothlab": {
		"certify",
		"classifier",
		"classifier/external",
		"classifier/onnx",
		"classifier/onnxruntime",
		"dataset",
		"engine",
		"internal/atomicfile",
		"internal/datadir",
		"internal/doctor",
		"internal/memory",
		"internal/pjrt",
		"internal/selfcheck",
		"kernel",
		"kernel/client",
		"kernel/wire",
		"papertable",
		"quickstart",
		"repl",
		"report",
		"session",
		"smoothing",
		"zoo",
	},
	"session": {
		"certify",
		"certify/paper",
		"certify/softlabel",
		"certify/votes",
		"classifier",
		"classifier/external",
		"classifier/onnx",
		"classifier/onnxruntime",
		"columns",
		"dataset",
		"engine",
		"evaluation",
		"figure",
		"internal/atomicfile",
		"internal/glossary",
		"internal/humanize",
		"internal/memory",
		"internal/suggest",
		"language",
		"language/bounded",
		"method",
		"papertable",
		"report",
		"robust",
		"session/losstape",
		"smoothing",
		"smoothmix",
		"sweep",
		"train",
		"walk",
		"zoo",
	},
	"sweep": {
		"certify",
		"certify/votes",
		"classifier",
		"dataset",
		"engine",
		"internal/atomicfile",
		"method",
		"smoothing",
		"train",
	},
	"papertable": {
		"certify",
		"certify/paper",
		"certify/softlabel",
		"certify/votes",
		"classifier",
		"dataset",
		"engine",
		"internal/atomicfile",
		"internal/humanize",
		"internal/suggest",
		"method",
		"smoothing",
		"sweep",
		"train",
		"zoo",
	},
	"zoo":              {"certify", "classifier", "internal/suggest", "smoothing"},
	"session/losstape": {"internal/suggest", "language", "method", "smoothmix"},
	"columns":          {"internal/atomicfile", "internal/npz", "internal/suggest"},
	"report": {
		"certify",
		"columns",
		"figure",
		"internal/humanize",
		"internal/texttable",
		"internal/textwidth",
		"smoothing",
	},
	"language": {
		"internal/humanize",
		"internal/memory",
		"internal/suggest",
		"language/bounded",
		"report",
	},
	"language/bounded": {"internal/humanize", "internal/memory", "internal/suggest"},
	"kernel/wire":      {"internal/atomicfile", "kernel/wire/zmtp"},
	"kernel/wire/zmtp": {},
	"kernel/comm":      {},
	"kernel/widget":    {"kernel/comm"},
	"kernel": {
		"internal/lockfile",
		"internal/atomicfile",
		"internal/humanize",
		"report",
		"kernel/comm",
		"kernel/widget",
		"kernel/wire",
		"kernel/wire/zmtp",
	},
	"kernel/internal/makelogo": {},
	"kernel/client":            {"internal/lockfile", "kernel", "report", "kernel/wire", "kernel/wire/zmtp"},
	"repl":                     {"internal/humanize", "internal/textwidth", "internal/wakeable", "repl/lineedit", "report"},
	"repl/lineedit": {
		"internal/atomicfile",
		"internal/lockfile",
		"internal/texttable",
		"internal/textwidth",
		"internal/wakeable",
		"report",
	},
	"dataset/internal/makemini": {"dataset"},
	"deploy":                    {},
	"deploy/simulate":           {"certify", "internal/texttable"},
	"internal/doctor":           {"internal/pjrt", "internal/texttable"},
	"internal/tfevents":         {"internal/atomicfile"},
	"internal/fetch":            {"internal/atomicfile", "internal/lockfile"},
	"internal/latex":            {},
	"internal/archtest":         {},
	"notebooks":                 {},
	"internal/jupytertest":      {"internal/pythonenv"},
	"internal/pythonenv":        {"internal/lockfile"},
	"internal/readertest":       {},
	"internal/glossary":         {},
	"internal/docgen": {
		"classifier",
		"classifier/onnx",
		"dataset",
		"internal/glossary",
		"internal/humanize",
		"language",
		"method",
		"papertable",
		"quickstart",
		"session",
		"train",
		"zoo",
	},
	"internal/lockfile":  {"internal/atomicfile"},
	"internal/suggest":   {},
	"internal/npz":       {},
	"internal/lfs":       {},
	"internal/memory":    {},
	"internal/prosetest": {},
	"internal/pickle":    {},
	"internal/humanize":  {},
	"internal/pjrt": {
		"internal/await",
		"internal/datadir",
		"internal/pjrt/capi",
		"internal/programs",
		"internal/suggest",
		"internal/wheel",
	},
	"internal/pjrt/capi": {},
	"internal/wheel":     {"internal/await", "internal/fetch"},
	"internal/programs":  {},
	"quickstart": {
		"baseline",
		"certify",
		"certify/votes",
		"classifier",
		"dataset",
		"engine",
		"internal/atomicfile",
		"internal/suggest",
		"method",
		"smoothmix",
		"train",
		"smoothing",
	},
	"internal/selfcheck": {
		"baseline",
		"certify/votes",
		"classifier",
		"dataset",
		"engine",
		"method",
		"noise",
		"robust",
		"smoothmix",
		"smoothing",
		"train",
		"walk",
	},
	"internal/testengine":      {"engine"},
	"internal/onnxruntimetest": {"classifier", "classifier/onnx", "classifier/onnxruntime", "internal/fetch"},
	"internal/classifiertest":  {"classifier", "classifier/weights", "engine", "internal/testengine"},
	"internal/testreference":   {},
	"internal/toylanguage":     {"report"},
	"internal/terminaltest":    {"report"},
	"internal/texttable":       {"internal/textwidth"},
	"internal/textwidth":       {},
	"internal/toyserver":       {},
	"internal/wakeable":        {},
	"internal/await":           {},
	"internal/datadir":         {},
	"internal/atomicfile":      {"internal/suggest"},
	"internal/faulttest":       {},
	"robust/scores":            {},
}

// withoutGoMLX lists the packages that must be cheap to link: statistics, data and vocabulary.
var withoutGoMLX = []string{
	"certify",
	"dataset",
	"noise",
	"smoothing",
	"classifier/external",
	"classifier/weights",
	"internal/fetch",
	"internal/suggest",
	"internal/atomicfile",
	"kernel/client",
	"kernel",
	"language",
	"report",
	"kernel/wire",
	"repl",
	"repl/lineedit",
	"robust/scores",
}

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
			t.Errorf("package %s is in no room: add it to the list, and to docs/architecture.md", room)
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
