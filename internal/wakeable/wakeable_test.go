package wakeable

import (
	"errors"
	"io"
	"os"
	"testing"
)

// Wake ends the waiting Read, or the next one. Later Reads return what is written, and the end of the file.
func TestWake(t *testing.T) {
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	r, err := New(out)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p := make([]byte, 8)
	woken := make(chan error)
	go func() {
		_, err := r.Read(p)
		woken <- err
	}()
	r.Wake()
	if err := <-woken; !errors.Is(err, ErrWoken) {
		t.Errorf("a Read that was woken: %v", err)
	}
	in.WriteString("ab")
	if !r.Ready(1000) {
		t.Error("nothing is ready")
	}
	r.Wake()
	if _, err := r.Read(p); !errors.Is(err, ErrWoken) {
		t.Errorf("the Read after a Wake: %v", err)
	}
	if n, err := r.Read(p); err != nil || string(p[:n]) != "ab" {
		t.Errorf("read %q, %v", p[:n], err)
	}
	in.Close()
	if _, err := r.Read(p); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}
