package dataset

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"smoothlab/internal/datadir"
)

// folderVariable names the environment variable of the folder searched first.
const folderVariable = "SMOOTHLAB_DATA"

// Folder is a place where [Open] looks for files.
type Folder struct {
	Path string
	From string // what names it: "SMOOTHLAB_DATA", "option", "user's data folder"
	// Err says why it cannot be searched. For the user's data folder,
	// fs.ErrNotExist only means that nothing was downloaded yet.
	Err   error
	Found []Found

	named bool // by the person, who then expects it to be used
}

// Found is a split of which a folder holds at least one file. Nothing was read.
type Found struct {
	Name, Split string
	// Images and Labels are the paths of the files; empty where one is missing.
	// Where images and labels share files, both are the folder or archive of these.
	Images, Labels string
}

// Complete reports whether both files are there.
func (f Found) Complete() bool { return f.Images != "" && f.Labels != "" }

// Folders lists the places that [Open] would search with these options, in
// order, and what each of them holds.
func Folders(opts Options) []Folder {
	folders := places(opts)
	for i := range folders {
		f := &folders[i]
		for _, e := range List() {
			for _, s := range e.Splits {
				if found := f.search(e, s); found.Images != "" || found.Labels != "" {
					f.Found = append(f.Found, found)
				}
			}
		}
	}
	return folders
}

// places returns the folders to search. The last one is the user's, where
// downloads go.
func places(opts Options) []Folder {
	var folders []Folder
	if path := cmp.Or(opts.Folder, os.Getenv(folderVariable)); path != "" {
		f := Folder{Path: path, From: folderVariable, named: true}
		if opts.Folder != "" {
			f.From = "option"
		}
		folders = append(folders, f)
	}
	path, err := datadir.Folder("data")
	folders = append(folders, Folder{Path: path, From: "user's data folder", Err: err})
	for i := range folders {
		if f := &folders[i]; f.Err == nil {
			f.Err = checkFolder(f.Path)
		}
	}
	return folders
}

func checkFolder(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = errors.New("not a folder")
	}
	return err
}

// search looks for the files of a split. A complete pair wins over a single
// file, an earlier layout over a later one.
func (f *Folder) search(e Entry, s Split) Found {
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

// layouts lists the folders inside f that may hold the files of e.
func (f *Folder) layouts(e Entry) []string {
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
		// The data sets use the same file names: believe the folder's name.
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
	dotted := strings.Replace(plain, "-idx", ".idx", 1) // what some unpackers write
	for _, name := range []string{plain, dotted, file.Name} {
		path := filepath.Join(dir, name)
		// Regular files only: opening a pipe would wait for ever. One that cannot
		// be looked at is left for opening it to explain.
		info, err := os.Stat(path)
		if err == nil && info.Mode().IsRegular() || errors.Is(err, fs.ErrPermission) {
			return path
		}
	}
	return ""
}
