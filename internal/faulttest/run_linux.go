package faulttest

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// stageVariable tells a process which part it plays: nothing, install the filter, do the work.
const stageVariable = "SMOOTHLAB_TEST_FAULTS"

// controlFile is the number of the child's end of the control connection.
const controlFile = 3

// Run has each operation of each piece of work fail. setUp is called in the child, once. Where the system does not let
// a process watch another one's calls, the test is skipped.
func Run(t *testing.T, setUp func(t *testing.T) []Work) {
	t.Helper()
	under(t, func(in *injector) {
		for _, w := range setUp(t) {
			r := w.run(t, in)
			for _, wrong := range r.wrong {
				t.Error(wrong)
			}
			t.Logf("%s: %d operations, %d failures, %d of them writes of half the bytes", w.Name, r.operations,
				r.failures, r.halves)
		}
	})
}

// under calls do in a child of which this process decides the failures.
func under(t *testing.T, do func(in *injector)) {
	t.Helper()
	switch os.Getenv(stageVariable) {
	case "":
		supervise(t)
	case "filter":
		t.Fatal(filterAndExec())
	case "work":
		in, err := connect()
		if err != nil {
			t.Fatal(err)
		}
		do(in)
	}
}

// order is what the child asks of its supervisor: to let the N-th operation in Dir fail; Dir "" to stop that. With
// Half, only writes count: the N-th one writes half of its bytes, and the turn chooses what comes after it.
type order struct {
	Dir     string
	N, Turn int
	Half    bool
}

// halfFailed begins the fault of a supervisor that could not write half of the bytes.
const halfFailed = "the test cannot write half of the bytes to"

// reply names the operation that failed, "" for none.
type reply struct{ Fault string }

// injector is the child's side of the control connection.
type injector struct {
	to   *json.Encoder
	from *json.Decoder
}

// connect takes up the control connection in the child.
func connect() (*injector, error) {
	conn, err := net.FileConn(os.NewFile(controlFile, "control"))
	if err != nil {
		return nil, err
	}
	return &injector{to: json.NewEncoder(conn), from: json.NewDecoder(bufio.NewReader(conn))}, nil
}

func (in *injector) arm(o order) { in.ask(o) }

func (in *injector) disarm() (fault string) { return in.ask(order{}) }

func (in *injector) ask(o order) string {
	var r reply
	if err := in.to.Encode(o); err != nil {
		panic(err) // the supervisor is gone
	}
	if err := in.from.Decode(&r); err != nil {
		panic(err)
	}
	return r.Fault
}

// supervise runs the test again in a child, and answers for the calls that it makes.
func supervise(t *testing.T) {
	t.Helper()
	ours, theirs, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	args := []string{"-test.run", "^" + regexp.QuoteMeta(t.Name()) + "$", "-test.v"}
	if deadline, ok := t.Deadline(); ok {
		args = append(args, "-test.timeout", strconv.Itoa(int(time.Until(deadline).Seconds()))+"s")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), stageVariable+"=filter")
	cmd.ExtraFiles = []*os.File{theirs}
	output := make(chan []byte, 1)
	ended := make(chan error, 1)
	go func() {
		out, err := cmd.CombinedOutput()
		theirs.Close()
		output <- out
		ended <- err
	}()
	s, err := listen(ours)
	if err != nil {
		t.Skipf("the calls of a process cannot be watched here: %v; %s", err, <-output)
	}
	s.serve()
	out := <-output
	if err := <-ended; err != nil {
		t.Errorf("%v\n%s", err, out)
		return
	}
	t.Logf("%s", out)
}
