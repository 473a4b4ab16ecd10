package docgen

import (
	"fmt"
	"strings"

	"smoothlab/internal/glossary"
)

// Glossary returns the page of terms, one table per group.
func Glossary() string {
	var b strings.Builder
	b.WriteString("# Glossary\n\n" +
		"The terms of this project's field, as its pages use them. `help(\"ACR\")` prints an entry in a session, and\n" +
		"`help(\"glossary\")` lists them. This page is made from `internal/glossary` by\n" +
		"`go test ./internal/docgen -update`.\n")
	for _, group := range glossary.Groups() {
		fmt.Fprintf(&b, "\n## %s\n\n", strings.ToUpper(group[:1])+group[1:])
		line(&b, "term", "meaning")
		b.WriteString("|---|---|\n")
		for _, e := range glossary.Entries() {
			if e.Group == group {
				line(&b, "**"+e.Term+"**", e.Text)
			}
		}
	}
	return b.String()
}
