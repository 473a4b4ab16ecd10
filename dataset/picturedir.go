package dataset

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/humanize"
)

// OpenDir reads a directory of images as torchvision's ImageFolder does: one directory per class, named after it,
// with images at any depth, sorted by name. Differences: classes whose names are all whole numbers are in the order of
// the numbers, with a note if that matters; names that begin with a dot are skipped, at any depth; links are followed,
// except circular ones. A note counts other files that are left out.
//
// If the directory has parts (train and test, also training and testing, and validation or val), split names one. The
// classes of a test part are taken from its training part. A directory without parts is the split [All].
//
// Images that all have one size, with a short side below 224, are kept as they are, in one channel if all are grey.
// Others become 224×224×3, as in the authors' tests on ImageNet (code/datasets.py:92-99): the short side is scaled to
// 256, then the centre is cropped. The authors train on other crops, a random part scaled to 224×224 and flipped with
// probability ½; these need the images at full size and are not made here. A few images that differ in size from the
// rest are refused by name.
func OpenDir(ctx context.Context, dir, split string, opts Options) (*Dataset, error) {
	d := &Dataset{Name: dir}
	at, train, err := d.choosePart(dir, split)
	if err != nil {
		return nil, err
	}
	l, err := list(ctx, at)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", at, err)
	}
	if err := d.nameDirs(ctx, at, train, l, len(opts.Classes) > 0); err != nil {
		return nil, err
	}
	if err := d.noteNested(at, l); err != nil {
		return nil, err
	}
	d.noteLeftOut(l)
	var files []string
	for _, c := range l.classes {
		files = append(files, c.files...)
	}
	if err := d.readPictures(ctx, at, files, opts); err != nil {
		return nil, err
	}
	if opts.Channels == 0 && train != "" {
		if opts.Channels, err = d.channelsOfTraining(ctx, train, opts.limit()); err != nil {
			return nil, err
		}
	}
	return d.finish(ctx, opts)
}

// choosePart returns the directory of a split, and the directory of the training images that name its classes, or "".
func (d *Dataset) choosePart(dir, split string) (at, train string, err error) {
	is, err := isDir(dir)
	if err != nil {
		return "", "", fmt.Errorf("reading %s: %w", dir, atomicfile.Cause(err))
	}
	if !is {
		if _, err := os.Stat(dir); err != nil {
			return "", "", fmt.Errorf("there is no data set and no directory named %s: %w", dir, atomicfile.Cause(err))
		}
		remedy := ""
		if packed(dir) {
			remedy = ": unpack it, and name the directory"
		}
		return "", "", fmt.Errorf(
			"%s is not a directory: expected one with a directory of images per class, or an .npz file%s",
			dir,
			remedy,
		)
	}
	found, others, err := findParts(dir)
	if err != nil {
		return "", "", err
	}
	var there []string
	for part := range found {
		there = append(there, part)
	}
	slices.Sort(there)
	part, note, err := choosePart(dir, split, there)
	if err != nil {
		return "", "", err
	}
	d.Split = part
	if part == All {
		return dir, "", nil
	}
	if note != "" {
		d.Split = testPart
		d.notef("%s", note)
	}
	if len(others) > 0 {
		d.notef("directories that are not read: %s", quoteSome(others))
	}
	if part != trainPart {
		train = found[trainPart]
	}
	return found[part], train, nil
}

// packed reports whether a file has the ending of an archive.
func packed(name string) bool {
	endings := []string{".zip", ".tar", ".gz", ".tgz", ".xz", ".bz2", ".zst", ".7z", ".rar"}
	return slices.Contains(endings, strings.ToLower(filepath.Ext(name)))
}

// findParts returns the directories in dir that are named after parts and hold directories, and the names of the other
// directories. A directory with such a name that holds images is a class, such as train, the vehicle.
func findParts(dir string) (found map[string]string, others []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", dir, atomicfile.Cause(err))
	}
	found = map[string]string{}
	for _, e := range entries {
		at := filepath.Join(dir, e.Name())
		if hidden(e.Name()) {
			continue
		}
		if is, err := isDir(at); err != nil {
			return nil, nil, fmt.Errorf("reading %s: %w", at, atomicfile.Cause(err))
		} else if !is {
			continue
		}
		part := partOf(e.Name())
		holds := false
		if part != "" {
			if holds, err = holdsDirs(at); err != nil {
				return nil, nil, fmt.Errorf("reading %s: %w", at, atomicfile.Cause(err))
			}
		}
		if !holds {
			others = append(others, e.Name())
			continue
		}
		if other := found[part]; other != "" {
			return nil, nil, fmt.Errorf(
				"%s has %s and %s: keep one of them for the split %s",
				dir,
				filepath.Base(other),
				e.Name(),
				part,
			)
		}
		found[part] = at
	}
	return found, others, nil
}

// isDir reports whether there is a directory at path, links followed.
func isDir(path string) (bool, error) {
	info, err := os.Stat(path)
	if leadsNowhere(err) {
		return false, nil
	}
	return err == nil && info.IsDir(), err
}

// holdsDirs reports whether there is a directory in at that is not hidden.
func holdsDirs(at string) (bool, error) {
	entries, err := os.ReadDir(at)
	for _, e := range entries {
		if err == nil && !hidden(e.Name()) {
			var is bool
			if is, err = isDir(filepath.Join(at, e.Name())); is {
				return true, nil
			}
		}
	}
	return false, err
}

