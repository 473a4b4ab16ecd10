package memory

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTotal(t *testing.T) {
	if n := Total(); n < 64<<20 || n > 1<<50 {
		t.Errorf("%d bytes of memory", n)
	}
}

// The lowest limit on the way from a process's group to the root counts, in both versions of the interface.
func TestLimit(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"a/memory.max":                   "3000000\n",
		"a/b/memory.max":                 "max\n",
		"c/memory.max":                   "5000000\n",
		"memory/d/memory.limit_in_bytes": "9223372036854771712\n",
		"memory/memory.limit_in_bytes":   "7000000\n",
	} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		groups string
		want   int64
	}{
		{"0::/a/b\n", 3000000},
		{"0::/c\n", 5000000},
		{"0::/\n", 0},
		{"0::/gone/elsewhere\n", 0},
		{"12:cpu,cpuacct:/a\n11:memory:/d\n", 7000000},
		{"nonsense\n", 0},
		{"0::/../../a\n", 3000000},
	} {
		if got, ok := limit(root, c.groups); got != c.want || ok != (c.want > 0) {
			t.Errorf("%q: %d, want %d", c.groups, got, c.want)
		}
	}
}
