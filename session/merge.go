package session

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"smoothlab/certify"
	"smoothlab/internal/humanize"
	"smoothlab/language"

	"go.starlark.net/starlark"
)

// mergeArgs are the arguments of merge().
type mergeArgs struct {
	Shards starlark.Value `arg:"shards,required" want:"a list of certificates or of logs" help:"the shards of one certification, as certificates or paths of logs; or of soft labels"`
	Out    string         `arg:"out" complete:"file" default:"None" help:"file for the merged log, equal to a log made without shards except for the time column"`
}

// merge implements merge().
func (s *Session) merge(c *language.Call, a *mergeArgs) (starlark.Value, error) {
	path := expandTilde(a.Out)
	if labels, err := softShards(a.Shards); labels != nil || err != nil {
		if err != nil {
			return nil, err
		}
		return mergeSoftLabels(c, labels, path)
	}
	shards, err := shardsOf(a.Shards)
	if err != nil {
		return nil, err
	}
	if err := prepareOutputPath(path); err != nil {
		return nil, err
	}
	var parts []*certify.Certificates
	for _, k := range shards {
		parts = append(parts, k.Certificates)
	}
	merged, err := certify.Merge(parts...)
	if err != nil {
		return nil, err
	}
	line := fmt.Sprintf("merge: %d shards · %s images", len(parts), humanize.Grouped(len(merged.Rows)))
	if path != "" {
		if err := merged.WriteLog(path); err != nil {
			return nil, err
		}
		line += " · → " + path
	}
	c.Out.Print(line + "\n")
	return &certificatesValue{
		Certificates: merged,
		path:         path,
		classes:      shards[0].classes,
		values:       shards[0].values,
	}, nil
}

// shardsOf reads a list of certificates or paths of logs. Its error names all missing and unfinished shards at once, so
// that the user knows which tasks to run again.
func shardsOf(v starlark.Value) ([]*certificatesValue, error) {
	items, ok := v.(starlark.Iterable)
	if !ok {
		return nil, notCertificates("merge takes a list of shards", v)
	}
	var shards []*certificatesValue
	var lacking []string
	for item := range starlark.Elements(items) {
		k, err := shardOf(item)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			lacking = append(lacking, fmt.Sprintf("there is no log %s", expandTilde(string(item.(starlark.String)))))
			continue
		case err != nil:
			return nil, err
		case k.Shard.Of > 0 && k.Unfinished():
			lacking = append(lacking, fmt.Sprintf("shard %s has %d of its %d images", k.Shard, len(k.Rows), k.Planned))
		}
		shards = append(shards, k)
	}
	if len(lacking) > 0 {
		return nil, fmt.Errorf("%s: finish what is missing, then merge", strings.Join(lacking, ", "))
	}
	return shards, nil
}

// shardOf reads one shard.
func shardOf(item starlark.Value) (*certificatesValue, error) {
	switch item := item.(type) {
	case *certificatesValue:
		return item, nil
	case starlark.String:
		path := expandTilde(string(item))
		k, err := certify.ReadLog(path, nil, certify.Plan{})
		if err != nil {
			return nil, err
		}
		return &certificatesValue{Certificates: k, path: path, classes: k.ClassNames}, nil
	}
	return nil, notCertificates("merge takes certificates, or paths of their logs", item)
}
