package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/humanize"
)

// maxDirs bounds the directories of a data set, which links can multiply.
const maxDirs = 1_000_000

// class is a directory of images.
type class struct {
	name  string
	files []string
	under []string // directories directly in it that hold images at some depth
}

// listing is the contents of a directory of classes.
type listing struct {
	classes []class
	loose   int            // images outside of the class directories
	skipped map[string]int // files that are not images, by ending
	broken  int            // broken links
	circles int            // links to a directory above them

	dirs int
}

// names returns the names of the classes.
func (l *listing) names() []string {
	var names []string
	for _, c := range l.classes {
		names = append(names, c.name)
	}
	return names
}

// common returns the names of the directories that each class holds, if there are two or more.
func (l *listing) common() []string {
	if len(l.classes) == 0 {
		return nil
	}
	names := slices.Clone(l.classes[0].under)
	for _, c := range l.classes[1:] {
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(c.under, name) })
	}
	if len(names) < 2 {
		return nil
	}
	return names
}

// hidden reports whether a name is skipped without a note: operating systems, disk stations and notebooks create such
// files, which may hold copies of the images.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || slices.Contains([]string{
		"__macosx", "thumbs.db", "desktop.ini", "@eadir", "#recycle", "$recycle.bin", "system volume information",
		"lost+found", "__pycache__",
	}, strings.ToLower(name))
}

// list lists the classes of a directory.
func list(ctx context.Context, dir string) (*listing, error) {
	l := &listing{skipped: map[string]int{}}
	root, err := os.Stat(dir)
	if err != nil {
		return nil, atomicfile.Cause(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, atomicfile.Cause(err)
	}
	for _, e := range entries {
		at := filepath.Join(dir, e.Name())
		info, kind, err := l.look(at)
		if err != nil {
			return nil, err
		}
		switch {
		case kind == isPicture:
			l.loose++
		case kind == isDirectory && os.SameFile(info, root):
			l.circles++
		case kind == isDirectory:
			byDir := map[string][]string{}
			if err := l.walk(ctx, at, []os.FileInfo{root, info}, byDir); err != nil {
				return nil, err
			}
			c := class{name: e.Name()}
			for _, class := range slices.Sorted(keysOf(byDir)) { // in torchvision's order: by directory, then by name
				c.files = append(c.files, byDir[class]...)
				if rest, below := strings.CutPrefix(class, at+string(filepath.Separator)); below {
					top, _, _ := strings.Cut(rest, string(filepath.Separator))
					c.under = append(c.under, top)
				}
			}
			c.under = slices.Compact(c.under)
			l.classes = append(l.classes, c)
		}
	}
	return l, nil
}

func keysOf(m map[string][]string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// walk lists the images in dir and below. above has dir and its parent directories.
func (l *listing) walk(ctx context.Context, dir string, above []os.FileInfo, byDir map[string][]string) error {
	if l.dirs++; l.dirs > maxDirs {
		return fmt.Errorf("it has more than %s directories, links followed", humanize.Grouped(maxDirs))
	}
	entries, err := os.ReadDir(dir)
	if err := cmp.Or(context.Cause(ctx), err); err != nil {
		return atomicfile.Cause(err)
	}
	for _, e := range entries {
		at := filepath.Join(dir, e.Name())
		info, kind, err := l.look(at)
		if err != nil {
			return err
		}
		switch {
		case kind == isPicture:
			byDir[dir] = append(byDir[dir], at)
		case kind == isDirectory &&
			slices.ContainsFunc(above, func(a os.FileInfo) bool { return os.SameFile(a, info) }):
			l.circles++
		case kind == isDirectory:
			if err := l.walk(ctx, at, append(slices.Clip(above), info), byDir); err != nil {
				return err
			}
		}
	}
	return nil
}

// entryKind is the kind of a directory entry.
type entryKind int

const (
	isNothing entryKind = iota // skipped, and counted if it is not hidden
	isPicture
	isDirectory
)

// look returns the kind of entry at a path, following links. A class must not be missing because of an error.
func (l *listing) look(at string) (os.FileInfo, entryKind, error) {
	if hidden(filepath.Base(at)) {
		return nil, isNothing, nil
	}
	info, err := os.Stat(at)
	ending := cmp.Or(strings.ToLower(filepath.Ext(at)), "no ending")
	switch {
	case leadsNowhere(err):
		l.broken++
	case err != nil:
		return nil, isNothing, fmt.Errorf("%s: %w", at, atomicfile.Cause(err))
	case info.IsDir():
		return info, isDirectory, nil
	case info.Mode().IsRegular() && slices.Contains(endings(), ending):
		return info, isPicture, nil
	case info.Mode().IsRegular():
		l.skipped[ending]++
	default:
		l.skipped["not a regular file"]++
	}
	return info, isNothing, nil
}

// leadsNowhere reports whether an error means that a link leads to a file that does not exist, or to itself.
func leadsNowhere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.ENOTDIR)
}
