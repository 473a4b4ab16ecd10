package main

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersionOf(t *testing.T) {
	for _, c := range []struct {
		settings []debug.BuildSetting
		want     string
	}{
		{nil, release},
		{[]debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}}, release + "-0123456789ab"},
		{[]debug.BuildSetting{{Key: "vcs.revision", Value: "01"}, {Key: "vcs.modified", Value: "true"}}, release + "-01-modified"},
	} {
		if got := versionOf(&debug.BuildInfo{Settings: c.settings}); got != c.want {
			t.Errorf("%v: %s, want %s", c.settings, got, c.want)
		}
	}
}

// The release is the newest version of the changelog.
func TestReleaseIsInTheChangelog(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n## ")
	if !strings.HasPrefix(rest, release) {
		t.Errorf("the changelog begins with %.20q, not with %s", rest, release)
	}
}
