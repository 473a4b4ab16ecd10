package session

import (
	"os"
	"path/filepath"
	"strings"

	"smoothlab/internal/atomicfile"

	"go.starlark.net/starlark"
)

// list makes a list of the language of Go numbers.
func list[T int | float64](values []T) starlark.Value {
	elems := make([]starlark.Value, len(values))
	for i, v := range values {
		switch v := any(v).(type) {
		case int:
			elems[i] = starlark.MakeInt(v)
		case float64:
			elems[i] = starlark.Float(v)
		}
	}
	return starlark.NewList(elems)
}

// ints is a tuple of whole numbers.
func ints(values ...int) starlark.Value {
	t := make(starlark.Tuple, len(values))
	for i, v := range values {
		t[i] = starlark.MakeInt(v)
	}
	return t
}

// texts is a list of strings.
func texts(values []string) starlark.Value {
	elems := make([]starlark.Value, len(values))
	for i, v := range values {
		elems[i] = starlark.String(v)
	}
	return starlark.NewList(elems)
}

// home writes out a ~ at the beginning of a path, which no shell has done here.
func home(path string) string {
	if path != "~" && !strings.HasPrefix(path, "~/") {
		return path
	}
	h, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(h, path[1:])
}

// writable makes the folder that a file is to be written in, and says what stands in its way. "" is no file.
func writable(path string) error {
	if path == "" {
		return nil
	}
	return atomicfile.Prepare(path)
}
