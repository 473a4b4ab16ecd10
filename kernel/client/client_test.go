package client

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"

	"smoothlab/kernel/jupyter"
	"smoothlab/kernel/report"
	"smoothlab/kernel/wire"
)

// soon is more than anything here should take.
const soon = 20 * time.Second

// runtime gives the test a runtime folder of its own.
func runtime(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("JUPYTER_RUNTIME_DIR", dir)
	return dir
}

// serve starts a toy kernel in this process, with a connection file of that name.
func serve(t *testing.T, dir, name string, notices <-chan string) string {
	t.Helper()
	c, err := wire.NewConnection()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := c.Write(path); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		if _, err := jupyter.Serve(ctx, jupyter.Options{Evaluator: &toy{}, Connection: c, Version: "0.1", Notices: notices, Ready: func() { close(ready) },
			Engine: func() string { return "xla:cpu" }}); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
	<-ready
	return path
}

func opened(t *testing.T, o Options) *Session {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestEvaluate(t *testing.T) {
	s := opened(t, Options{File: serve(t, runtime(t), "kernel-1.json", nil)})
	for _, c := range []struct{ source, said, value, err string }{
		{"nothing", "", "", ""},
		{"print Größe", "print Größe", "", ""},
		{"value 42", "", "smoothlab.value/1", ""},
		{"shown 42", "show smoothlab.message/1", "shown smoothlab.message/1", ""},
		{"full 42", "show smoothlab.message/1 in full", "", ""},
		{"clear", "clear", "", ""},
		{"progress", "progress|end", "", ""},
		{"fail no", "", "", "error: no"},
	} {
		out := newScreen()
		r, err := s.Evaluate(t.Context(), c.source, out)
		value := ""
		if shown, ok := r.(report.Shown); ok {
			value, r = "shown ", shown.Report
		}
		if r != nil {
			value += describe(r)
		}
		message := ""
		if err != nil {
			message = err.Error()
		}
		if said := out.all(); said != c.said || value != c.value || message != c.err {
			t.Errorf("%q: says %q, gives %q, %q", c.source, said, value, message)
		}
	}
	_, err := s.Evaluate(t.Context(), "fail no", nil)
	var e *report.Error
	if !errors.As(err, &e) || len(e.Trace) != 1 {
		t.Errorf("the error is %#v", err)
	}
}

func TestEval(t *testing.T) {
	s := opened(t, Options{File: serve(t, runtime(t), "kernel-1.json", nil), Output: silent{}})
	v, err := Eval[*report.Value](t.Context(), s, "value 42")
	if err != nil || v.Repr != "42" || v.Data != "42" {
		t.Errorf("%+v, %v", v, err)
	}
	if m := MustEval[report.Message](s, "shown it"); m.Text != "it" {
		t.Errorf("%+v", m)
	}
	for source, want := range map[string]string{"value 42": "this is a smoothlab.value/1; expected a smoothlab.certificates/1", "nothing": "has no value", "fail no": "error: no"} {
		if _, err := Eval[report.Certificates](t.Context(), s, source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %s", source, err, want)
		}
	}
	defer func() {
		if p := recover(); p == nil {
			t.Error("MustEval does not panic")
		}
	}()
	MustEval[*report.Value](s, "fail no")
}

func TestAnswersAtOnce(t *testing.T) {
	s := opened(t, Options{File: serve(t, runtime(t), "kernel-abcd.json", nil)})
	busy, stop := context.WithCancel(t.Context())
	out := newScreen()
	ended := make(chan error)
	go func() { _, err := s.Evaluate(busy, "wait", out); ended <- err }()
	<-out.said // it waits, and the rest is answered meanwhile
	if c := s.Complete("pr", 2); len(c.Items) != 4 || c.Items[0] != (report.Item{Text: "print", Kind: "function", Help: "says something"}) || c.End != 2 {
		t.Errorf("%+v", c)
	}
	if r, ok := s.Inspect("print", 1); !ok || r.(report.Help).Name != "print" {
		t.Errorf("%v, %v", r, ok)
	}
	if _, ok := s.Inspect("else", 1); ok {
		t.Error("else is explained")
	}
	if c, indent := s.IsComplete("if x:"); c != report.Incomplete || indent != "    " {
		t.Errorf("%v, %q", c, indent)
	}
	if got, want := s.String(), "session abcd · smoothlab 0.1 · xla:cpu · values: k"; got != want {
		t.Errorf("%s, expected %s", got, want)
	}
	stop()
	var e *report.Error
	if err := <-ended; !errors.As(err, &e) || e.Name != report.Interrupted || e.Message != "stopped after update 7" {
		t.Errorf("%v", err)
	}
}

// Each sees its own; an interrupt while one waits for its turn ends that one only.
func TestTwoClients(t *testing.T) {
	path := serve(t, runtime(t), "kernel-1.json", nil)
	a, b := opened(t, Options{File: path}), opened(t, Options{File: path})
	var wg sync.WaitGroup
	outs := []*screen{newScreen(), newScreen()}
	for i, s := range []*Session{a, b} {
		wg.Go(func() {
			for range 20 {
				s.Evaluate(t.Context(), "print "+[]string{"a", "b"}[i], outs[i])
			}
		})
	}
	wg.Wait()
	for i, name := range []string{"a", "b"} {
		if got, want := outs[i].all(), strings.TrimSuffix(strings.Repeat("print "+name+"|", 20), "|"); got != want {
			t.Errorf("%s hears %s", name, got)
		}
	}
	first, stopFirst := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { _, err := a.Evaluate(first, "wait", outs[0]); ended <- err }()
	<-outs[0].said
	second, stopSecond := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stopSecond()
	if _, err := b.Evaluate(second, "print never", outs[1]); err == nil {
		t.Error("a cell that was stopped before its turn was run")
	}
	select {
	case err := <-ended:
		t.Errorf("the other's cell has ended: %v", err)
	default:
	}
	stopFirst()
	<-ended
	b.Evaluate(t.Context(), "print last", outs[1])
	if got := outs[1].all(); got != "print last" {
		t.Errorf("b hears %s", got)
	}
}

func TestAsking(t *testing.T) {
	s := opened(t, Options{File: serve(t, runtime(t), "kernel-1.json", nil)})
	out := newScreen()
	out.answer = "me"
	r, err := s.Evaluate(t.Context(), "ask who?", out)
	if err != nil || r.(*report.Value).Repr != "me" || <-out.question != "who?true" {
		t.Errorf("%v, %v", r, err)
	}
	if _, err := s.Evaluate(t.Context(), "ask who?", silent{}); err == nil || !strings.Contains(err.Error(), "takes no input") {
		t.Errorf("nobody to ask: %v", err)
	}
	out.answer = ""
	ctx, stop := context.WithCancel(t.Context())
	go func() { <-out.question; stop() }()
	if _, err := s.Evaluate(ctx, "ask again?", out); err == nil {
		t.Error("an interrupt did not end the question")
	}
}

func TestNotices(t *testing.T) {
	notices, heard := make(chan string), make(chan string, 1)
	opened(t, Options{File: serve(t, runtime(t), "kernel-1.json", notices), Notice: func(text string) { heard <- text }})
	notices <- "run 1 is finished\n"
	select {
	case got := <-heard:
		if got != "run 1 is finished\n" {
			t.Errorf("%q", got)
		}
	case <-time.After(soon):
		t.Error("nothing is heard")
	}
}

// The newest kernel that answers is taken; files of kernels that are gone do no harm, and ours are removed.
func TestNewest(t *testing.T) {
	dir := runtime(t)
	serve(t, dir, "kernel-old.json", nil)
	past := time.Now().Add(-time.Hour)
	os.Chtimes(filepath.Join(dir, "kernel-old.json"), past, past)
	want := serve(t, dir, "kernel-new.json", nil)
	gone, err := wire.NewConnection()
	if err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(dir, ownPrefix+"dead.json")
	for _, path := range []string{dead, filepath.Join(dir, "kernel-dead.json")} {
		gone.Write(path)
		future := time.Now().Add(time.Minute)
		os.Chtimes(path, future, future)
	}
	other := gone
	other.KernelName = "python3"
	other.Write(filepath.Join(dir, "kernel-python.json"))
	os.WriteFile(filepath.Join(dir, "nbserver-1.json"), []byte(`{"port": 1}`), 0o600)
	if s := opened(t, Options{Program: "/nowhere"}); s.File() != want || s.Started() {
		t.Errorf("opened %s", s.File())
	}
	longAgo := time.Now().Add(-time.Hour)
	os.Chtimes(dead, longAgo, longAgo)
	os.Remove(want)
	os.Remove(filepath.Join(dir, "kernel-old.json"))
	if _, err := Open(t.Context(), Options{Program: "/nowhere"}); err == nil || !strings.Contains(err.Error(), "no kernel could be started") {
		t.Errorf("nothing runs: %v", err)
	}
	if _, err := os.Stat(dead); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file of a kernel of ours that is gone is still there")
	}
	if _, err := os.Stat(filepath.Join(dir, "kernel-dead.json")); err != nil {
		t.Error("a file that others made was removed")
	}
}

