package lineedit

import "strings"

// paste inserts text at the cursor. Enter then runs it, even if it ends in a block. Text that was copied from inside a
// function loses its indentation; text that was copied with prompts loses them.
func (e *editor) paste(text string) {
	if blank(string(e.text)) && strings.Contains(strings.TrimSpace(text), "\n") {
		e.text, e.pos = nil, 0
		text = dedent(unprompted(text))
	}
	if e.pos == len(e.text) {
		text = strings.TrimRight(text, " \t\n") + spaceAfter(text)
	}
	e.insert(text)
	e.pasted = strings.Contains(text, "\n")
}

// spaceAfter returns the space at the end of a paste of one line, which the user may continue.
func spaceAfter(text string) string {
	if strings.Contains(text, "\n") {
		return ""
	}
	return text[len(strings.TrimRight(text, " \t")):]
}

// unprompted removes the prompts from a transcript, and the output between them.
func unprompted(text string) string {
	text = strings.TrimLeft(text, "\n")
	if !strings.HasPrefix(text, Prompt) {
		return text
	}
	var typed []string
	for line := range strings.SplitSeq(text, "\n") {
		if line == ">>>" || line == "..." {
			line += " "
		}
		if rest, ok := strings.CutPrefix(line, Prompt); ok {
			typed = append(typed, rest)
		} else if rest, ok := strings.CutPrefix(line, Continuation); ok {
			typed = append(typed, rest)
		}
	}
	return strings.Join(typed, "\n")
}

// dedent removes the indentation of the first line from all lines, if they all have it.
func dedent(text string) string {
	for {
		line, rest, more := strings.Cut(text, "\n")
		if !more || !blank(line) {
			break
		}
		text = rest
	}
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if blank(line) {
			lines[i] = ""
		} else if cut, ok := strings.CutPrefix(line, indent); ok {
			lines[i] = cut
		} else {
			return text
		}
	}
	return strings.Join(lines, "\n")
}
