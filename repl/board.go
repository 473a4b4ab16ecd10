package repl

import (
	"fmt"
	"strings"
)

// Sequences that turn the wrapping of lines off and on. Without it the terminal cuts long lines, so that a board has as
// many rows as lines.
const (
	wrapOff = "\x1b[?7l"
	wrapOn  = "\x1b[?7h"
)

// setBoard shows text below everything else, in place of the previous board. Lines that the screen has no room for are
// left out.
func (c *Console) setBoard(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clearBar()
	if c.midLine {
		c.write(c.out, "\n")
		c.midLine = false
	}
	c.eraseBoard()
	_, height := c.size()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) > height-1 {
		lines = append(lines[:height-2], "…")
	}
	c.board = lines
	c.drawBoard()
}

// endBoard replaces the board by text that stays.
func (c *Console) endBoard(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.eraseBoard()
	c.board = nil
	c.write(c.out, text)
	c.midLine = !strings.HasSuffix(text, "\n")
}

// drawBoard writes the board at the cursor; c.mu must be held.
func (c *Console) drawBoard() {
	if len(c.board) > 0 {
		c.write(c.out, wrapOff+strings.Join(c.board, "\x1b[0m\n")+"\x1b[0m\n"+wrapOn)
	}
}

// eraseBoard clears the board and moves the cursor to its beginning; c.mu must be held.
func (c *Console) eraseBoard() {
	if len(c.board) > 0 {
		c.write(c.out, fmt.Sprintf("\r\x1b[%dA\x1b[J", len(c.board)))
	}
}
