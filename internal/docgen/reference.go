package docgen

import (
	"fmt"
	"strings"

	"smoothlab/language"
	"smoothlab/session"
)

// Reference returns the reference page of the session's language: every function and every kind of value.
func Reference() string {
	var b strings.Builder
	b.WriteString("# Reference\n\n" +
		"What can be typed at the prompt, in a notebook cell of smoothlab's kernel, and in a program for `smoothlab run`. The language is\n" +
		"[Starlark](https://github.com/google/starlark-go/blob/master/doc/spec.md), a small Python; `math` and `json` are predeclared, and `argv` in programs. This page is made from the code\n" +
		"by `go test ./internal/docgen -update`; `help()` shows the same text.\n")
	group := ""
	for _, f := range session.Functions(nil) {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(&b, "\n## %s\n", strings.ToUpper(group[:1])+group[1:])
		}
		function(&b, "###", f)
	}
	b.WriteString("\n## Values\n")
	for _, k := range session.Kinds() {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n", k.Name, k.Help)
		table(&b, "attribute", "")
		for _, a := range k.Attributes {
			line(&b, "`"+a.Name+"`", a.Help)
		}
		for _, f := range k.Methods {
			function(&b, "####", f)
		}
		if len(k.Examples) > 0 {
			fmt.Fprintf(&b, "\n```python\n%s\n```\n", strings.Join(k.Examples, "\n"))
		}
	}
	return b.String()
}

func function(b *strings.Builder, head string, f *language.Function) {
	fmt.Fprintf(b, "\n%s %s\n\n`%s`\n\n%s.\n", head, f.Name, f.Signature(), strings.TrimSuffix(f.Summary(), "."))
	if _, more, ok := strings.Cut(f.Help, "\n"); ok {
		fmt.Fprintf(b, "%s\n", more)
	}
	if len(f.Params) > 0 {
		table(b, "argument", "default", "")
		for _, p := range f.Params {
			name, value := "`"+p.Name+"`", "`"+p.Default+"`"
			switch {
			case p.Required:
				value = "required"
			case strings.HasPrefix(p.Name, "**"):
				value = "any, by name"
			case p.Name == "*":
				name, value = "…", "any number"
			}
			line(b, name, value, p.Help)
		}
	}
	if len(f.Examples) > 0 {
		fmt.Fprintf(b, "\n```python\n%s\n```\n", strings.Join(f.Examples, "\n"))
	}
}
