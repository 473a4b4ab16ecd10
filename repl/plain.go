package repl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"smoothlab/internal/wakeable"
	"smoothlab/repl/lineedit"
	"smoothlab/report"
)

// plain is the loop on a terminal that cannot move its cursor, or whose output goes elsewhere: the terminal does the
// editing, line by line, and there is no history.
func (l *loop) plain(ctx context.Context) error {
	s, err := wakeable.New(l.In)
	if err != nil {
		return err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, s.Wake)()
	if l.Banner != "" {
		l.Console.Print(l.Banner + "\n")
	}
	lines := lineReader{source: s}
	item := ""
	for ctx.Err() == nil {
		line, err := l.line(&lines, item != "")
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, wakeable.ErrWoken):
			item, l.warned = "", false
			l.Console.Print("\n")
			continue
		case errors.Is(err, io.EOF) && item != "":
			l.Console.Warn("\nthe unfinished item was not run")
			item = ""
			continue
		case errors.Is(err, io.EOF):
			l.Console.Print("\n")
			if l.confirmExit() {
				return nil
			}
			continue
		case err != nil:
			return err
		}
		if item += line; l.finished(item) {
			warned := l.warned
			l.warned = false
			if l.item(ctx, strings.TrimRight(item, " \t\n")) {
				if l.warned = warned; l.confirmExit() {
					return nil
				}
			}
			item = ""
		}
	}
	return ctx.Err()
}

// line reads a line with its newline.
func (l *loop) line(lines *lineReader, continued bool) (string, error) {
	defer l.interrupts.handleWhile(lines.source.Wake, false)()
	if continued {
		l.Console.ask(lineedit.Continuation)
	} else {
		l.Console.ask(lineedit.Prompt)
	}
	defer l.Console.ask("")
	return lines.next()
}

// finished reports whether lines make an item. A last line of spaces counts as an empty one.
func (l *loop) finished(item string) bool {
	item = strings.TrimSuffix(item, "\n")
	if blank(item) {
		return true
	}
	if last := strings.LastIndex(item, "\n") + 1; blank(item[last:]) {
		item = item[:last]
	}
	state, _ := l.Evaluator.IsComplete(item)
	return state != report.Incomplete
}

// lineReader splits what is read into lines.
type lineReader struct {
	source *wakeable.Reader
	rest   []byte
}

func (r *lineReader) next() (string, error) {
	chunk := make([]byte, 4096)
	for {
		if at := bytes.IndexByte(r.rest, '\n'); at >= 0 {
			line := string(r.rest[:at+1])
			r.rest = r.rest[at+1:]
			return line, nil
		}
		n, err := r.source.Read(chunk)
		if errors.Is(err, wakeable.ErrWoken) {
			r.rest = nil
		}
		if err != nil {
			return "", err
		}
		r.rest = append(r.rest, chunk[:n]...)
	}
}
