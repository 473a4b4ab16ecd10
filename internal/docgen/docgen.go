// Package docgen writes the lists of the project — data sets, classifiers, methods, plans — as Markdown, for the
// README. A test compares the README with it; go test ./internal/docgen -update rewrites the README.
package docgen

import (
	"fmt"
	"strings"

	"smoothlab/classifier"
	"smoothlab/classifier/onnx"
	"smoothlab/dataset"
	"smoothlab/method"
	"smoothlab/quickstart"
	"smoothlab/train"
)

// Markdown returns all lists, one table each.
func Markdown() string {
	var b strings.Builder
	table(&b, "data set", "images", "")
	for _, e := range dataset.List() {
		var splits []string
		for _, s := range e.Splits {
			splits = append(splits, fmt.Sprintf("%d %s", s.Images, s.Name))
		}
		line(&b, e.Name, strings.Join(splits, ", "), e.Help)
	}
	table(&b, "classifier", "input", "")
	for _, a := range classifier.Architectures() {
		line(&b, a.Name, a.Input.String(), a.Help)
	}
	table(&b, "method", "settings (defaults)", "")
	for _, e := range train.Methods() {
		settings := strings.TrimSuffix(strings.TrimPrefix(method.Describe(e.New()), e.Name+"("), ")")
		line(&b, e.Name, settings, e.Help+" ("+e.Source+")")
	}
	table(&b, "plan of `quickstart`", "data", "")
	for _, p := range quickstart.Plans() {
		line(&b, p.Name, p.Data, p.Help)
	}
	return b.String()
}

// Operations is the list of ONNX's operations that networks may be made of, for docs/networks.md.
func Operations() string {
	var b strings.Builder
	width := 0
	for i, name := range onnx.Operations() {
		switch {
		case i == 0:
		case width+len(name) > 110:
			b.WriteString(",\n")
			width = 0
		default:
			b.WriteString(", ")
		}
		b.WriteString(name)
		width += len(name) + 2
	}
	return b.String() + "\n"
}

func table(b *strings.Builder, heads ...string) {
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	line(b, heads...)
	b.WriteString(strings.Repeat("|---", len(heads)) + "|\n")
}

func line(b *strings.Builder, cells ...string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
