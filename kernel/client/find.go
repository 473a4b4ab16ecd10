package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"smoothlab/kernel/wire"
)

// existing returns the path of a connection file, given as a path or as a name in the runtime directory.
func existing(name string) (string, error) {
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	dir, err := wire.RuntimeDir()
	if err != nil {
		return "", err
	}
	for _, file := range []string{name, name + ".json", "kernel-" + name + ".json"} {
		path := filepath.Join(dir, file)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	var named []string // files with the short name that a session prints
	for _, pattern := range []string{ownPrefix + name + "*.json", "kernel-" + name + "*.json"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err == nil {
			named = append(named, found...)
		}
	}
	if len(named) == 1 {
		return named[0], nil
	}
	return "", fmt.Errorf("there is no connection file %s, and no file of that name in %s", name, dir)
}

// files lists the connection files that may belong to smoothlab kernels, newest first.
func files() ([]string, error) {
	dir, err := wire.RuntimeDir()
	if err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	type dated struct {
		path string
		at   time.Time
	}
	var found []dated
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		c, err := wire.ReadConnection(path)
		if err != nil || c.KernelName != "" && c.KernelName != wire.KernelName {
			continue
		}
		found = append(found, dated{path, info.ModTime()})
	}
	slices.SortFunc(found, func(a, b dated) int { return cmp.Compare(b.at.UnixNano(), a.at.UnixNano()) })
	list := make([]string, len(found))
	for i, f := range found {
		list[i] = f.path
	}
	return list, nil
}

// probe is how long to wait for the answer of a kernel that may have ended.
const probe = 3 * time.Second

// newest connects to the newest kernel that answers and may be joined. It returns nil if there is none. It removes the
// files of smoothlab kernels that were killed.
func newest(ctx context.Context, o Options) (*Session, error) {
	list, err := files()
	if err != nil {
		return nil, err
	}
	for _, path := range list {
		if !o.Notebooks && !isSmoothlab(path) || o.Name != "" && short(path) != o.Name {
			continue
		}
		try, stop := context.WithTimeout(ctx, probe)
		s, err := open(try, path, o)
		stop()
		if err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if info, statErr := os.Stat(
			path,
		); statErr == nil && isSmoothlab(path) && errors.Is(err, errRefused) &&
			time.Since(info.ModTime()) > startWithin {
			os.Remove(path)
			os.Remove(logOf(path))
		}
	}
	return nil, nil
}

const ownPrefix = "kernel-smoothlab-"

// isSmoothlab reports whether a client of this package wrote the file.
func isSmoothlab(path string) bool { return strings.HasPrefix(filepath.Base(path), ownPrefix) }

// logOf returns the path of the log of a kernel that a client has started.
func logOf(file string) string { return strings.TrimSuffix(file, ".json") + ".log" }

// nameLength is the length of a session's name.
const nameLength = 8

// notNameRune reports whether a session's name may not contain r.
func notNameRune(r rune) bool { return (r < '0' || '9' < r) && (r < 'a' || 'z' < r) }

// short returns the part of a connection file's name that identifies the kernel to users.
func short(file string) string {
	name := strings.TrimSuffix(filepath.Base(file), ".json")
	name = strings.TrimPrefix(strings.TrimPrefix(name, ownPrefix), "kernel-")
	return name[:min(len(name), nameLength)]
}
