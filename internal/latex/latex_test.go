package latex

import "testing"

func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		"":            "",
		"a_b & 50%":   `a\_b \& 50\%`,
		`\x{y}^~$#`:   `\textbackslash{}x\{y\}\textasciicircum{}\textasciitilde{}\$\#`,
		"σ ≥ ½, p̄<1": `$\sigma$ $\geq$ $\frac{1}{2}$, $\bar{p}$$<$1`,
		"größer − ±":  `größer $-$ $\pm$`,
	} {
		if got := Escape(text); got != want {
			t.Errorf("%q becomes %q, expected %q", text, got, want)
		}
	}
}
