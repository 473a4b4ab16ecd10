package programs

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// writerVariable names the store to which a child process writes.
const writerVariable = "SMOOTHLAB_TEST_WRITER"

// shared returns the program that the process with a number writes; each process has another length and other bytes.
func shared(number int) []byte { return bytes.Repeat([]byte{byte(number)}, 50_000+1000*number) }

// Two processes repeatedly write the same program, and remove each other's for lack of space. A reader gets a complete
// program or none.
func TestProcesses(t *testing.T) {
	if dir := os.Getenv(writerVariable); dir != "" {
		write(t, dir)
		return
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	for number := range 2 {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProcesses$")
		child.Env = append(os.Environ(), writerVariable+"="+dir, fmt.Sprintf("NUMBER=%d", number))
		go func() {
			out, err := child.CombinedOutput()
			if err != nil {
				err = fmt.Errorf("%w: %s", err, out)
			}
			done <- err
		}()
	}
	s := open(t, dir, 60_000)
	seen := 0
	for running := 2; running > 0; {
		select {
		case err := <-done:
			running--
			if err != nil {
				t.Error(err)
			}
		default:
		}
		program, err := s.Get(key("shared"))
		if err != nil {
			t.Fatal(err)
		}
		if program == nil {
			continue
		}
		seen++
		if number := int(program[0]); !bytes.Equal(program, shared(number)) {
			t.Fatalf("a program of %d bytes is not the one of process %d", len(program), number)
		}
	}
	if seen == 0 {
		t.Error("nothing was read")
	}
}

func write(t *testing.T, dir string) {
	var number int
	if _, err := fmt.Sscan(os.Getenv("NUMBER"), &number); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, 60_000)
	for i := range 300 {
		if err := s.Put(key("shared"), shared(number)); err != nil {
			t.Fatal(err)
		}
		if err := s.Put(key(fmt.Sprint(number, i)), shared(number)); err != nil {
			t.Fatal(err)
		}
	}
}
