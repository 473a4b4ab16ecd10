package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("k.tsv", []byte("rows"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo("pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open("k.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if data, err := io.ReadAll(f); err != nil || string(data) != "rows" {
		t.Errorf("%q, %v", data, err)
	}
	for path, want := range map[string]string{
		"K.tvs":                         `there is no file K.tvs: did you mean "k.tsv"?`,
		filepath.Join(dir, "k.ts"):      `there is no file ` + dir + `/k.ts: did you mean "` + dir + `/k.tsv"?`,
		"none.tsv":                      "there is no file none.tsv; its path begins in " + dir,
		"checkpoint":                    "there is no file checkpoint; its path begins in " + dir,
		"a/checkpoint":                  "there is no file a/checkpoint, nor its directory; its path begins in " + dir,
		filepath.Join(dir, "runs", "a"): "there is no file " + dir + "/runs/a, nor its directory",
		".":                             ". is a directory; name the file in it",
		"pipe":                          "pipe is a pipe or a device, not a file", // and opening it does not block
		"k.tsv/x":                       "k.tsv/x cannot be read: not a directory",
	} {
		f, err := Open(path)
		if err == nil || err.Error() != want || f != nil {
			t.Errorf("%s: %v, expected %s", path, err, want)
		}
		if absent := strings.HasPrefix(want, "there is no file"); errors.Is(err, fs.ErrNotExist) != absent {
			t.Errorf("%s: not there: %v", path, !absent)
		}
	}
}

// Obstacles to writing a file are found without leaving files, and reported with the given name.
func TestPrepare(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, want string }{
		{"new/folder/a.svg", ""},
		{"file", ""},
		{"new", "new is a directory; name a file in it"},
		{"", "the name of the file is empty; name a file"},
		{".", ". is a directory; name a file in it"},
		{"none/", "none/ is the name of a directory; name a file in it"},
		{"none/..", "none/.. is the name of a directory; name a file in it"},
		{"/dev/null", "/dev/null is a pipe or a device; name a file"},
		{"file/a.svg", "the directory of file/a.svg cannot be made: not a directory; name another"},
		{"/proc/a.svg", "no file can be made in the directory of /proc/a.svg: no such file or directory; name another"},
	} {
		err := Prepare(c.path)
		if c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != c.want) {
			t.Errorf("%s: %v, expected %q", c.path, err, c.want)
		}
	}
	if left, err := os.ReadDir("new/folder"); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if err := Write("/proc/a.svg", nil); err == nil || err.Error() != "/proc/a.svg: no such file or directory" {
		t.Errorf("writing: %v", err)
	}
}