func TestWrongFiles(t *testing.T) {
	dir := runtime(t)
	serve(t, dir, "kernel-here.json", nil)
	for _, name := range []string{"here", "kernel-here", "kernel-here.json", filepath.Join(dir, "kernel-here.json")} {
		opened(t, Options{File: name})
	}
	os.WriteFile(filepath.Join(dir, "broken.json"), []byte("{"), 0o600)
	key, err := wire.ReadConnection(filepath.Join(dir, "kernel-here.json"))
	if err != nil {
		t.Fatal(err)
	}
	key.Key = "wrong"
	key.Write(filepath.Join(dir, "key.json"))
	for name, want := range map[string]string{"nowhere": "there is no connection file nowhere", "broken": "is no connection file", "key": "the kernel does not answer"} {
		ctx, stop := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		if _, err := Open(ctx, Options{File: name}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
		stop()
	}
}

// A kernel that is started outlives its client, is found by the next, and ends when it is told to.
func TestStart(t *testing.T) {
	dir := runtime(t)
	first := opened(t, Options{Program: os.Args[0]})
	if !first.Started() {
		t.Error("it was not started")
	}
	for _, e := range []string{first.File(), logOf(first.File())} {
		if info, err := os.Stat(e); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", e, info, err)
		}
	}
	first.Close()
	second := opened(t, Options{Program: os.Args[0]})
	if second.File() != first.File() || second.Started() {
		t.Errorf("%s is another kernel than %s", second.File(), first.File())
	}
	third := opened(t, Options{Program: os.Args[0], New: true})
	if third.File() == first.File() {
		t.Error("it is no new one")
	}
	for _, s := range []*Session{second, third} {
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for limit := time.Now().Add(soon); ; time.Sleep(10 * time.Millisecond) {
		if left, _ := filepath.Glob(filepath.Join(dir, "*.json")); len(left) == 0 {
			break
		}
		if time.Now().After(limit) {
			t.Fatal("the kernels did not end")
		}
	}
	var e *report.Error
	if _, err := second.Evaluate(t.Context(), "value 1", nil); !errors.As(err, &e) || !strings.Contains(e.Message, "the kernel is gone") {
		t.Errorf("after the end: %v", err)
	}
}

// Of many that find no kernel at the same time, one starts it.
func TestStartOnce(t *testing.T) {
	runtime(t)
	files := make(chan string, 4)
	for range cap(files) {
		go func() {
			s, err := Open(context.Background(), Options{Program: os.Args[0]})
			if err != nil {
				files <- err.Error()
				return
			}
			defer s.Close()
			files <- s.File()
		}()
	}
	first := <-files
	for range cap(files) - 1 {
		if other := <-files; other != first {
			t.Errorf("%s and %s", first, other)
		}
	}
	opened(t, Options{Program: os.Args[0]}).Shutdown(t.Context())
}

// A kernel that dies is said to be gone, with its last words, to whoever waits.
func TestDeath(t *testing.T) {
	runtime(t)
	s := opened(t, Options{Program: os.Args[0]})
	_, err := s.Evaluate(t.Context(), "die", nil)
	var e *report.Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, "the kernel is gone") || !strings.Contains(e.Message, "the last words") {
		t.Errorf("%v", err)
	}
	if c := s.Complete("a", 1); len(c.Items) != 0 {
		t.Errorf("%v", c)
	}
	again := opened(t, Options{Program: os.Args[0]})
	if _, err := again.Evaluate(t.Context(), "value 1", nil); err != nil || !again.Started() {
		t.Errorf("another: %v", err)
	}
	again.Shutdown(t.Context())
}

