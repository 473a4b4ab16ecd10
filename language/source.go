package language

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"smoothlab/report"
)

// readable returns a source without the byte order mark that some editors add, or an error if it is not text.
func readable(c cell) (string, *report.Error) {
	source := c.source
	at := func(offset int) string { return c.where(int32(1 + strings.Count(source[:offset], "\n"))) }
	refuse := func(format string, args ...any) (string, *report.Error) {
		return "", &report.Error{Name: report.Syntax, Message: fmt.Sprintf(format, args...)}
	}
	if len(source) > maxSource {
		return refuse("the source has %d bytes; the maximum is %d", len(source), maxSource)
	}
	source = strings.TrimPrefix(source, "\uFEFF")
	if utf16(source) {
		return refuse("the source is UTF-16: save it as UTF-8")
	}
	if i := strings.IndexByte(source, 0); i >= 0 {
		return refuse("%s: there is a NUL byte, so the source is not text: save it as UTF-8 without NUL bytes", at(i))
	}
	if c.file && notebook(source) {
		return refuse("%s is a notebook, not a program: run it with jupyter nbconvert --execute, or save its cells as text",
			c.name)
	}
	for i := 0; i < len(source); {
		r, n := utf8.DecodeRuneInString(source[i:])
		if r == utf8.RuneError && n == 1 {
			return refuse(
				"%s: the byte 0x%x is not UTF-8, in Latin-1 it is %q: save the source as UTF-8",
				at(i),
				source[i],
				rune(source[i]),
			)
		}
		i += n
	}
	return source, nil
}

// notebook reports whether a source is the JSON of a Jupyter notebook, which is an expression of the language too.
func notebook(source string) bool {
	return strings.HasPrefix(strings.TrimSpace(source), "{") && strings.Contains(source, `"cells"`) &&
		strings.Contains(source, `"nbformat"`)
}

// utf16 reports whether a source looks like UTF-16: it begins with a UTF-16 byte order mark, or every other of its
// first bytes is 0.
func utf16(source string) bool {
	if strings.HasPrefix(source, "\xfe\xff") || strings.HasPrefix(source, "\xff\xfe") {
		return true
	}
	head := source[:min(len(source), 200)&^1]
	zeros := [2]int{}
	for i := range len(head) {
		if head[i] == 0 {
			zeros[i%2]++
		}
	}
	half := len(head) / 2
	return half > 1 && (zeros[0] == half && zeros[1] == 0 || zeros[1] == half && zeros[0] == 0)
}

// lookAlikes maps characters that word processors, web pages and keyboards insert by mistake to the characters of the
// language.
var lookAlikes = map[rune]string{
	'“':      `"`,
	'”':      `"`,
	'„':      `"`,
	'‟':      `"`,
	'«':      `"`,
	'»':      `"`,
	'″':      `"`,
	'‘':      `'`,
	'’':      `'`,
	'‚':      `'`,
	'‛':      `'`,
	'′':      `'`,
	'´':      `'`,
	'−':      "-",
	'–':      "-",
	'—':      "-",
	'‐':      "-",
	'‑':      "-",
	'×':      "*",
	'∗':      "*",
	'·':      "*",
	'⋅':      "*",
	'÷':      "/",
	'∕':      "/",
	'⁄':      "/",
	'≤':      "<=",
	'≥':      ">=",
	'≠':      "!=",
	'…':      "...",
	'：':      ":",
	'¦':      "|",
	'\u00a0': "a space",
	'\u2002': "a space",
	'\u2003': "a space",
	'\u2007': "a space",
	'\u2009': "a space",
	'\u202f': "a space",
	'\u3000': "a space",
	'\u200b': "nothing",
	'\u200c': "nothing",
	'\u200d': "nothing",
	'\u2060': "nothing",
	'\ufeff': "nothing",
	'\u00ad': "nothing",
	'\u2028': "a new line",
	'\u2029': "a new line",
	'\u0085': "a new line",
	'а':      "a",
	'е':      "e",
	'о':      "o",
	'р':      "p",
	'с':      "c",
	'х':      "x",
	'у':      "y",
	'і':      "i",
	'ѕ':      "s",
	'ј':      "j",
	'ο':      "o",
	'ν':      "v",
	'ι':      "i",
	'ı':      "i",
	'А':      "A",
	'В':      "B",
	'Е':      "E",
	'К':      "K",
	'М':      "M",
	'Н':      "H",
	'О':      "O",
	'Р':      "P",
	'С':      "C",
	'Т':      "T",
	'Х':      "X",
}

