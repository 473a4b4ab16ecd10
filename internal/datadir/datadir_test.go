package datadir

import (
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
	for _, c := range []struct{ xdg, home, want, err string }{
		{"/data", "/home/me", "/data/smoothlab/pjrt", ""},
		{"relative", "/home/me", "/home/me/.local/share/smoothlab/pjrt", ""},
		{"", "/home/me", "/home/me/.local/share/smoothlab/pjrt", ""},
		{"", "", "", "set HOME or XDG_DATA_HOME"},
	} {
		t.Setenv("XDG_DATA_HOME", c.xdg)
		t.Setenv("HOME", c.home)
		got, err := Path("pjrt")
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("XDG_DATA_HOME=%q HOME=%q: %q, %v", c.xdg, c.home, got, err)
		}
	}
}
