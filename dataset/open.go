package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/fetch"
	"smoothlab/internal/humanize"
)

// Options are the options of [Open]. The zero value is ready to use.
type Options struct {
	// Dir is searched first, in place of the one that SMOOTHLAB_DATA names.
	Dir string
	// Classes sets the class names in the order of the labels, as [Dataset.WithClasses] does; nil keeps the order of
	// the files.
	Classes []string
	// Channels is the wanted number of channels, 1 or 3; 0 keeps that of the files, but makes one channel of three
	// equal ones.
	Channels int
	// MaxBytes bounds the pixels of the data set in memory; 0 means a quarter of the machine's memory.
	MaxBytes int64
	// Progress may be nil. It is called during a download with the file's name, the bytes so far and the total (−1 if
	// unknown).
	Progress func(file string, done, total int64)
}

// Open reads a split ("train" or "test") of the data set of that name, found or downloaded as described in the package
// comment. If no data set has that name, it is the path of a directory of images ([OpenDir]) or of an .npz file
// ([OpenNPZ]). It stops soon after ctx is done. A file with unexpected contents gives a [*FormatError].
func Open(ctx context.Context, name, split string, opts Options) (*Dataset, error) {
	if err := checkChannels(opts.Channels); err != nil {
		return nil, err
	}
	e, err := find(name)
	found, statErr := isDir(name)
	switch {
	case err == nil:
		d, err := open(ctx, e, split, opts)
		if err != nil {
			return nil, err
		}
		return d.arrange(ctx, opts)
	case strings.EqualFold(filepath.Ext(name), ".npz"):
		return OpenNPZ(ctx, name, split, opts)
	case strings.EqualFold(filepath.Ext(name), ".npy"):
		return nil, fmt.Errorf(
			"%s is one array, but a data set needs images and labels: write both with numpy.savez(path, x=images, y=labels)",
			name,
		)
	case strings.ContainsRune(name, filepath.Separator) || found || statErr != nil:
		return OpenDir(ctx, name, split, opts)
	}
	return nil, err
}

// arrange converts classes and channels to the requested ones.
func (d *Dataset) arrange(ctx context.Context, opts Options) (*Dataset, error) {
	if opts.Classes != nil {
		var err error
		if d, err = d.WithClasses(opts.Classes); err != nil {
			return nil, err
		}
	}
	return d, d.setChannels(ctx, opts.Channels)
}

// finish completes the user's own images: their form, and notes about their pixels.
func (d *Dataset) finish(ctx context.Context, opts Options) (*Dataset, error) {
	d, err := d.arrange(ctx, opts)
	if err != nil {
		return nil, err
	}
	d.noteAlike()
	if err := d.noteLooks(ctx); err != nil {
		return nil, err
	}
	return d, d.noteCopies(ctx)
}

func open(ctx context.Context, e Entry, split string, opts Options) (*Dataset, error) {
	s, err := e.split(split)
	if err != nil {
		return nil, err
	}
	if e.Embedded {
		return openMini(ctx, e, s)
	}
	found, err := obtain(ctx, e, s, opts)
	if err != nil {
		return nil, err
	}
	if s.Batches != nil {
		return readBatches(ctx, e, s, found.Images)
	}
	return read(ctx, e, s, found)
}

// obtain finds both files of a split, or downloads the missing ones.
func obtain(ctx context.Context, e Entry, s Split, opts Options) (Found, error) {
	dirs := places(opts)
	for _, f := range dirs {
		if f.named && f.Err != nil {
			return Found{}, fmt.Errorf(
				"the data directory %s (%s) cannot be used: %w; correct it or leave it unset",
				f.Path,
				f.From,
				f.Err,
			)
		}
		found := f.search(e, s)
		if found.Complete() {
			return found, nil
		}
		if here := found.Images + found.Labels; f.named && here != "" {
			missing := s.ImageFile.Name
			if found.Images != "" {
				missing = s.LabelFile.Name
			}
			return Found{}, fmt.Errorf(
				"%s (%s) has %s but not %s: put the missing file next to it",
				f.Path,
				f.From,
				filepath.Base(here),
				missing,
			)
		}
	}
	return download(ctx, e, s, dirs[len(dirs)-1], opts)
}

