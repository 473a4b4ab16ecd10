package certify

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Merge combines the shards of one certification. Each must be given once, finished, and made with the same settings.
// If their provenance differs, as for shards from several machines, the merged one has all values, since votes between
// nearly equal logits may differ there. So it is with the notes on their images.
func Merge(shards ...*Certificates) (*Certificates, error) {
	if len(shards) == 0 {
		return nil, errors.New("there are no shards to merge: give those of a certification")
	}
	first := shards[0]
	if i := slices.IndexFunc(shards, func(c *Certificates) bool { return c.ImageData != "" }); i >= 0 {
		first = shards[i] // all shards with digests are compared with it
	}
	if first.Shard.Of == 0 {
		return nil, errors.New("the certificates are of all images, not of a shard: there is nothing to merge")
	}
	seen := make([]bool, first.Shard.Of+1)
	merged := &Certificates{Settings: first.Settings, Planned: count(first.whole), digests: map[int]string{}}
	for _, c := range shards {
		if err := c.checkShard(first); err != nil {
			return nil, err
		}
		if seen[c.Shard.Number] {
			return nil, fmt.Errorf("shard %v is given twice", c.Shard)
		}
		seen[c.Shard.Number] = true
		merged.Rows = append(merged.Rows, c.Rows...)
		merged.Notes = union(merged.Notes, c.Notes)
		maps.Copy(merged.digests, c.digests)
		if c.ImageData == "" {
			merged.ImageData = ""
		}
	}
	var missing []string
	for i := 1; i <= first.Shard.Of; i++ {
		if !seen[i] {
			missing = append(missing, Shard{i, first.Shard.Of}.String())
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s missing: give all %d shards", listIs("shard", missing), first.Shard.Of)
	}
	slices.SortFunc(merged.Rows, func(a, b Row) int { return cmp.Compare(a.Index, b.Index) })
	all := make([]map[string]string, len(shards))
	for i, c := range shards {
		all[i] = c.Provenance
	}
	merged.Provenance = MergeProvenance(all)
	return merged, (&sidecar{Images: first.whole}).checkRows("the merged certification", merged.Rows)
}

// union returns the notes of a, and those of b that are not among them.
func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, note := range b {
		if !slices.Contains(all, note) {
			all = append(all, note)
		}
	}
	return all
}

// checkShard returns an error if shard c cannot be merged with the first one.
func (c *Certificates) checkShard(first *Certificates) error {
	switch {
	case c.Shard.Of == 0:
		return errors.New("one of the certifications is of all images, and others are shards: merge shards only")
	case c.Shard.Of != first.Shard.Of:
		return fmt.Errorf("shard %v and shard %v are from different certifications", first.Shard, c.Shard)
	case c.Unfinished():
		return fmt.Errorf("shard %v has %d of its %d images: finish it first", c.Shard, len(c.Rows), c.Planned)
	}
	name := "shard " + c.Shard.String()
	for _, err := range []error{
		compareSettings(name, first.Settings, c.Settings), compareImages(name, first.whole, c.whole),
		comparePixels(name, first.Settings, c.Settings)} {
		if err != nil {
			return mergeError(err)
		}
	}
	return nil
}

// mergeError rewrites a SettingsError for shards that cannot be merged.
func mergeError(err error) error {
	var differs *SettingsError
	if errors.As(err, &differs) {
		if differs.Name == imageData {
			return fmt.Errorf(
				"%s was made from other pixels or labels of the images than the others (SHA-256 %.12s… and %.12s…): "+
					"certify all shards with the same copy of the data set",
				differs.Path,
				differs.Now,
				differs.Was,
			)
		}
		return fmt.Errorf(
			"%s has %s %s, and the first shard %s: they are not from one certification",
			differs.Path,
			differs.Name,
			differs.Now,
			differs.Was,
		)
	}
	return err
}

// MergeProvenance returns the provenance of what several shards have made: all values of each fact, in the order of the
// shards, of which there is at least one.
func MergeProvenance(shards []map[string]string) map[string]string {
	facts := map[string][]string{}
	for _, provenance := range shards {
		for name, value := range provenance {
			if !slices.Contains(facts[name], value) {
				facts[name] = append(facts[name], value)
			}
		}
	}
	if len(facts) == 0 {
		return shards[0]
	}
	merged := map[string]string{}
	for name, values := range facts {
		merged[name] = strings.Join(values, " | ")
	}
	return merged
}

// listIs formats names as "shard 1/4 is" or "shards 1/4, 2/4 are".
func listIs(noun string, names []string) string {
	if len(names) == 1 {
		return noun + " " + names[0] + " is"
	}
	return noun + "s " + strings.Join(names, ", ") + " are"
}

// WriteLog writes finished certificates as the log that a run of them leaves, with the JSON file of their settings next
// to it. If the log exists, it must have the same rows; an unfinished one is completed.
func (c *Certificates) WriteLog(path string) error {
	if c.Unfinished() || c.Printed || c.ReexpressedFrom > 0 || c.Shard.Of > 0 || c.Settings.Check() != nil {
		return errors.New(
			"only finished certificates of all images, in full precision and with all of their settings, make a log",
		)
	}
	images := make([]Image, len(c.Rows))
	for i, row := range c.Rows {
		images[i] = Image{Index: row.Index, Label: row.Label}
	}
	side := newSidecar(c.Settings, images, c.digests)
	if err := CheckOut(path); err != nil {
		return err
	}
	if have, err := loadFinished(path, side, images); err != nil {
		return err
	} else if have != nil {
		return c.checkPrefix(path, have.Rows)
	}
	log, begun, err := openLog(path, side, images)
	if err != nil {
		return err
	}
	if err := c.checkPrefix(path, begun.Rows); err != nil {
		return log.close(err)
	}
	for _, row := range c.Rows[len(begun.Rows):] {
		if err := log.append(c.Plan.line(row)); err != nil {
			return log.close(fmt.Errorf("%s is not finished; write it again: %w", path, err))
		}
	}
	return log.close(nil)
}

// checkPrefix returns an error if rows of a log are not the first rows of the certificates.
func (c *Certificates) checkPrefix(path string, rows []Row) error {
	for i, row := range rows {
		if !c.Rows[i].sameVotes(row) {
			return fmt.Errorf(
				"%s has a different row for image %d: use another output path, or remove it",
				path,
				row.Index,
			)
		}
	}
	return nil
}

// sameVotes reports whether two rows differ at most in their time.
func (r Row) sameVotes(other Row) bool {
	r.Time, other.Time = 0, 0
	return r == other
}
