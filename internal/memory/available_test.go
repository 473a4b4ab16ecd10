package memory

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAvailable(t *testing.T) {
	if n := Available(); n <= 0 {
		t.Errorf("%d bytes are available", n)
	}
	file := filepath.Join(t.TempDir(), "meminfo")
	if err := os.WriteFile(file, []byte("MemTotal:  100 kB\nMemAvailable:   42 kB\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, ok := available(file); !ok || n != 42<<10 {
		t.Errorf("%d, %v", n, ok)
	}
	if _, ok := available(file + " of another system"); ok {
		t.Error("a file that is not there has a line")
	}
}
