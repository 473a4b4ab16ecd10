package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// console shows progress as one line that is redrawn on a terminal, and not at all where the output is a file or a pipe.
type console struct {
	out  io.Writer
	live bool
	part string
	bar  *progressbar.ProgressBar
}

func newConsole(out *os.File) *console {
	return &console{out: out, live: term.IsTerminal(int(out.Fd()))}
}

// Say prints a line that stays.
func (c *console) Say(line string) {
	c.clear()
	fmt.Fprintln(c.out, line)
}

// Progress draws how far a part is, at most ten times a second.
func (c *console) Progress(part string, done, total int, detail string, left time.Duration) {
	if !c.live {
		return
	}
	if part != c.part || c.bar == nil {
		c.clear()
		c.part = part
		c.bar = progressbar.NewOptions(max(total, 1), progressbar.OptionSetWriter(c.out), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetElapsedTime(false), progressbar.OptionShowCount())
	}
	if left > 0 {
		detail += " · " + left.Round(time.Second).String() + " left"
	}
	c.bar.Describe(part + " · " + detail)
	c.bar.Set(min(done, max(total, 1)))
}

func (c *console) clear() {
	if c.bar != nil {
		c.bar.Clear()
		c.bar = nil
	}
}

// download shows a download's progress.
func (c *console) download(file string, done, total int64) {
	c.Progress("downloading "+file, int(done>>10), int(max(total, 0)>>10), "kB", 0)
}
