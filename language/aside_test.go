package language

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"smoothlab/report"

	"go.starlark.net/starlark"
)

// heard is an output that records what is printed.
type heard struct {
	mu   sync.Mutex
	text string
}

func (h *heard) Print(s string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text += s
}

func (h *heard) Show(report.Report)       {}
func (h *heard) Progress(report.Progress) {}

func (h *heard) said() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text
}

// A function that ignores interrupts is left to end in the background: the prompt returns, variables remain, its later
// output is dropped, and the next function waits until it has ended.
func TestStubbornFunction(t *testing.T) {
	free, ended := make(chan struct{}), make(chan struct{})
	stubborn := Func("stubborn", "Hear nothing", struct{}{}, func(c *Call, _ *struct{}) (starlark.Value, error) {
		defer close(ended)
		<-free
		c.Out.Print("too late\n")
		return starlark.String("dropped"), nil
	})
	quick := Func(
		"quick",
		"Say something",
		struct{}{},
		func(*Call, *struct{}) (starlark.Value, error) { return starlark.MakeInt(7), nil },
	)
	i := New([]*Function{stubborn, quick}, nil)
	var out heard
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	_, err := i.Run(ctx, "item 1", "x = 3\nstubborn()\nx = 4", &out)
	e, ok := errors.AsType[*report.Error](err)
	if !ok || e.Name != report.Interrupted ||
		!strings.Contains(e.Message, "stubborn is in a step that cannot be interrupted") {
		t.Fatalf("ends with %v", err)
	}
	if v, err := i.Run(t.Context(), "item 2", "x", &out); err != nil || v.String() != "3" {
		t.Errorf("x is %v, %v", v, err)
	}
	ctx, stop = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := i.Run(ctx, "item 3", "quick()", &out); err == nil {
		t.Error("a function runs beside one that was left behind")
	}
	time.AfterFunc(2*announceAfter, func() { close(free) })
	if v, err := i.Run(t.Context(), "item 4", "quick()", &out); err != nil || v.String() != "7" {
		t.Errorf("quick() gives %v, %v", v, err)
	}
	<-ended
	if said := out.said(); said != "waiting for the last step of stubborn, which was interrupted\n" {
		t.Errorf("heard %q", said)
	}
}

// A panic of a function is an internal error, and the session goes on.
func TestPanickingFunction(t *testing.T) {
	faulty := Func("faulty", "Panic", struct{}{}, func(*Call, *struct{}) (starlark.Value, error) { panic("no") })
	i := New([]*Function{faulty}, nil)
	var out heard
	_, err := i.Run(t.Context(), "item 1", "faulty()", &out)
	if e, ok := errors.AsType[*report.Error](err); !ok || e.Name != report.Internal {
		t.Errorf("ends with %v", err)
	}
	if v, err := i.Run(t.Context(), "item 2", "1 + 1", &out); err != nil || v.String() != "2" {
		t.Errorf("then %v, %v", v, err)
	}
}

// A source that is not text is refused with the place, and a byte order mark is skipped.
func TestReadable(t *testing.T) {
	var out heard
	for source, want := range map[string]string{
		"\ufeff1 + 1":                    "",
		"x = 1\n\x00":                    "prog.star:2: there is a NUL byte",
		"\x00p\x00r\x00i\x00n\x00t":      "the source is UTF-16",
		"p\x00r\x00i\x00n\x00t\x00":      "the source is UTF-16",
		"\xfe\xff\x00p":                  "the source is UTF-16",
		"\xff\xfep\x00":                  "the source is UTF-16",
		"x = 'caf\xe9'":                  "prog.star:1: the byte 0xe9 is not UTF-8, in Latin-1 it is 'é'",
		"x = “a”":                        "prog.star:1: “ (U+201C) is not part of the language: write \" instead",
		"x = ‘a’":                        "write ' instead",
		"x = 3 − 1":                      "− (U+2212) is not part of the language: write - instead",
		"x = 3 × 1":                      "write * instead",
		"x = 3 – 1":                      "– (U+2013)",
		"x\u00a0= 1":                     "an invisible character (U+00A0) is not part of the language: write a space instead",
		"x = 1\u200b":                    "(U+200B)",
		"x = （1）":                        "write ( instead",
		"print(\"“quoted”\")\nx = 1 ≤ 2": "write <= instead",
		"рrint(1)":                       "р (U+0440) looks like p but is a different letter; did you mean \"print\"?",
		"ｐrint(1)":                       "(U+FF50)",
		"σ = 0.5\nprint('“fine”')":       "",
		"%time x":                        "%time is a magic of IPython",
		"%%bash\nls":                     "%%bash is a cell magic of IPython",
		"!ls -l":                         "shell commands do not work here: run ls -l in a terminal",
		">>> x = 1\n>>> x\n1":            "prog.star:1: >>> is a prompt, not a part of the program: leave it out, and what was printed",
		"for i in [1]:\n...     x = i":   "prog.star:2: ... is a prompt",
		"In [1]: x = 1\nOut[1]: 1":       "prog.star:1: In [1]: is a prompt",
		"```python\nx = 1\n```":          "``` begins and ends code in Markdown",
		"<<<<<<< HEAD\nx = 1\n=======":   "prog.star:1: <<<<<<< marks a conflict of Git",
		`{"cells": [{"cell_type": "code", "source": ["x"]}], "nbformat": 4}`: "prog.star is a notebook, not a program",
		`x = {"cells": 1, "nbformat": 4}`:                                    "",
		"x = 5\ny = 7 \\\n  %2\nprint(x)":                                    "",
	} {
		_, err := New(nil, nil).RunFile(t.Context(), "prog.star", source, &out)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", source, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%q ends with %v, want a sentence with %q", source, err, want)
		}
	}
}

// Errors of a file name it and the line in the way in which editors find it.
func TestFileErrors(t *testing.T) {
	var out heard
	for source, want := range map[string][]string{
		"x = 1\nx / 0":                       {"  prog.star:2"},
		"x = 1\n\nnothing":                   {"  prog.star:3"},
		"def f():\n    return 1 // 0\n\nf()": {"  prog.star:4", "  prog.star:2, in f"},
	} {
		_, err := New(nil, nil).RunFile(t.Context(), "prog.star", source, &out)
		e, ok := errors.AsType[*report.Error](err)
		if !ok || strings.Join(e.Trace, "|") != strings.Join(want, "|") {
			t.Errorf("%q ends with %+v, want %q", source, err, want)
		}
	}
}

// print takes sep and end, as Python's does.
func TestPrint(t *testing.T) {
	var out heard
	if _, err := New(
		nil,
		nil,
	).Run(t.Context(), "item 1", "print(1, 'a', sep='-', end='')\nprint()\nprint([1], end='!\\n', flush=True)\nprint('x', sep=None, end=None)", &out); err != nil {
		t.Fatal(err)
	}
	if got := out.said(); got != "1-a\n[1]!\nx\n" {
		t.Errorf("prints %q", got)
	}
}
