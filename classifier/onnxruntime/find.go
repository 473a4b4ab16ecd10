package onnxruntime

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"smoothlab/internal/datadir"
	"smoothlab/internal/wheel"
)

// Variable names a file of the library, in place of the one that is installed.
const Variable = "SMOOTHLAB_ONNXRUNTIME"

// ErrNotInstalled is the error of Find where the library is not there and Open would install it.
var ErrNotInstalled = errors.New("ONNX Runtime is not installed yet")

// ownName is the library's file name in our own directory.
const ownName = "libonnxruntime.so"

// library describes the file.
var library = wheel.Library{
	Name:      "ONNX Runtime",
	Kind:      "ONNX Runtime",
	Member:    "libonnxruntime.so.*",
	Symbol:    "OrtGetApiBase",
	Variable:  Variable,
	Megabytes: 70,
}

// wheelFor returns the wheel for an operating system and architecture of Go. Those for other versions of Python hold
// the same library.
func wheelFor(platform string) (wheel.Wheel, error) {
	w := wheel.Wheel{Project: "onnxruntime", Version: "1.32.0"}
	switch platform {
	case "linux/amd64":
		w.Name = "onnxruntime-1.32.0-cp311-cp311-manylinux_2_28_x86_64.whl"
		w.SHA256 = "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d"
		w.URL = wheel.Host + "1d/46/e6f356c9539d2eed44126de3421a81e217da2ad91b22dc11b379cb1e384f/" + w.Name
	case "linux/arm64":
		w.Name = "onnxruntime-1.32.0-cp311-cp311-manylinux_2_28_aarch64.whl"
		w.SHA256 = "2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c"
		w.URL = wheel.Host + "b7/30/103820b32e9dc1d1fcfc5b519fd2de5bd699d25a25895caf5d726350d1b5/" + w.Name
	default:
		return w, fmt.Errorf("no ONNX Runtime for %s is known: name a library by %s", platform, Variable)
	}
	return w, nil
}

// pypi is where the library comes from; tests replace it.
func pypi() (wheel.Source, error) {
	w, err := wheelFor(runtime.GOOS + "/" + runtime.GOARCH)
	return wheel.Source{Wheel: w, Library: library, Lookup: wheel.LookupPyPI}, err
}

// Find returns the file of the library that Open would load, and how it was found. It reads files, loads nothing and
// never uses the network.
func Find() (path, from string, err error) {
	if path := os.Getenv(Variable); path != "" {
		path, err := filepath.Abs(path)
		if err == nil {
			err = library.Check(path)
		}
		if err != nil {
			return "", "", fmt.Errorf("the library %s named by %s %w: name another file or unset it", path, Variable, err)
		}
		return path, "named by " + Variable, nil
	}
	path, err = ownPath()
	if err != nil {
		return "", "", err
	}
	if library.Check(path) != nil { // it is not there, or damaged, and will be installed
		return "", "", ErrNotInstalled
	}
	return path, "installed by smoothlab", nil
}

// ownPath is where the library is installed. It has the pinned wheel in its name, so that the library of another
// version of smoothlab is not mistaken for the pinned one.
func ownPath() (string, error) {
	s, err := pypi()
	if err != nil {
		return "", err
	}
	dir, err := datadir.Path("onnxruntime")
	return filepath.Join(dir, s.Wheel.String(), ownName), err
}
