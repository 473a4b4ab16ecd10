package session

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"smoothlab/certify"
	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/figure"
	"smoothlab/papertable"
	"smoothlab/train"
)

// names returns the completions for a string argument of a kind. It is long because it has one case per kind.
func (s *Session) names(kind, typed string) []string {
	var list []string
	switch kind {
	case "dataset":
		for _, e := range dataset.List() {
			list = append(list, e.Name)
		}
	case "split":
		for _, e := range dataset.List() {
			for _, sp := range e.Splits {
				if !slices.Contains(list, sp.Name) {
					list = append(list, sp.Name)
				}
			}
		}
	case "augmentation":
		for _, a := range dataset.Augmentations() {
			list = append(list, a.Name)
		}
	case "schedule":
		for _, e := range train.Schedules() {
			list = append(list, e.Name)
		}
	case "optimizer":
		for _, o := range train.Optimizers() {
			list = append(list, o.Name)
		}
	case "papertable":
		return papertable.Tables()
	case "row":
		return papertable.Names()
	case "classifier":
		for _, a := range classifier.Architectures() {
			list = append(list, a.Name)
		}
	case "normalization":
		list = append(list, "auto")
		for _, n := range classifier.Normalizations() {
			list = append(list, n.Name)
		}
	case "method":
		for _, r := range train.Recipes() {
			if name := r.Method.Name(); !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	case "engine":
		return votingEngines()
	case "scale":
		return scaleNames()
	case "font":
		return figure.Fonts()
	case "legend":
		return figure.Legends()
	case "theme":
		return figure.Themes()
	case "band":
		return certify.Bands()
	case "file":
		return files(typed)
	}
	return list
}

// files returns the files and directories whose paths begin with typed. Directories end in a slash.
func files(typed string) []string {
	dir, name := filepath.Split(typed)
	where := expandTilde(dir)
	if where == "" {
		where = "."
	}
	found, err := os.ReadDir(where)
	if err != nil {
		return nil
	}
	var list []string
	for _, f := range found {
		if strings.HasPrefix(f.Name(), ".") && !strings.HasPrefix(name, ".") || !strings.HasPrefix(f.Name(), name) {
			continue
		}
		path := dir + f.Name()
		if info, err := os.Stat(filepath.Join(where, f.Name())); err == nil && info.IsDir() {
			path += "/"
		}
		list = append(list, path)
	}
	return list
}
