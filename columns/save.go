package columns

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"smoothlab/internal/atomicfile"
	"smoothlab/internal/suggest"
)

// format is one kind of file.
type format struct {
	ending string
	write  func(io.Writer, Table) error
	wide   bool // takes wide columns
}

// formats lists the kinds of files. Endings, errors and help follow from it.
func formats() []format {
	return []format{
		{".npz", writeNPZ, true},
		{".csv", writeCSV, false},
		{".json", writeJSON, false},
		{".jsonl", writeLines, false},
		{".parquet", writeParquet, false},
	}
}

// Endings returns the endings of file names that [Save] knows: ".npz", ".csv" …
func Endings() []string {
	var endings []string
	for _, f := range formats() {
		endings = append(endings, f.ending)
	}
	return endings
}

// Save writes a table in the format of the file's name. The file is written atomically; an older one is replaced, and
// stays as it was if the writing fails.
func Save(path string, t Table) error {
	f, err := formatOf(path)
	if err != nil {
		return err
	}
	if err := t.Check(); err != nil {
		return err
	}
	if !f.wide {
		t = t.narrow()
	}
	if err := atomicfile.Prepare(path); err != nil {
		return err
	}
	return atomicfile.WriteBy(path, 0o644, func(w io.Writer) error { return f.write(w, t) })
}

// CheckPath returns an error if a table cannot be saved under a name: it is not the name of a file, or its ending is
// unknown. Call it before long work.
func CheckPath(path string) error {
	_, err := formatOf(path)
	return err
}

func formatOf(path string) (format, error) {
	if err := atomicfile.CheckName(path); err != nil {
		return format{}, err
	}
	ending := strings.ToLower(filepath.Ext(path))
	for _, f := range formats() {
		if f.ending == ending {
			return f, nil
		}
	}
	endings := Endings()
	guess := ""
	inner := filepath.Ext(strings.TrimSuffix(strings.ToLower(path), ending))
	if slices.Contains(endings, inner) {
		guess = fmt.Sprintf(" (leave out %s: files are not compressed)", ending)
	} else if near := suggest.Of(ending, endings); ending != "" && near != "" {
		guess = fmt.Sprintf(" (did you mean %s?)", near)
	}
	last := len(endings) - 1
	return format{}, fmt.Errorf(
		"cannot tell the format of the data from %s; end its name in %s or %s%s",
		path,
		strings.Join(endings[:last], ", "),
		endings[last],
		guess,
	)
}
