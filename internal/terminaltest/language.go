package terminaltest

import (
	"strings"
	"sync"
	"unicode"

	"smoothlab/report"
)

// Language completes a few names. Its items are lines, bracketed expressions and blocks. The zero value is ready to
// use.
type Language struct {
	mu      sync.Mutex
	cursors []string // what Complete was asked, the cursor as a |
}

var names = []string{"alpha", "alphabet", "beta", "数据集"}

// Complete completes the names alpha, alphabet, beta and 数据集. It panics at boom.
func (l *Language) Complete(source string, cursor int) report.Completion {
	text := []rune(source)
	l.mu.Lock()
	l.cursors = append(l.cursors, string(text[:cursor])+"|"+string(text[cursor:]))
	l.mu.Unlock()
	start := cursor
	for start > 0 && unicode.IsLetter(text[start-1]) {
		start--
	}
	c := report.Completion{Start: start, End: cursor}
	for _, name := range names {
		if strings.HasPrefix(name, string(text[start:cursor])) && start < cursor {
			c.Items = append(c.Items, report.Item{Text: name, Kind: "variable", Help: "the " + name})
		}
	}
	if string(text[start:cursor]) == "boom" {
		panic("no completion")
	}
	return c
}

// IsComplete knows brackets, and blocks that begin with a colon and end with an empty line.
func (l *Language) IsComplete(source string) (report.Completeness, string) {
	lines := strings.Split(source, "\n")
	block, indent := false, ""
	for _, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		indent = line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if strings.HasSuffix(line, ":") {
			block = true
			indent += "    "
		}
	}
	switch {
	case strings.Count(source, "(") > strings.Count(source, ")"):
		return report.Incomplete, indent
	case block && lines[len(lines)-1] != "":
		return report.Incomplete, indent
	}
	return report.Complete, ""
}

// Asked returns the texts that Complete was asked about, the cursor as |.
func (l *Language) Asked() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.cursors...)
}
