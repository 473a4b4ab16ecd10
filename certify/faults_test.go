package certify

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"smoothlab/internal/faulttest"
)

// If any file operation fails, a certification, a merge, a table and a plot lose nothing, report the cause in a
// sentence, and give the same result when done again.
func TestFaults(t *testing.T) {
	const images = 4
	certify := func(dir, name string, part Shard) (*Certificates, error) {
		v := &toyVoter{seed: 7, share: toyShares(images)}
		return runWithinAs(
			t.Context(),
			Budget{},
			v,
			toyImages(images),
			part,
			toySettings(),
			filepath.Join(dir, name),
			nil,
		)
	}
	shards := func(dir string) error {
		for i := range 2 {
			if _, err := certify(dir, fmt.Sprintf("%d.tsv", i), Shard{i + 1, 2}); err != nil {
				return err
			}
		}
		return nil
	}
	untimed := func(_ string, data []byte) []byte { return timeColumn.ReplaceAll(data, []byte("-")) }
	faulttest.Run(t, func(t *testing.T) []faulttest.Work {
		k, err := certify(t.TempDir(), "k.tsv", Shard{})
		if err != nil {
			t.Fatal(err)
		}
		entries := []Entry{NewEntry("k", k)}
		return []faulttest.Work{
			{Name: "certify", Grows: true, Comparable: untimed, Do: func(dir string) error {
				_, err := certify(dir, "new/k.tsv", Shard{})
				return err
			}},
			{Name: "merge", Grows: true, Comparable: untimed, Prepare: shards, Do: func(dir string) error {
				var parts []*Certificates
				for i := range 2 {
					c, err := ReadLog(filepath.Join(dir, fmt.Sprintf("%d.tsv", i)), nil, Plan{})
					if err != nil {
						return err
					}
					parts = append(parts, c)
				}
				merged, err := Merge(parts...)
				if err != nil {
					return err
				}
				return merged.WriteLog(filepath.Join(dir, "k.tsv"))
			}},
			{Name: "table", Prepare: oldFile("t.csv"), Do: func(dir string) error {
				return Table{Entries: entries, Radii: []float64{0.5}}.Save(filepath.Join(dir, "t.csv"))
			}},
			{Name: "plot", Prepare: oldFile("p.svg"), Do: func(dir string) error {
				return Plot(filepath.Join(dir, "p.svg"), "plot", entries)
			}},
		}
	})
}

// oldFile makes a file.
func oldFile(name string) func(dir string) error {
	return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o644) }
}
