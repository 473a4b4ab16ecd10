package lineedit_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"smoothlab/repl/lineedit"
	"smoothlab/report"

	"golang.org/x/term"
)

// screen shows the item being typed and nothing else.
type screen struct {
	mu      sync.Mutex
	drawing lineedit.Drawing
}

func (s *screen) Update(draw func(d *lineedit.Drawing, width, height int) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	width, height, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		width, height = 80, 24
	}
	os.Stdout.WriteString(draw(&s.drawing, width, height))
}

// lines is a language whose items are lines.
type lines struct{}

func (lines) Complete(string, int) report.Completion               { return report.Completion{} }
func (lines) IsComplete(string) (c report.Completeness, in string) { return report.Complete, "" }

// Read lines with history and editing until Ctrl-D. (Not run as a test: it needs a terminal.)
func ExampleOpen() {
	history, err := lineedit.OpenHistory("")
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := lineedit.Open(lineedit.Options{In: os.Stdin, Screen: &screen{}, Language: lines{}, History: history})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer t.Close()
	for {
		item, err := t.Read()
		switch {
		case errors.Is(err, lineedit.ErrInterrupted): // Ctrl-C: begin again
		case errors.Is(err, io.EOF), errors.Is(err, lineedit.ErrClosed):
			return
		default:
			fmt.Printf("%q\n", item.Text)
			_ = history.Add(item.Text) // this one has no file
		}
	}
}

// The history keeps items without their repetitions.
func ExampleOpenHistory() {
	dir, err := os.MkdirTemp("", "history")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := dir + "/history"
	history, err := lineedit.OpenHistory(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range []string{"d = dataset('mnist')", "for i in d:\n    print(i)", "for i in d:\n    print(i)"} {
		if err := history.Add(item); err != nil {
			fmt.Println(err)
		}
	}
	data, err := os.ReadFile(path)
	fmt.Printf("%s%v\n", data, err)
	// Output:
	// d = dataset('mnist')
	// for i in d:\n    print(i)
	// <nil>
}
