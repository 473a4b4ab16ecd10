package dataset

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/fetch"
	"smoothlab/internal/humanize"
)

// The binary version of CIFAR-10: records of a label byte and 32×32 bytes each of
// red, green and blue. Source: https://www.cs.toronto.edu/~kriz/cifar.html.
const (
	cifarSide    = 32
	cifarPlane   = cifarSide * cifarSide
	cifarRecord  = 1 + 3*cifarPlane
	cifarClasses = 10
	cifarBatch   = 10_000 // records of a batch as published
)

// cifarDir is the directory inside the archive.
const cifarDir = "cifar-10-batches-bin"

// cifar10 has the archive's checksum from TensorFlow Datasets,
// url_checksums/cifar10.txt, and those of its files from torchvision for Ruby,
// lib/torchvision/datasets/cifar10.rb.
func cifar10() Entry {
	batch := func(name, sha256 string) File {
		return File{Name: name, Size: cifarBatch * cifarRecord, SHA256: sha256}
	}
	const archive = "cifar-10-binary.tar.gz"
	return Entry{
		Name:     "cifar10",
		Help:     "small photographs of ten things (Krizhevsky 2009)",
		Height:   cifarSide,
		Width:    cifarSide,
		Channels: 3,
		Classes:  []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
		Archive: File{
			Name:   archive,
			Size:   170052171,
			SHA256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
			URLs: []string{"https://www.cs.toronto.edu/~kriz/" + archive,
				"https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/" + archive},
		},
		Splits: []Split{
			{Name: "train", Images: 50000, Total: 50000, Batches: []File{
				batch("data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
				batch("data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
				batch("data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
				batch("data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
				batch("data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add")}},
			{Name: "test", Images: 10000, Total: 10000, Batches: []File{
				batch("test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b")}},
		},
	}
}

// batches returns the directory that holds some batch of a split, else the archive, else "".
func (f *Dir) batches(e Entry, s Split) string {
	roots := []string{filepath.Join(f.Path, e.Name)}
	if f.named {
		roots = append(roots, f.Path)
	}
	for _, root := range roots {
		for _, dir := range []string{filepath.Join(root, cifarDir), root, filepath.Join(root, cifarPythonDir)} {
			for _, b := range s.Batches {
				if locate(dir, b) != "" || locate(dir, File{Name: pythonName(b)}) != "" {
					return dir
				}
			}
		}
		if at := locate(root, e.Archive); at != "" {
			return at
		}
	}
	return ""
}

// pythonName returns the name of a batch in the Python version.
func pythonName(b File) string { return strings.TrimSuffix(b.Name, ".bin") }

// downloadArchive downloads the archive into the user's data directory.
func downloadArchive(ctx context.Context, e Entry, s Split, user Dir, opts Options) (Found, error) {
	var progress func(done, total int64)
	if opts.Progress != nil {
		progress = func(done, total int64) { opts.Progress(e.Archive.Name, done, total) }
	}
	to := filepath.Join(user.Path, e.Name, e.Archive.Name)
	if err := fetch.File(ctx, to, e.Archive.URLs, e.Archive.SHA256, progress); err != nil {
		return Found{}, fmt.Errorf(
			"%s %s is in no data directory (%s may name one): %w",
			e.Name,
			s.Name,
			dirVariable,
			err,
		)
	}
	return Found{Name: e.Name, Split: s.Name, Images: to, Labels: to}, nil
}

// readBatches reads a split from a directory of batches or from the archive. Batches may be missing, or hold fewer
// records than the published ones: indices are still those of the official order.
func readBatches(ctx context.Context, e Entry, s Split, at string) (*Dataset, error) {
	d := &Dataset{
		Name:     e.Name,
		Split:    s.Name,
		Height:   e.Height,
		Width:    e.Width,
		Channels: e.Channels,
		Classes:  e.Classes,
		Total:    s.Total,
	}
	parts, python, err := findBatches(ctx, s, at)
	if err != nil {
		return nil, err
	}
	var notes []string
	for i, part := range parts {
		if part == nil {
			name := s.Batches[i].Name
			if python {
				name = pythonName(s.Batches[i])
			}
			notes = append(notes, name+" is missing")
			continue
		}
		if note := d.take(part, i, s.Batches[i]); note != "" {
			notes = append(notes, note)
		}
	}
	if d.Len() == 0 {
		return nil, fmt.Errorf("%s holds no image of %s %s: expected %s", at, e.Name, s.Name, s.Batches[0].Name)
	}
	if len(notes) > 0 {
		d.notef("%s: %s", at, strings.Join(notes, "; "))
	}
	return d, nil
}

// findBatches reads the batches of a split, nil for those that are missing, and reports whether some are of the Python
// version.
func findBatches(ctx context.Context, s Split, at string) (parts []*cifarPart, python bool, err error) {
	each := eachOfArchive
	found, err := isDir(at)
	if err != nil {
		return nil, false, fmt.Errorf("reading %s: %w", at, atomicfile.Cause(err))
	}
	if found {
		each = eachOfDir
	}
	parts = make([]*cifarPart, len(s.Batches))
	err = each(ctx, at, func(name string, r io.Reader) error {
		for i, b := range s.Batches {
			read := readCIFAR
			switch name {
			case b.Name:
			case pythonName(b):
				read = readCIFARPickle
			default:
				continue
			}
			if parts[i] != nil {
				return fmt.Errorf("%s holds %s and %s: keep one of them", at, b.Name, pythonName(b))
			}
			part, err := read(ctx, filepath.Join(at, name), r)
			if part != nil {
				part.name, python = name, name != b.Name
			}
			parts[i] = part
			return err
		}
		return nil
	})
	return parts, python, err
}

// take appends batch i and returns a note if it is unusual.
func (d *Dataset) take(part *cifarPart, i int, b File) (note string) {
	for k := range part.labels {
		d.Indices = append(d.Indices, i*cifarBatch+k)
	}
	d.Labels = append(d.Labels, part.labels...)
	d.Pixels = append(d.Pixels, part.pixels...)
	switch n := len(part.labels); {
	case n < cifarBatch:
		return fmt.Sprintf("%s holds %s of %s images", part.name, humanize.Grouped(n), humanize.Grouped(cifarBatch))
	case part.sum != b.SHA256:
		return fmt.Sprintf("%s is not the published file (the SHA-256 of its records is %s)", part.name, part.sum)
	}
	return ""
}

// eachOfDir calls f with each file of a directory that has the name of a batch.
func eachOfDir(_ context.Context, dir string, f func(name string, r io.Reader) error) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, info := range files {
		at := locate(dir, File{Name: info.Name()})
		if at == "" || !strings.Contains(info.Name(), "_batch") {
			continue
		}
		file, err := os.Open(at)
		if err == nil {
			err = errors.Join(f(info.Name(), file), file.Close())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eachOfArchive calls f with each file of a tar.gz, by its base name.
func eachOfArchive(ctx context.Context, name string, f func(name string, r io.Reader) error) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(&interruptible{ctx, file})
	if err != nil {
		return archiveError(ctx, name, err)
	}
	for archive := tar.NewReader(unpacked); ; {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return archiveError(ctx, name, err)
		}
		if head.Typeflag != tar.TypeReg {
			continue
		}
		if err := f(path.Base(head.Name), archive); err != nil {
			return err
		}
	}
}

func archiveError(ctx context.Context, name string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("reading %s: %w", name, context.Cause(ctx))
	}
	return &FormatError{File: name, Expected: "an intact tar.gz archive", Found: fmt.Sprintf("damaged data (%v)", err)}
}

// interruptible is a reader that fails once a context has ended.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(p)
}

// cifarPart is the content of one batch.
type cifarPart struct {
	name   string // name of the file
	pixels []byte // NHWC
	labels []uint16
	sum    string // SHA-256 of the records
}

// readCIFAR reads records to the end of a file.
func readCIFAR(ctx context.Context, name string, src io.Reader) (*cifarPart, error) {
	part, sum, record := &cifarPart{}, sha256.New(), make([]byte, cifarRecord)
	r := io.TeeReader(&interruptible{ctx, src}, sum)
	for n := 0; ; n++ {
		got, err := io.ReadFull(r, record)
		at := int64(n) * cifarRecord
		switch {
		case errors.Is(err, io.EOF):
			part.sum = hex.EncodeToString(sum.Sum(nil))
			return part, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, &FormatError{
				File:   name,
				Offset: at + int64(got),
				Expected: fmt.Sprintf(
					"records of %s bytes, a label and 32×32 pixels in three planes",
					humanize.Grouped(cifarRecord),
				),
				Found: "a record that is cut short",
			}
		case err != nil:
			return nil, fmt.Errorf("reading %s at byte %d: %w", name, at, err)
		case n == cifarBatch:
			return nil, &FormatError{
				File:     name,
				Offset:   at,
				Expected: "at most " + humanize.Grouped(cifarBatch) + " images",
				Found:    "more",
			}
		case record[0] >= cifarClasses:
			return nil, &FormatError{
				File:     name,
				Offset:   at,
				Expected: fmt.Sprintf("a label from 0 to %d", cifarClasses-1),
				Found:    fmt.Sprint(record[0]),
			}
		}
		part.labels = append(part.labels, uint16(record[0]))
		part.pixels = interleave(part.pixels, record[1:])
	}
}

// interleave appends an image's pixels, channels together, from planes of red, green and blue.
func interleave(pixels, planes []byte) []byte {
	for i := range cifarPlane {
		pixels = append(pixels, planes[i], planes[cifarPlane+i], planes[2*cifarPlane+i])
	}
	return pixels
}
