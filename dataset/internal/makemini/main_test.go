package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"smoothlab/dataset"
	"smoothlab/internal/testreference"
)

// Making the files again gives the embedded files. Their contents are compared, since another Go release may compress
// them to other bytes.
func TestBuildReproduces(t *testing.T) {
	opts := dataset.Options{Dir: testreference.Data(t)}
	if !holdsMNIST(opts) {
		t.Skipf("%s does not hold all of MNIST", opts.Dir)
	}
	files, err := build(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := save(dir, files); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		made := unpack(t, filepath.Join(dir, f.name))
		kept := unpack(t, filepath.Join("..", "..", "mini", f.name))
		if !bytes.Equal(made, kept) {
			t.Errorf("%s: made %d bytes that differ from the %d embedded", f.name, len(made), len(kept))
		}
	}
}

// holdsMNIST checks the first directory only, so that no test downloads.
func holdsMNIST(opts dataset.Options) bool {
	complete := 0
	for _, found := range dataset.Dirs(opts)[0].Found {
		if found.Name == "mnist" && found.Complete() {
			complete++
		}
	}
	return complete == 2
}

func unpack(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
