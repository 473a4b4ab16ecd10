package session

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"smoothlab/certify"
	"smoothlab/internal/atomicfile"

	"go.starlark.net/starlark"
)

// list converts Go numbers to a Starlark list.
func list[T int | float64 | string](values []T) starlark.Value {
	elems := make([]starlark.Value, len(values))
	for i, v := range values {
		switch v := any(v).(type) {
		case int:
			elems[i] = starlark.MakeInt(v)
		case float64:
			elems[i] = starlark.Float(v)
		case string:
			elems[i] = starlark.String(v)
		}
	}
	return starlark.NewList(elems)
}

// ints returns a tuple of integers.
func ints(values ...int) starlark.Value {
	t := make(starlark.Tuple, len(values))
	for i, v := range values {
		t[i] = starlark.MakeInt(v)
	}
	return t
}

// texts converts Go strings to a Starlark list.
func texts(values []string) starlark.Value {
	elems := make([]starlark.Value, len(values))
	for i, v := range values {
		elems[i] = starlark.String(v)
	}
	return starlark.NewList(elems)
}

// expandTilde replaces a ~ at the beginning of a path, which no shell has expanded here.
func expandTilde(path string) string {
	if path != "~" && !strings.HasPrefix(path, "~/") {
		return path
	}
	h, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(h, path[1:])
}

// prepareOutputPath creates the directory of an output file, and returns an error if the file cannot be written. An
// empty path is allowed and does nothing.
func prepareOutputPath(path string) error {
	if path == "" {
		return nil
	}
	return atomicfile.Prepare(path)
}

// prepareResult is prepareOutputPath for a file of results, which replaces an older one, but no certification log.
func prepareResult(path string) error {
	if err := notLog(path); err != nil {
		return err
	}
	return prepareOutputPath(path)
}

func notLog(path string) error {
	if path != "" && certify.IsLog(path) {
		return fmt.Errorf("%s is a certification log; choose another file name", path)
	}
	return nil
}
