// Command makemini writes the files of the embedded data set mnist-mini from
// MNIST, which it opens as the programs do (SMOOTHLAB_DATA, the user's data
// directory, download), and prints their sizes and checksums for the list of data
// sets. The same MNIST and Go release give the same bytes.
//
//	go generate ./dataset
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"smoothlab/dataset"
)

const (
	perClass  = 400 // training images of each class
	testEvery = 20  // test images: 0, 20, 40 …
)

func main() {
	out := flag.String("out", "mini", "directory to write the files to")
	data := flag.String("data", "", "directory that holds MNIST, searched first")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	files, err := build(ctx, dataset.Options{Dir: *data})
	if err == nil {
		err = save(*out, files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "makemini:", err)
		os.Exit(1)
	}
	for _, f := range files {
		fmt.Printf("%s\t%d\t%x\n", f.name, len(f.data), sha256.Sum256(f.data))
	}
}

// file is a gzip file to be written.
type file struct {
	name string
	data []byte
}

// build makes the six files.
func build(ctx context.Context, opts dataset.Options) ([]file, error) {
	train, err := dataset.Open(ctx, "mnist", "train", opts)
	if err != nil {
		return nil, err
	}
	test, err := dataset.Open(ctx, "mnist", "test", opts)
	if err != nil {
		return nil, err
	}
	for _, d := range []*dataset.Dataset{train, test} {
		if len(d.Notes()) > 0 {
			return nil, fmt.Errorf("mnist-mini is made of the published MNIST: %s", d.Notes())
		}
	}
	var files []file
	if train, err = train.Select(firstOfEachClass(train, perClass)); err != nil {
		return nil, err
	}
	if test, err = test.Every(testEvery); err != nil {
		return nil, err
	}
	for _, d := range []*dataset.Dataset{train, test} {
		made, err := encode(d)
		if err != nil {
			return nil, err
		}
		files = append(files, made...)
	}
	return files, nil
}

// firstOfEachClass returns the rising positions of the first n images of each class.
func firstOfEachClass(d *dataset.Dataset, n int) []int {
	taken := make([]int, len(d.Classes))
	var positions []int
	for i, label := range d.Labels {
		if taken[label] < n {
			taken[label]++
			positions = append(positions, i)
		}
	}
	return positions
}

// encode writes images, labels and indices as IDX files.
func encode(d *dataset.Dataset) ([]file, error) {
	var indices, labels []byte
	for _, i := range d.Indices {
		indices = binary.BigEndian.AppendUint32(indices, uint32(i))
	}
	for _, y := range d.Labels {
		labels = append(labels, byte(y))
	}
	n := uint32(d.Len())
	parts := []struct {
		name   string
		header []uint32 // element type and number of dimensions, then the dimensions
		data   []byte
	}{
		{d.Split + "-images-idx3-ubyte.gz", []uint32{0x0803, n, uint32(d.Height), uint32(d.Width)}, d.Pixels},
		{d.Split + "-labels-idx1-ubyte.gz", []uint32{0x0801, n}, labels},
		{d.Split + "-indices-idx1-int.gz", []uint32{0x0C01, n}, indices},
	}
	var files []file
	for _, p := range parts {
		var raw, packed bytes.Buffer
		for _, word := range p.header {
			raw.Write(binary.BigEndian.AppendUint32(nil, word))
		}
		raw.Write(p.data)
		w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(raw.Bytes()); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		files = append(files, file{p.name, packed.Bytes()})
	}
	return files, nil
}

func save(dir string, files []file) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
