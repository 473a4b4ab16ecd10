package glossary_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"smoothlab/internal/glossary"
)

// Each term and each other spelling leads to one entry, in the order of the page, with whole sentences.
func TestEntries(t *testing.T) {
	seen := map[string]string{}
	last := map[string]string{}
	for _, e := range glossary.Entries() {
		for _, name := range append([]string{e.Term}, e.Also...) {
			key := strings.ToLower(name)
			if other, ok := seen[key]; ok && other != e.Term {
				t.Errorf("%q belongs to %s and to %s", name, other, e.Term)
			}
			seen[key] = e.Term
			if found, ok := glossary.Find(strings.ToUpper(name)); !ok || found.Term != e.Term {
				t.Errorf("Find(%q) = %q, %t; expected %s", strings.ToUpper(name), found.Term, ok, e.Term)
			}
		}
		if !slices.Contains(glossary.Groups(), e.Group) {
			t.Errorf("%s: group %q", e.Term, e.Group)
		}
		if !strings.HasSuffix(e.Text, ".") {
			t.Errorf("%s: the text is not a sentence: %s", e.Term, e.Text)
		}
		if key := strings.ToLower(e.Term); key < last[e.Group] {
			t.Errorf("%s comes after %s", e.Term, last[e.Group])
		} else {
			last[e.Group] = key
		}
	}
	if _, ok := glossary.Find("nowhere"); ok {
		t.Error("an unknown term is found")
	}
}

func ExampleFind() {
	e, _ := glossary.Find("abstention")
	fmt.Println(e.Term)
	// Output: abstain
}
