package figure

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// styles lists styles of figures for the tests.
func styles() map[string]Style {
	return map[string]Style{
		"screen": {},
		"print":  {Width: 3.25, Height: 2.4, FontSize: 8, Dashes: true, Markers: true, DPI: 300},
		"gray":   {Gray: true, Font: "sans", NoGrid: true, Legend: "outside"},
		"dark":   {Theme: "dark", Font: "mono", Legend: "none"},
	}
}

// A document of LaTeX includes the drawings of every style, as PGF and as PDF, without an error.
func TestTeX(t *testing.T) {
	pdflatex, err := exec.LookPath("pdflatex")
	if err != nil {
		t.Skip("pdflatex is not installed")
	}
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("\\documentclass{article}\\usepackage{pgf,graphicx}\\begin{document}\n")
	for name, style := range styles() {
		for _, format := range []string{"pgf", "pdf"} {
			f := sample()
			f.Style = style
			data, err := f.Draw(format)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name+"."+format), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		b.WriteString("\\input{" + name + ".pgf}\n\n\\includegraphics{" + name + ".pdf}\n\n")
	}
	b.WriteString("\\end{document}\n")
	if err := os.WriteFile(filepath.Join(dir, "all.tex"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), pdflatex, "-halt-on-error", "-interaction=nonstopmode", "all.tex")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "Missing character") {
		t.Errorf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "all.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "tex.pdf", data)
}
