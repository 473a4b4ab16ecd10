package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

// release is the version of CHANGELOG.md that this source belongs to. A module version, which Go records in programs
// that are installed from a tag, takes its place.
const release = "0.2.0"

// version returns the release, and the revision for a program that was built from a checkout.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return release
	}
	return versionOf(info)
}

// versionOf returns the version that build information describes.
func versionOf(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	if revision == "" {
		return release
	}
	text := release + "-" + revision[:min(len(revision), 12)]
	if settings["vcs.modified"] == "true" {
		text += "-modified"
	}
	return text
}

// versionCommand prints the version.
type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(_ context.Context, t *terminal) error {
	_, err := fmt.Fprintln(t.out, "smoothlab", version())
	return err
}