// nameDirs sets labels and class names: those of the training part, if there is one and no others are given.
func (d *Dataset) nameDirs(ctx context.Context, at, train string, l *listing, given bool) error {
	d.Classes = d.textNames(l.names())
	if train != "" && !given {
		of, err := list(ctx, train)
		if err != nil {
			return fmt.Errorf("reading %s: %w", train, err)
		}
		d.Classes = d.textNames(of.names())
	}
	if sortClasses(d.Classes) {
		d.noteOrder()
	}
	slices.SortStableFunc(l.classes, func(a, b class) int {
		return slices.Index(d.Classes, textName(a.name)) - slices.Index(d.Classes, textName(b.name))
	})
	for _, c := range l.classes {
		label := slices.Index(d.Classes, textName(c.name))
		switch {
		case label < 0:
			return fmt.Errorf(
				"%s has the class %s, which %s lacks: name the classes in order, with classes=[…]",
				at,
				c.name,
				train,
			)
		case len(c.files) == 0 && train == "":
			return fmt.Errorf(
				"%s has no readable image: expected %s files of the class %s",
				filepath.Join(at, c.name),
				formatList(),
				c.name,
			)
		case label >= maxClasses:
			return fmt.Errorf("%s has more than %s classes", at, humanize.Grouped(maxClasses))
		}
		for range c.files {
			d.Labels = append(d.Labels, uint16(label))
		}
	}
	return d.checkLabels(at, l)
}

// noteOrder adds a note that the classes are in the order of their numbers, with names that show the difference to the
// order of strings.
func (d *Dataset) noteOrder() {
	asStrings := slices.Sorted(slices.Values(d.Classes))
	last := min(3, len(asStrings)) // of the names that show the difference
	for slices.Equal(d.Classes[:last], asStrings[:last]) {
		last++
	}
	show := func(names []string) string {
		text := quoteSome(names[max(0, last-3):last]) + " …"
		if last > 3 {
			return "… " + text
		}
		return text
	}
	d.notef(
		"the classes are in the order of their numbers, %s, not sorted as strings, %s, as in torchvision's ImageFolder: "+
			"classes=[…] sets another order",
		show(d.Classes),
		show(asStrings),
	)
}

// checkLabels returns an error if there are fewer than two classes, or no images.
func (d *Dataset) checkLabels(at string, l *listing) error {
	switch {
	case len(d.Classes) < 2 && l.loose > 0:
		return fmt.Errorf(
			"%s has %s outside of class directories: expected one directory per class, at least two",
			at,
			humanize.Count(l.loose, "image"),
		)
	case len(d.Classes) == 1 && l.common() != nil:
		inner := filepath.Join(at, l.classes[0].name)
		return fmt.Errorf("%s has one directory only: name that, %s, which holds %s", at, inner, quoteSome(l.common()))
	case len(d.Classes) == 1:
		return fmt.Errorf("%s has one directory of images, %s: expected one per class, at least two", at, d.Classes[0])
	case len(d.Classes) < 2:
		return fmt.Errorf("%s has no directories of images: expected one per class, at least two%s", at, ofKnown(at))
	case len(d.Labels) == 0:
		return fmt.Errorf("%s has no readable image: expected %s files", at, formatList())
	}
	return nil
}

// ofKnown returns the end of an error for a directory without classes that has the files of known data sets, which are
// opened by their names; "" if it has none.
func ofKnown(dir string) string {
	var names []string
	at := Dir{Path: dir, named: true}
	for _, e := range List() {
		for _, s := range e.Splits {
			if found := at.search(e, s); found.Images+found.Labels != "" && !slices.Contains(names, e.Name) {
				names = append(names, e.Name)
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("; it has files of %s: open that name, and give this directory to search",
		strings.Join(names, " or "))
}

// noteNested adds a note if all classes hold directories of the same names, which may be the classes. It refuses parts,
// since training images would be tested on.
func (d *Dataset) noteNested(at string, l *listing) error {
	names := l.common()
	if names == nil {
		return nil
	}
	if !slices.ContainsFunc(names, func(name string) bool { return partOf(name) == "" }) {
		return fmt.Errorf(
			"each class in %s holds %s: expected the parts outside, as in %s",
			at,
			quoteSome(names),
			filepath.Join(at, names[0], d.Classes[0]),
		)
	}
	d.notef("each of the classes %s holds the directories %s: if those are the classes, name one directory that holds them",
		quoteSome(d.Classes), quoteSome(names))
	return nil
}

// noteLeftOut adds a note about the files that a listing skipped.
func (d *Dataset) noteLeftOut(l *listing) {
	var kinds []string
	if l.loose > 0 {
		kinds = append(kinds, humanize.Count(l.loose, "image")+" outside of a class directory")
	}
	for _, ending := range sortedKeys(l.skipped) {
		kinds = append(kinds, fmt.Sprintf("%s (%s)", humanize.Count(l.skipped[ending], "file"), ending))
	}
	if l.broken > 0 {
		kinds = append(kinds, humanize.Count(l.broken, "broken link"))
	}
	if l.circles > 0 {
		kinds = append(kinds, humanize.Count(l.circles, "circular link"))
	}
	if len(kinds) > 0 {
		d.notef("left out: %s", strings.Join(kinds, ", "))
	}
}

func sortedKeys(m map[string]int) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
