package main

import (
	"time"

	"smoothlab/repl"
	"smoothlab/report"
)

// console is the REPL's console for commands that are no session: lines, and how far the current part is.
type console struct {
	*repl.Console
	part string // in progress
}

// Say prints a line that stays.
func (c *console) Say(line string) {
	c.over()
	c.Print(line + "\n")
}

// Progress says how far a part is; it ends the part before it.
func (c *console) Progress(part string, done, total int, detail string, left time.Duration) {
	if part != c.part {
		c.over()
		c.part = part
	}
	c.Console.Progress(
		report.Progress{ID: part, Part: part, Done: done, Total: total, Detail: detail, Left: int(left.Seconds())},
	)
}

func (c *console) over() {
	if c.part != "" {
		c.Console.Progress(report.Progress{ID: c.part, End: true})
		c.part = ""
	}
}

// download shows a download's progress.
func (c *console) download(file string, done, total int64) {
	c.Progress("downloading "+file, int(done>>10), int(max(total, 0)>>10), "kB", 0)
}