// download completes a split in the user's data directory.
func download(ctx context.Context, e Entry, s Split, user Dir, opts Options) (Found, error) {
	if user.Err != nil && !errors.Is(user.Err, fs.ErrNotExist) {
		return Found{}, fmt.Errorf("the user's data directory %s cannot be used: %w", user.Path, user.Err)
	}
	if s.Batches != nil {
		return downloadArchive(ctx, e, s, user, opts)
	}
	found := user.search(e, s)
	for _, want := range []struct {
		file File
		path *string
	}{{s.ImageFile, &found.Images}, {s.LabelFile, &found.Labels}} {
		if *want.path != "" {
			continue
		}
		var progress func(done, total int64)
		if opts.Progress != nil {
			progress = func(done, total int64) { opts.Progress(want.file.Name, done, total) }
		}
		path := filepath.Join(user.Path, e.Name, want.file.Name)
		if err := fetch.File(ctx, path, want.file.URLs, want.file.SHA256, progress); err != nil {
			return Found{}, fmt.Errorf(
				"%s %s is in no data directory (%s may name one): %w",
				e.Name,
				s.Name,
				dirVariable,
				err,
			)
		}
		*want.path = path
	}
	return found, nil
}

// read makes a Dataset from two files.
func read(ctx context.Context, e Entry, s Split, found Found) (*Dataset, error) {
	labels, err := readFile(ctx, found.Labels, labelLayout())
	if err != nil {
		return nil, err
	}
	want := imageLayout(e.Height, e.Width)
	want.count = labels.count // before memory is allocated for others
	images, err := readFile(ctx, found.Images, want)
	if err != nil {
		return nil, err
	}
	if err := checkPair(e, found, images, labels); err != nil {
		return nil, err
	}
	imageNote, err := identify(e, s, found.Images, images, s.ImageFile)
	if err != nil {
		return nil, err
	}
	labelNote, err := identify(e, s, found.Labels, labels, s.LabelFile)
	if err != nil {
		return nil, err
	}
	d := assemble(e, s, images, labels)
	d.Total, d.Indices = d.Len(), counted(d.Len())
	for _, note := range []string{imageNote, labelNote} {
		if note != "" {
			d.notef("%s", note)
		}
	}
	return d, nil
}

// counted returns the numbers 0 … n-1.
func counted(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// assemble sets everything except the indices.
func assemble(e Entry, s Split, images, labels idx) *Dataset {
	numbers := make([]uint16, len(labels.data))
	for i, y := range labels.data {
		numbers[i] = uint16(y)
	}
	return &Dataset{
		Name: e.Name, Split: s.Name,
		Height: e.Height, Width: e.Width, Channels: e.Channels,
		Classes: slices.Clone(e.Classes),
		Pixels:  images.data, Labels: numbers,
		Total: s.Total,
	}
}

func readFile(ctx context.Context, path string, want layout) (idx, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return idx{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return idx{}, err
	}
	return readIDX(ctx, path, f, info.Size(), want)
}

// checkPair checks two files together: the counts agree, and each label is the number of a class.
func checkPair(e Entry, found Found, images, labels idx) error {
	fault := FormatError{File: found.Labels, Unpacked: labels.packed, Offset: 4}
	if images.count != labels.count {
		fault.Expected = fmt.Sprintf("%s labels, one per image in %s", humanize.Grouped(images.count), found.Images)
		fault.Found = humanize.Grouped(labels.count)
		return &fault
	}
	for i, label := range labels.data {
		if int(label) >= len(e.Classes) {
			fault.Offset = int64(labels.headerSize + i)
			fault.Expected = fmt.Sprintf("a label from 0 to %d", len(e.Classes)-1)
			fault.Found = fmt.Sprint(label)
			return &fault
		}
	}
	return nil
}

// identify compares a file with the published ones: a published file of another data set is an error, an unknown file a
// note.
func identify(e Entry, s Split, path string, file idx, own File) (note string, err error) {
	same := func(f File) bool {
		return slices.Contains(file.sums, f.SHA256) || f.unpacked != "" && slices.Contains(file.sums, f.unpacked)
	}
	if same(own) {
		return "", nil
	}
	for _, other := range List() {
		for _, split := range other.Splits {
			if same(split.ImageFile) || same(split.LabelFile) {
				return "", fmt.Errorf(
					"%s has the checksum of the published %s %s, not of %s %s: put the right file in its place",
					path,
					other.Name,
					split.Name,
					e.Name,
					s.Name,
				)
			}
		}
	}
	if own.unpacked == "" { // the same content may be packed differently
		return "", nil
	}
	return fmt.Sprintf(
		"%s is not the published file (SHA-256 of its content is %s)",
		path,
		file.sums[len(file.sums)-1],
	), nil
}