// A kernel that cannot start says why.
func TestStartFails(t *testing.T) {
	dir := runtime(t)
	t.Setenv("CLIENT_FAIL", "there is no disk")
	if _, err := Open(t.Context(), Options{Program: os.Args[0]}); err == nil || !strings.Contains(err.Error(), "there is no disk") {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "kernel-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A cell shows through gonbui what the kernel gives, and its interrupt is the kernel's, well within GoNB's five seconds.
func TestCell(t *testing.T) {
	dir := runtime(t)
	serve(t, dir, "kernel-1.json", nil)
	out, back := filepath.Join(dir, "out"), filepath.Join(dir, "back")
	for _, path := range []string{out, back} {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CLIENT_CELL=1", protocol.GONB_PIPE_ENV+"="+out, protocol.GONB_PIPE_BACK_ENV+"="+back)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	shown := make(chan string, 1000)
	go gonb(t, out, back, shown)
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && lines.Text() != "waiting" {
	}
	begun := time.Now()
	cmd.Process.Signal(os.Interrupt)
	err = cmd.Wait()
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("the cell ended %v after its interrupt", took)
	}
	if err == nil || !strings.Contains(stderr.String(), "interrupted: stopped after update 7") {
		t.Errorf("%v, %s", err, stderr.String())
	}
	var all strings.Builder
	for text := range shown {
		all.WriteString(text + "\n")
	}
	for _, want := range []string{"<svg", "working", "smoothlab-"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%s is not shown: %s", want, all.String())
		}
	}
}

// gonb is the other end of gonbui's pipes.
func gonb(t *testing.T, out, back string, shown chan<- string) {
	defer close(shown)
	r, err := os.Open(out)
	if err != nil {
		t.Error(err)
		return
	}
	w, err := os.OpenFile(back, os.O_WRONLY, 0)
	if err != nil {
		t.Error(err)
		return
	}
	defer w.Close()
	answers := gob.NewEncoder(w)
	for d := gob.NewDecoder(r); ; {
		var data protocol.DisplayData
		if d.Decode(&data) != nil {
			return
		}
		if v, ok := data.Data[protocol.MIMECommValue].(*protocol.CommValue); ok && v.Address == protocol.GonbuiSyncAddress {
			answers.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: v.Value})
			continue
		}
		if text, ok := data.Data[protocol.MIMETextHTML].(string); ok {
			shown <- data.DisplayID + " " + text
		}
	}
}
