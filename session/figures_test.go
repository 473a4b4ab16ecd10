package session_test

import (
	"strings"
	"testing"

	"smoothlab/session"
)

// Everything listed by help and the reference page has a help line.
func TestKindsExplainAttributes(t *testing.T) {
	for _, k := range session.Kinds() {
		if k.Help == "" {
			t.Errorf("nothing is said of a %s", k.Name)
		}
		for _, a := range k.Attributes {
			if a.Help == "" || strings.Contains(a.Help, "\n") {
				t.Errorf("%s.%s is explained by %q", k.Name, a.Name, a.Help)
			}
		}
	}
}
