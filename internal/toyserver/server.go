package toyserver

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Name is the name of the program.
const Name = "toyserver"

// Link makes a link to this test binary in a directory, and returns its path.
func Link(t testing.TB, dir string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, Name)
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// Called reports whether this process was started as the program.
func Called() bool { return filepath.Base(os.Args[0]) == Name }

// server is one run.
type server struct {
	in      io.Reader
	out     io.Writer
	how     string // the misbehaviour
	file    string // its file
	size    int    // values per image
	classes int
	weights []float32 // [classes, size], then [classes]
	batches int
}

// Main is the program: toyserver HOW [FILE]. HOW is "linear" for a network whose weights and biases, raw float32, are
// in FILE, "votes" for the same with classes instead of logits, "brightness" for a network without weights and with
// FILE as its fingerprint, or a misbehaviour.
func Main() int {
	s := &server{in: os.Stdin, out: os.Stdout, how: "brightness"}
	if len(os.Args) > 1 {
		s.how = os.Args[1]
	}
	if len(os.Args) > 2 {
		s.file = os.Args[2]
	}
	for {
		var h [12]byte
		if _, err := io.ReadFull(s.in, h[:]); err != nil {
			return 0
		}
		payload := make([]byte, binary.LittleEndian.Uint32(h[8:]))
		if _, err := io.ReadFull(s.in, payload); err != nil {
			return 0
		}
		number := binary.LittleEndian.Uint32(h[4:])
		if string(h[:4]) == "OPEN" {
			s.open(number, payload)
		} else {
			s.look(number, payload)
		}
	}
}

func (s *server) reply(kind string, number uint32, payload []byte) {
	m := binary.LittleEndian.AppendUint32([]byte(kind), number)
	m = binary.LittleEndian.AppendUint32(m, uint32(len(payload)))
	_, _ = s.out.Write(append(m, payload...)) // a broken pipe ends the program at its next read
}

// first reports whether this is the first call for the file, which it makes.
func (s *server) first() bool {
	f, err := os.OpenFile(s.file, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

func (s *server) open(number uint32, payload []byte) {
	var hello struct {
		Version, Classes int
		Shape            []int
	}
	if err := json.Unmarshal(payload, &hello); err != nil || hello.Version != 1 || len(hello.Shape) != 3 {
		fmt.Fprintln(os.Stderr, "not a greeting of version 1:", string(payload))
		os.Exit(2)
	}
	s.size, s.classes = hello.Shape[0]*hello.Shape[1]*hello.Shape[2], hello.Classes
	fingerprint := "toy"
	switch s.how {
	case "silent":
		time.Sleep(time.Hour)
	case "nameless":
		fingerprint = ""
	case "changes":
		if !s.first() {
			fingerprint = "another"
		}
	case "refuses":
		s.reply("FAIL", number, fmt.Appendf(nil, "no network\nfor %d classes", s.classes))
		return
	case "linear", "votes", "dies":
		s.read()
	case "brightness":
		if s.file != "" {
			fingerprint = s.file
		}
	}
	text, _ := json.Marshal(map[string]any{"fingerprint": fingerprint})
	s.reply("OPEN", number, text)
}

// read reads the weights, where there are any.
func (s *server) read() {
	data, err := os.ReadFile(s.file)
	if err != nil {
		return
	}
	for ; len(data) >= 4; data = data[4:] {
		s.weights = append(s.weights, math.Float32frombits(binary.LittleEndian.Uint32(data)))
	}
}

func (s *server) look(number uint32, payload []byte) {
	s.batches++
	x := make([]float64, len(payload)/4)
	for i := range x {
		x[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(payload[4*i:])))
	}
	if s.misbehave(number, x) {
		return
	}
	logits := s.logits(x)
	if s.how == "votes" {
		s.reply("VOTE", number, largest(logits, s.classes))
		return
	}
	if s.how == "short" {
		logits = logits[:len(logits)-1]
	}
	var b []byte
	for _, l := range logits {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(l)))
	}
	s.reply("LOGI", number, b)
}

// misbehave does what the program was asked for in place of an answer, and reports whether it has replied.
func (s *server) misbehave(number uint32, x []float64) bool {
	n := len(x) / s.size
	switch s.how {
	case "dies": // at every third batch
		if s.batches == 3 {
			fmt.Fprintln(os.Stderr, "out of memory, as it were")
			os.Exit(3)
		}
	case "dies-always", "changes":
		for i := range 1000 {
			fmt.Fprintln(os.Stderr, "line", i)
		}
		os.Exit(3)
	case "hangs":
		time.Sleep(time.Hour)
	case "hangs-later": // after the two batches of a check
		if s.batches > 2 {
			time.Sleep(time.Hour)
		}
	case "hangs-once":
		if s.first() {
			time.Sleep(time.Hour)
		}
	case "prints":
		fmt.Fprintln(s.out, "Loading checkpoint shards: 100%")
		return true
	case "class":
		s.reply("VOTE", number, binary.LittleEndian.AppendUint32(make([]byte, 4*(n-1)), uint32(s.classes)))
		return true
	case "nan":
		x[len(x)-1] = math.NaN()
	case "stale":
		s.reply("VOTE", number-1, make([]byte, 4*n))
		return true
	case "fails":
		s.reply("FAIL", number, []byte("CUDA out of memory"))
		return true
	case "family": // a process that outlives this one
		child := exec.Command("sleep", "3600")
		if err := child.Start(); err == nil {
			_ = os.WriteFile(s.file, fmt.Append(nil, child.Process.Pid), 0o600)
		}
		time.Sleep(time.Hour)
	case "mixes":
		for i := range x[:s.size] {
			x[i] += x[len(x)-s.size]
		}
	}
	return false
}

// logits computes the linear network in float64; without weights, class k is for brightness near k/classes.
func (s *server) logits(x []float64) []float64 {
	n := len(x) / s.size
	logits := make([]float64, 0, n*s.classes)
	for i := range n {
		image := x[i*s.size : (i+1)*s.size]
		sum := 0.0
		for _, v := range image {
			sum += v
		}
		for k := range s.classes {
			if s.weights == nil {
				logits = append(logits, -math.Abs(sum/float64(s.size)-float64(k)/float64(s.classes)))
				continue
			}
			l := float64(s.weights[s.classes*s.size+k])
			for j, v := range image {
				l += v * float64(s.weights[k*s.size+j])
			}
			logits = append(logits, l)
		}
	}
	return logits
}

func largest(logits []float64, classes int) (b []byte) {
	for ; len(logits) > 0; logits = logits[classes:] {
		top := 0
		for k, l := range logits[:classes] {
			if l > logits[top] {
				top = k
			}
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(top))
	}
	return b
}