// plainCharacter returns the character that was probably intended; "" for a character without look-alikes.
func plainCharacter(r rune) string {
	if meant := lookAlikes[r]; meant != "" {
		return meant
	}
	if r >= '！' && r <= '～' { // the fullwidth forms, in the order of ASCII
		return string(r - '！' + '!')
	}
	return ""
}

// lookAlike returns a message about the first look-alike character of a line outside strings and comments; "" if there
// is none. Letters count only in a name whose other letters are ASCII.
func lookAlike(line string) string {
	quote := rune(0)
	escaped := false
	for _, r := range line {
		switch {
		case escaped:
			escaped = false
		case quote != 0 && r == '\\':
			escaped = true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
		case r == '"' || r == '\'':
			quote = r
		case r == '#':
			return ""
		case r > unicode.MaxASCII && plainCharacter(r) != "" && (!unicode.IsLetter(r) || fullwidth(r)):
			return lookAlikeSentence(r)
		}
	}
	return ""
}

func fullwidth(r rune) bool { return r >= '！' && r <= '～' }

func lookAlikeSentence(r rune) string {
	shown := string(r)
	if !unicode.IsPrint(r) || unicode.IsSpace(r) {
		shown = "an invisible character"
	}
	return fmt.Sprintf("%s (U+%04X) is not part of the language: write %s instead", shown, r, plainCharacter(r))
}

// plainName returns a name with look-alikes replaced, and a message about the first one; "" if there is none.
func plainName(name string) (plain, word string) {
	var b strings.Builder
	for _, r := range name {
		meant := ""
		if r > unicode.MaxASCII {
			meant = plainCharacter(r)
		}
		if meant == "" {
			b.WriteRune(r)
			continue
		}
		if word == "" {
			word = fmt.Sprintf("%c (U+%04X) looks like %s but is a different letter", r, r, meant)
		}
		b.WriteString(meant)
	}
	return b.String(), word
}

// pasted matches what does not belong to a program but is copied along with it: prompts, Markdown and conflicts of Git.
var pasted = regexp.MustCompile("^\\s*(>>>>>>>|<<<<<<<|=======|>>>|\\.\\.\\.|(?:In|Out) ?\\[[\\d ]*\\]:|```)")

// shellLine matches lines that IPython treats as magics or shell commands.
var shellLine = regexp.MustCompile(`^\s*(%%?[A-Za-z]\w*|!+\s*\S)`)

// elsewhere returns a message about a line that only IPython understands, or that was copied along with a program; ""
// for other lines. It is called only after a syntax error in the line.
func elsewhere(line string) string {
	if m := pasted.FindStringSubmatch(line); m != nil {
		switch m[1] {
		case "```":
			return "``` begins and ends code in Markdown: leave it out"
		case "<<<<<<<", "=======", ">>>>>>>":
			return m[1] + " marks a conflict of Git: choose one of the two versions"
		}
		return m[1] + " is a prompt, not a part of the program: leave it out, and what was printed"
	}
	switch m := shellLine.FindStringSubmatch(line); {
	case m == nil:
		return ""
	case strings.HasPrefix(m[1], "%%"):
		return m[1] + " is a cell magic of IPython, which is not available here: run shell commands in a terminal, and Python in a separate notebook"
	case strings.HasPrefix(m[1], "%"):
		return m[1] + " is a magic of IPython, which is not available here: train and certify print how long they took, and help() lists the functions"
	}
	return "shell commands do not work here: run " + strings.TrimLeft(strings.TrimSpace(line), "! ") + " in a terminal"
}
