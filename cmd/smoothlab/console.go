package main

import (
	"time"

	"smoothlab/repl"
	"smoothlab/report"
)

// console prints lines and progress for commands without a session.
type console struct {
	*repl.Console
	part string // part in progress
}

// Say prints a permanent line.
func (c *console) Say(line string) {
	c.over()
	c.Print(line + "\n")
}

// Progress shows the progress of a part and ends the previous part.
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

// download shows the progress of a download.
func (c *console) download(file string, done, total int64) {
	c.Progress("downloading "+file, int(done>>10), int(max(total, 0)>>10), "kB", 0)
}
