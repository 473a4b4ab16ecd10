package dataset

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"smoothlab/internal/datadir"
)

// dirVariable names the environment variable of the directory searched first.
const dirVariable = "SMOOTHLAB_DATA"

// Dir is a directory where [Open] looks for files.
type Dir struct {
	Path string
	From string // where its path comes from: "SMOOTHLAB_DATA", "option", "user's data directory"
	// Err is why it cannot be searched; nil if it can. For the user's data directory, fs.ErrNotExist only means that
	// nothing was downloaded yet.
	Err   error
	Found []Found

	named bool // whether the user named it and expects it to be used
}

// Found is a split of which a directory holds at least one file. The files were not read.
type Found struct {
	Name, Split string
	// Images and Labels are the paths of the files; empty if one is missing. If images and labels share files, both are
	// the directory or archive of these.
	Images, Labels string
}

// Complete reports whether both files exist.
func (f Found) Complete() bool { return f.Images != "" && f.Labels != "" }

// Dirs lists the directories that [Open] would search with these options, in order, and the splits that each of them
// holds.
func Dirs(opts Options) []Dir {
	dirs := places(opts)
	for i := range dirs {
		f := &dirs[i]
		for _, e := range List() {
			for _, s := range e.Splits {
				if found := f.search(e, s); found.Images != "" || found.Labels != "" {
					f.Found = append(f.Found, found)
				}
			}
		}
	}
	return dirs
}

// places returns the directories to search. The last one is the user's data directory, for downloads.
func places(opts Options) []Dir {
	var dirs []Dir
	if path := cmp.Or(opts.Dir, os.Getenv(dirVariable)); path != "" {
		f := Dir{Path: path, From: dirVariable, named: true}
		if opts.Dir != "" {
			f.From = "option"
		}
		dirs = append(dirs, f)
	}
	path, err := datadir.Path("data")
	dirs = append(dirs, Dir{Path: path, From: "user's data directory", Err: err})
	for i := range dirs {
		if f := &dirs[i]; f.Err == nil {
			f.Err = checkDir(f.Path)
		}
	}
	return dirs
}

func checkDir(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = errors.New("not a directory")
	}
	return err
}

// search looks for the files of a split. A complete pair is preferred to a single file, an earlier layout to a later
// one.
func (f *Dir) search(e Entry, s Split) Found {
	half := Found{Name: e.Name, Split: s.Name}
	if f.Err != nil || e.Embedded {
		return half
	}
	if s.Batches != nil {
		if at := f.batches(e, s); at != "" {
			half.Images, half.Labels = at, at
		}
		return half
	}
	for _, dir := range f.layouts(e) {
		found := Found{Name: e.Name, Split: s.Name, Images: locate(dir, s.ImageFile), Labels: locate(dir, s.LabelFile)}
		if found.Complete() {
			return found
		}
		if half.Images == "" && half.Labels == "" {
			half = found
		}
	}
	return half
}

// layouts lists the directories inside f that may hold the files of e.
func (f *Dir) layouts(e Entry) []string {
	dirs := []string{filepath.Join(f.Path, e.Name), filepath.Join(f.Path, e.torchvision, "raw")}
	if !f.named {
		return dirs
	}
	path, err := filepath.Abs(f.Path)
	if err != nil {
		path = f.Path
	}
	name := filepath.Base(path)
	if name == "raw" {
		name = filepath.Base(filepath.Dir(path))
	}
	for _, other := range List() {
		// The data sets use the same file names, so the directory's name decides.
		if other.Name != e.Name && (strings.EqualFold(name, other.Name) || name == other.torchvision) {
			return dirs
		}
	}
	return append(dirs, f.Path)
}

// locate returns the path of the file in dir, plain (quicker to read) or gzip,
// or an empty string.
func locate(dir string, file File) string {
	plain := strings.TrimSuffix(file.Name, ".gz")
	dotted := strings.Replace(plain, "-idx", ".idx", 1) // some unpackers write this
	for _, name := range []string{plain, dotted, file.Name} {
		path := filepath.Join(dir, name)
		// Regular files only: opening a pipe would block for ever. If stat fails, opening the file reports why.
		info, err := os.Stat(path)
		if err == nil && info.Mode().IsRegular() || err != nil && !leadsNowhere(err) {
			return path
		}
	}
	return ""
}
