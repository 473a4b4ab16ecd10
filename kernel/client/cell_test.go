package client

import (
	"bufio"
	"encoding/gob"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

func TestCell(t *testing.T) {
	dir := runtime(t)
	serve(t, dir, ownPrefix+"1.json", nil)
	out, back := filepath.Join(dir, "out"), filepath.Join(dir, "back")
	for _, path := range []string{out, back} {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(
		os.Environ(),
		"CLIENT_CELL=1",
		protocol.GONB_PIPE_ENV+"="+out,
		protocol.GONB_PIPE_BACK_ENV+"="+back,
	)
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
		if v, ok := data.Data[protocol.MIMECommValue].(*protocol.CommValue); ok &&
			v.Address == protocol.GonbuiSyncAddress {
			answers.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: v.Value})
			continue
		}
		if text, ok := data.Data[protocol.MIMETextHTML].(string); ok {
			shown <- data.DisplayID + " " + text
		}
	}
}
