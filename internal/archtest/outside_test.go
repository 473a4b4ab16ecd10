package archtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

const outside = `// Outside prints the certified radius of 990 of 1000 votes at sigma 0.5.
package main

import (
	"fmt"

	"smoothlab/certify"
	"smoothlab/smoothing"
)

func main() {
	p := certify.LowerBound(990, 1000, 0.001)
	fmt.Printf("%.4f %.4f\n", p, smoothing.Gaussian{Sigma: 0.5}.Radius(p))
}
`

// A module elsewhere on the disk uses the packages by a replace directive, as docs/go.md describes. The numbers are
// scipy's: beta.ppf(0.001, 990, 11) and 0.5·norm.ppf of it, to four digits.
func TestOutsideModule(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	mod := fmt.Sprintf(
		"module outside\n\ngo %s\n\nrequire smoothlab v0.0.0\n\nreplace smoothlab => %s\n",
		runtime.Version()[2:],
		root,
	)
	for name, text := range map[string]string{"go.mod": mod, "go.sum": string(sums), "main.go": outside} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got, want := string(out), "0.9760 0.9890\n"; got != want {
		t.Errorf("it prints %q, not %q", got, want)
	}
}
