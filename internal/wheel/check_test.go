package wheel

import (
	"os"
	"strings"
	"testing"
)

// Files in a searched directory may contain any bytes.
func FuzzCheck(f *testing.F) {
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		f.Skip(err)
	}
	f.Add(program[:4096])
	f.Add([]byte("\x7fELF"))
	library := Library{Symbol: "GetPjrtApi"}
	f.Fuzz(func(t *testing.T, content []byte) {
		err := library.checkELF(strings.NewReader(string(content)), int64(len(content)))
		if err == nil && !strings.Contains(string(content), library.Symbol) {
			t.Errorf("a file without the word %s passed", library.Symbol)
		}
	})
}
