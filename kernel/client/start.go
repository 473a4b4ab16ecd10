package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"smoothlab/internal/lockfile"
	"smoothlab/kernel/wire"
)

// startWithin is how long a kernel may take until it answers.
const startWithin = 30 * time.Second

var errRefused = syscall.ECONNREFUSED

// start starts a kernel that outlives this process. If several processes find no kernel at the same time, one of them
// starts it.
func start(ctx context.Context, o Options) (*Session, error) {
	dir, err := wire.RuntimeDir()
	if err != nil {
		return nil, err
	}
	unlock, err := lockfile.Wait(ctx, filepath.Join(dir, "smoothlab-start"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if !o.New {
		if s, err := newest(ctx, o); s != nil || err != nil {
			return s, err
		}
	}
	program := o.Program
	if program == "" {
		if program, err = find(ctx, o.Say); err != nil {
			return nil, err
		}
	}
	c, err := wire.NewConnection()
	if err != nil {
		return nil, err
	}
	c.KernelName = wire.KernelName
	name := o.Name
	if name == "" {
		name = wire.NewID()[:nameLength]
	}
	path := filepath.Join(dir, ownPrefix+name+".json")
	if err := c.Write(path); err != nil {
		return nil, err
	}
	ended, err := startKernel(program, path, o.Until)
	if err != nil {
		os.Remove(path)
		return nil, fmt.Errorf("cannot start a kernel: %w", err)
	}
	limit, stop := context.WithTimeout(ctx, startWithin)
	defer stop()
	for {
		s, err := open(limit, path, o)
		if err == nil {
			s.started = true
			return s, nil
		}
		select {
		case <-ended:
			words := lastWords(path)
			os.Remove(path)
			os.Remove(logOf(path))
			return nil, fmt.Errorf("the kernel ended while it was starting: %s", words)
		case <-limit.Done():
			return nil, fmt.Errorf("the kernel does not answer, see %s: %w", logOf(path), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// startKernel starts the process in a separate process session, so that it does not receive an interrupt or the end of
// this terminal.
func startKernel(program, path string, until int) (ended <-chan struct{}, err error) {
	log, err := os.OpenFile(logOf(path), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(program, "kernel", "-f", path, "--owned")
	if until != 0 {
		cmd.Args = append(cmd.Args, "--until", strconv.Itoa(until))
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "GONB_") || strings.HasPrefix(v, "JPY_") // set by the notebook of this cell
	})
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // only that it has ended matters here
		close(done)
	}()
	return done, nil
}

// find looks for the program smoothlab.
func find(ctx context.Context, say func(string)) (string, error) {
	if program := installed(); program != "" {
		return program, nil
	}
	if program, err := exec.LookPath("smoothlab"); err == nil {
		return program, nil
	}
	if program, err := build(ctx, say); err == nil {
		return program, nil
	} else if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return "", errors.New(
		"no session is running and smoothlab was not found: run go run ./cmd/smoothlab install in a clone, or put smoothlab on the PATH",
	)
}

// installed returns the program of the kernelspec, or "" if there is none.
func installed() string {
	data, err := wire.DataDir()
	if err != nil {
		return ""
	}
	for _, dir := range []string{data, "/usr/local/share/jupyter", "/usr/share/jupyter"} {
		var spec struct {
			Argv []string `json:"argv"`
		}
		text, err := os.ReadFile(filepath.Join(dir, "kernels", wire.KernelName, "kernel.json"))
		if err != nil || json.Unmarshal(text, &spec) != nil || len(spec.Argv) == 0 {
			continue
		}
		if program, err := exec.LookPath(spec.Argv[0]); err == nil {
			return program
		}
	}
	return ""
}

// build compiles the program from the module in which this process runs: a clone, or the module of a cell.
func build(ctx context.Context, say func(string)) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	if err := exec.CommandContext(ctx, "go", "list", "smoothlab/cmd/smoothlab").Run(); err != nil {
		return "", err
	}
	say("building smoothlab for the session: the first time takes a minute")
	program := filepath.Join(cache, "smoothlab", "bin", "smoothlab")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "smoothlab/cmd/smoothlab").CombinedOutput()
	if err != nil {
		say(strings.TrimSpace(string(out)))
	}
	return program, err
}
