package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"smoothlab/internal/datadir"

	"github.com/creack/pty"
)

// soon is a time limit that is long enough for a loaded machine.
const soon = time.Minute

// seat is a program on its own terminal, with a simulated keyboard.
type seat struct {
	testing.TB
	*exec.Cmd
	keyboard *os.File

	mu   sync.Mutex
	text bytes.Buffer // all that the program has written
	read int          // the part of it that was waited for
}

// sit starts a program that uses the user's plugin, but not their history or data.
func sit(t testing.TB, name string, args ...string) *seat {
	s := &seat{TB: t, Cmd: exec.Command(name, args...)}
	s.Env = append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=1", "XDG_DATA_HOME="+data(t), "SMOOTHLAB_DATA=")
	s.Dir = t.TempDir()
	var err error
	if s.keyboard, err = pty.StartWithSize(s.Cmd, &pty.Winsize{Rows: 30, Cols: 100}); err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	go func() {
		for p := make([]byte, 32<<10); ; {
			n, err := s.keyboard.Read(p)
			s.mu.Lock()
			s.text.Write(p[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { s.Process.Kill(); s.Wait(); s.keyboard.Close() })
	return s
}

// data is a user's data directory that has the plugin of the real one.
func data(t testing.TB) string {
	t.Helper()
	plugins, err := datadir.Path("pjrt")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	own := filepath.Join(dir, "smoothlab")
	for _, err := range []error{
		os.MkdirAll(plugins, 0o755), // where nothing was installed yet, it will be there
		os.MkdirAll(own, 0o755), os.Symlink(plugins, filepath.Join(own, "pjrt")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (s *seat) types(keys string) {
	s.Helper()
	if _, err := s.keyboard.WriteString(keys); err != nil {
		s.Fatal(err)
	}
}

// sees waits until the program has written a text, after the texts waited for before.
func (s *seat) sees(want string) {
	s.Helper()
	re := regexp.MustCompile(want)
	for limit := time.Now().Add(soon); ; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		rest := s.text.Bytes()[s.read:]
		at := re.FindIndex(rest)
		if at != nil {
			s.read += at[1]
		}
		s.mu.Unlock()
		if at != nil {
			return
		}
		if time.Now().After(limit) {
			s.Fatalf("waited for %s in %q", want, rest)
		}
	}
}

// leaves waits until the program has ended.
func (s *seat) leaves() error {
	s.Helper()
	ended := make(chan error, 1)
	go func() { ended <- s.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(soon):
		s.Fatal("the program does not end")
		return nil
	}
}

// A session at a terminal: completion, a training that Ctrl-C stops, and leaving with a warning about what would be
// lost.
func TestPrompt(t *testing.T) {
	s := sit(t, "smoothlab")
	s.sees(`>>> `)
	s.types("d = dataset(\"mnist-mini\", spl\t")
	s.sees(`split=`)
	s.types("\"train\")\r")
	s.sees(`>>> `)
	s.types("c = classifier(\"lin\t\", d, seed=1)\r")
	s.sees(`linear`)
	s.sees(`>>> `)
	s.types("train(c, d, gaussian(sigma=0.5), epochs=100000, seed=1, test=d[:0])\r")
	s.sees(`training gaussian .* [1-9][0-9,]*/1,600,000`)
	began := time.Now()
	s.types("\x03")
	s.sees(`interrupted: stopped after update [0-9]+`)
	t.Logf("stopped %v after Ctrl-C", time.Since(began).Round(time.Millisecond)) // no limit: this machine may be busy
	s.sees(`>>> `)
	s.types("r = train(c, d, gaussian(sigma=0.5), epochs=100000, seed=2, test=d[:0], background=True)\r")
	s.sees(`run 1 in background`)
	s.types("r.state\r")
	s.sees(`"running"`)
	s.sees(`>>> `)
	s.types("\x04")
	s.sees(`leaving now would lose:`)
	s.sees(`run 1 .*would stop, and it is not saved to a file`)
	s.sees(`again leaves`)
	s.types("\x04")
	if err := s.leaves(); err != nil {
		t.Error(err)
	}
}

// When the terminal is closed, background runs keep their progress.
func TestTerminalCloses(t *testing.T) {
	s := sit(t, "smoothlab")
	s.sees(`>>> `)
	s.types("d = dataset(\"mnist-mini\", split=\"train\")\rc = classifier(\"linear\", d)\r")
	s.types("r = train(c, d, gaussian(sigma=0.5), epochs=100000, test=d[:0], out=\"r\", background=True)\r")
	s.sees(`run 1 in background`)
	s.Process.Signal(syscall.SIGHUP)
	if err := s.leaves(); err == nil || !strings.Contains(err.Error(), "130") {
		t.Errorf("the program ends with %v, want the status of an interrupt", err)
	}
	if _, err := os.Stat(filepath.Join(s.Dir, "r.safetensors")); err != nil {
		t.Error(err)
	}
}

// BenchmarkPrompt measures the time from the start of the program to its prompt, to a first answer, and to the first
// answer that needs XLA, and the time of Python to its prompt.
func BenchmarkPrompt(b *testing.B) {
	python, err := exec.LookPath("python3")
	if err != nil {
		b.Skip("compared with python3, which is not here")
	}
	var prompt, answer, engine, other time.Duration
	for b.Loop() {
		began := time.Now()
		s := sit(b, "smoothlab")
		s.sees(`>>> `)
		prompt += time.Since(began)
		s.types("1 + 1\r")
		s.sees("\\?2004l2\r\n") // after the end of bracketed paste
		answer += time.Since(began)
		s.types("devices().engine\r")
		s.sees(`"xla`)
		engine += time.Since(began)
		s.Process.Kill()
		began = time.Now()
		p := sit(b, python, "-q")
		p.sees(`>>> `)
		other += time.Since(began)
		p.Process.Kill()
	}
	n := float64(b.N)
	b.ReportMetric(prompt.Seconds()*1000/n, "ms-prompt")
	b.ReportMetric(answer.Seconds()*1000/n, "ms-answer")
	b.ReportMetric(engine.Seconds()*1000/n, "ms-engine")
	b.ReportMetric(prompt.Seconds()/other.Seconds(), "prompt/python")
}
