package lineedit

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/chzyer/readline"
)

// Keys for which readline has no rune. They pass through it as characters of the last private plane, which the decoder
// does not accept from the terminal.
const (
	keyNothing    rune = 0x10ff00 + iota
	keyApply           // the editor has changed the text: readline is to take it over
	keyNarrow          // the next key acts on the cursor's line only
	keyNarrowBack      // … on the word before the cursor
	keyNarrowWord      // … on the word after it
	keyWiden           // … until here
	keyMore            // the next Enter comes with more text, and was not typed by hand
	keyIndented        // … which begins with a space or a tab
	keyTabText         // a tab in such text
	keyNewline         // a newline wherever the cursor is
	keyPaste           // a bracketed paste, see decoder.pastes
	keyUp
	keyDown
	keyOlder // history, whatever line the cursor is on
	keyNewer
	keyDelete
)

const (
	pasteOn    = "\x1b[?2004h"
	pasteOff   = "\x1b[?2004l"
	pasteBegin = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

// decoder turns the bytes of a terminal into characters for readline. It knows more keys than readline does, and
// bracketed pastes.
type decoder struct {
	pending []byte   // the beginning of an escape sequence
	paste   []byte   // the beginning of a paste; nil outside of one
	pastes  []string // complete pastes, in the order of their keyPaste
	out     []byte
}

// killBack kills the word before the cursor. Readline's own key kills too much, and Ctrl-Y does not yank it.
var killBack = []rune{keyNarrowBack, readline.CharCtrlU, keyWiden}

// feed decodes the bytes of one read.
func (d *decoder) feed(b []byte) {
	if d.paste != nil && len(b) == 1 && b[0] == readline.CharInterrupt {
		d.paste = nil // Ctrl-C ends a paste whose end was lost
	}
	d.pending = append(d.pending, b...)
	burst := bytes.ContainsAny(bytes.TrimRight(d.pending, "\r\n"), "\r\n")
	for len(d.pending) > 0 {
		var n int
		if d.paste != nil {
			n = d.inPaste()
		} else {
			n = d.key(burst)
		}
		if n == 0 {
			return
		}
		d.pending = d.pending[n:]
	}
}

func (d *decoder) emit(r ...rune) {
	for _, r := range r {
		d.out = utf8.AppendRune(d.out, r)
	}
}

// inPaste adds bytes to the paste and returns how many belong to it.
func (d *decoder) inPaste() int {
	before := len(d.paste)
	d.paste = append(d.paste, d.pending...)
	from := max(0, before-len(pasteEnd))
	at := bytes.Index(d.paste[from:], []byte(pasteEnd))
	if at < 0 {
		return len(d.pending)
	}
	at += from
	d.pastes = append(d.pastes, pasted(string(d.paste[:at])))
	d.paste = nil
	d.emit(keyPaste)
	return at + len(pasteEnd) - before
}

// pasted returns a paste as text, with newlines and tabs as the only control characters.
func pasted(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// key decodes one key and returns how many bytes it takes, 0 if it is incomplete. burst means that the bytes came too
// fast to be typed by hand.
func (d *decoder) key(burst bool) int {
	rest := d.pending[1:]
	switch b := d.pending[0]; b {
	case 0: // would be the end of the input to readline
	case 0xf4: // the plane of our keys
		d.emit(utf8.RuneError)
	case readline.CharEsc:
		return d.escape()
	case readline.CharEnter, readline.CharCtrlJ:
		n := 1
		if b == readline.CharEnter && len(rest) > 0 && rest[0] == '\n' {
			n, rest = 2, rest[1:]
		}
		if len(rest) > 0 {
			d.emit(keyMore)
			if rest[0] == ' ' || rest[0] == '\t' {
				d.emit(keyIndented)
			}
		}
		d.emit(readline.CharEnter)
		return n
	case readline.CharTab:
		if burst {
			d.emit(keyTabText)
		} else {
			d.emit(readline.CharTab)
		}
	case readline.CharLineStart, readline.CharLineEnd, readline.CharKill, readline.CharCtrlU:
		d.emit(keyNarrow, rune(b), keyWiden)
	case readline.CharCtrlW:
		d.emit(killBack...)
	default:
		d.out = append(d.out, b)
	}
	return 1
}

// escape decodes a sequence that begins with ESC.
func (d *decoder) escape() int {
	p := d.pending
	if len(p) < 2 {
		return 0
	}
	switch p[1] {
	case readline.CharEscapeEx:
		return d.csi()
	case readline.CharO:
		if len(p) < 3 {
			return 0
		}
		d.final("", p[2])
		return 3
	case readline.CharEsc:
		return 1
	case readline.CharEnter, readline.CharCtrlJ:
		d.emit(keyNewline)
	case 'b', 'f':
		d.emit(readline.CharEsc, rune(p[1]))
	case 'd':
		d.emit(keyNarrowWord, readline.CharKill, keyWiden)
	case readline.CharBackspace, readline.CharCtrlH:
		d.emit(killBack...)
	}
	return 2
}

// csi decodes ESC [ parameters final.
func (d *decoder) csi() int {
	p := d.pending
	if len(p) > 2 && p[2] == '[' { // function keys of the Linux console
		if len(p) < 4 {
			return 0
		}
		return 4
	}
	for i := 2; i < len(p); i++ {
		switch b := p[i]; {
		case b >= 0x40 && b < 0x7f:
			if string(p[:i+1]) == pasteBegin {
				d.paste = []byte{}
			} else {
				d.final(string(p[2:i]), b)
			}
			return i + 1
		case b < ' ' || b >= 0x7f:
			return i // a sequence that something else cut off
		}
	}
	return 0
}

// final emits the key of a sequence with these parameters and this last byte.
func (d *decoder) final(parameters string, last byte) {
	_, modifier, _ := strings.Cut(parameters, ";")
	word := modifier == "3" || modifier == "5" // Alt, Ctrl
	switch last {
	case 'A':
		d.emit(keyUp)
	case 'B':
		d.emit(keyDown)
	case 'C':
		if word {
			d.emit(readline.CharEsc, 'f')
		} else {
			d.emit(readline.CharForward)
		}
	case 'D':
		if word {
			d.emit(readline.CharEsc, 'b')
		} else {
			d.emit(readline.CharBackward)
		}
	case 'H':
		d.emit(keyNarrow, readline.CharLineStart, keyWiden)
	case 'F':
		d.emit(keyNarrow, readline.CharLineEnd, keyWiden)
	case '~', 'u':
		number, _, _ := strings.Cut(parameters, ";")
		switch {
		case last == 'u' && number == "13", parameters == "27;2;13", parameters == "27;5;13":
			d.emit(keyNewline)
		case last == 'u':
		case number == "1", number == "7":
			d.emit(keyNarrow, readline.CharLineStart, keyWiden)
		case number == "4", number == "8":
			d.emit(keyNarrow, readline.CharLineEnd, keyWiden)
		case number == "3":
			d.emit(keyDelete)
		case number == "5":
			d.emit(keyOlder)
		case number == "6":
			d.emit(keyNewer)
		}
	}
}
