package onnxruntime

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"smoothlab/internal/await"
	"smoothlab/internal/wheel"

	ort "github.com/yalue/onnxruntime_go"
)

// Library is ONNX Runtime, loaded into the process.
type Library struct {
	Path    string
	Version string // "1.32.0"
}

// Options are the options of [Open]. The zero value is ready to use.
type Options struct {
	// Progress reports the progress of the download, which happens once per machine. It may be nil.
	Progress func(file string, done, total int64)
}

// process is the library that this process has loaded: ONNX Runtime, and its bindings to Go, are of one process.
var process struct {
	sync.Mutex
	library *Library
}

// Open finds the library, installs it (28 MB) if it is not there, and loads it.
func Open(ctx context.Context, o Options) (*Library, error) {
	path, _, err := Find()
	if errors.Is(err, ErrNotInstalled) {
		var s wheel.Source
		if s, err = pypi(); err == nil {
			path, err = install(ctx, s, o.Progress)
		}
	}
	if err != nil {
		return nil, err
	}
	return await.Do(ctx, func() (*Library, error) { return load(path) }, nil)
}

// install puts the library into our own directory.
func install(ctx context.Context, s wheel.Source, progress wheel.Progress) (path string, err error) {
	if path, err = ownPath(); err != nil {
		return "", err
	}
	return path, s.Install(ctx, path, progress)
}

// load loads the library once.
func load(path string) (*Library, error) {
	process.Lock()
	defer process.Unlock()
	if l := process.library; l != nil {
		if l.Path != path {
			return nil, fmt.Errorf("this process has loaded %s and cannot load %s as well: start smoothlab anew",
				l.Path, path)
		}
		return l, nil
	}
	ort.SetSharedLibraryPath(path)
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil { // errors come back as errors
		return nil, fmt.Errorf("%s cannot be loaded as ONNX Runtime 1.24 or newer (%w): "+
			"remove it, or name another one by %s", path, err, Variable)
	}
	process.library = &Library{Path: path, Version: ort.GetVersion()}
	return process.library, nil
}
