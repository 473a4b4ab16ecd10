package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Only the engine copies tensors to the host, because it counts the copies: tests would not see any other copy.
func TestOnlyTheEngineReads(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, call := range []string{"CopyFlatData", "ConstFlatData", "ConstBytes"} {
			if !strings.Contains(string(text), "."+call) {
				continue
			}
			found++
			room := filepath.Base(filepath.Dir(path))
			if room != "engine" && room != "pjrt" { // pjrt tries a plugin before there is an engine
				t.Errorf("%s calls %s of a tensor: engine.Read counts it", path, call)
			}
		}
		return nil
	})
	if err != nil || found == 0 {
		t.Errorf("%d places read tensors, %v", found, err)
	}
}
