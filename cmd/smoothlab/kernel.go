package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"smoothlab/internal/datadir"
	"smoothlab/kernel"
	"smoothlab/kernel/wire"
)

// kernelCommand holds the flags of smoothlab kernel, which front ends start.
type kernelCommand struct {
	File  string   `short:"f" required:"" help:"Connection file written by the front end."`
	Owned bool     `hidden:"" help:"Remove the file at exit."`
	Until int      `hidden:"" help:"End when the process with this number ends."`
	Rest  []string `arg:"" optional:"" hidden:"" passthrough:"" help:"Further arguments of front ends, such as the file name from jupyter run, are ignored."`
}

// Run serves a session until a front end ends it. It ignores Ctrl-C, which a terminal sends to all its processes and
// which is meant for the front end.
func (k *kernelCommand) Run(ctx context.Context, t *terminal) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		for {
			select {
			case <-t.interrupts: // front ends interrupt by message
			case <-ctx.Done():
				return
			}
		}
	}()
	c, err := wire.ReadConnection(k.File)
	if err != nil {
		return err
	}
	if k.Owned {
		defer removeOwn(k.File, c)
	}
	go orphaned(ctx, stop)
	if k.Until != 0 {
		go until(ctx, k.Until, stop)
	}
	notices := make(chan string, 100)
	s := t.session(nil, func(text string) {
		select {
		case notices <- text:
		default: // a hundred notices are unread
		}
	})
	defer s.Close()
	history := ""
	if dir, err := datadir.Path("jupyter-history"); err == nil {
		history = dir
	}
	_, err = kernel.Serve(
		ctx,
		kernel.Options{
			Evaluator:  s,
			Connection: c,
			Version:    version(),
			Engine:     s.Engine,
			History:    history,
			Notices:    notices,
			Banner:     fmt.Sprintf("smoothlab %s · %s · help() lists the functions", version(), where()),
			Log:        func(err error) { fmt.Fprintln(t.err, "smoothlab kernel:", err) },
		},
	)
	if err != nil {
		return fmt.Errorf("the kernel cannot start: %w", err)
	}
	return nil
}

// removeOwn removes the connection file and the log next to it, unless another kernel owns them by now.
func removeOwn(path string, c wire.Connection) {
	if now, err := wire.ReadConnection(path); err == nil && now == c {
		os.Remove(path)
		os.Remove(strings.TrimSuffix(path, ".json") + ".log")
	}
}

// orphaned ends the kernel when the front end that started it has died. jupyter_client passes the front end's process
// ID.
func orphaned(ctx context.Context, stop func()) {
	parent, err := strconv.Atoi(os.Getenv("JPY_PARENT_PID"))
	if err != nil || parent <= 1 || os.Getppid() != parent {
		return
	}
	watch(ctx, func() bool { return os.Getppid() != parent }, stop)
}

// until calls stop when a process has ended.
func until(ctx context.Context, pid int, stop func()) {
	process, err := os.FindProcess(pid) // keeps a handle on the process, because its number may be reused
	if err != nil {
		stop()
		return
	}
	watch(ctx, func() bool { return errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone) }, stop)
}

// watch checks every second, and calls stop when a process has ended.
func watch(ctx context.Context, gone func() bool, stop func()) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if gone() {
			stop()
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// place holds the flags for the location of the kernelspec.
type place struct {
	User      bool   `xor:"place" help:"For this user: in JUPYTER_DATA_DIR, or ~/.local/share/jupyter. The default."`
	Prefix    string `xor:"place" type:"path" placeholder:"DIRECTORY" help:"In DIRECTORY/share/jupyter, for instance of a virtual environment."`
	SysPrefix bool   `xor:"place" help:"For the active virtual environment."`
}

func (p place) dir() (string, error) {
	switch {
	case p.Prefix != "":
		return filepath.Join(p.Prefix, "share", "jupyter"), nil
	case p.SysPrefix:
		for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
			if prefix := os.Getenv(name); prefix != "" {
				return filepath.Join(prefix, "share", "jupyter"), nil
			}
		}
		return "", errors.New(
			"no virtual environment is active (VIRTUAL_ENV and CONDA_PREFIX are not set): activate one, or pass its directory as --prefix",
		)
	}
	return wire.DataDir()
}

// installCommand holds the flags of smoothlab install.
type installCommand struct {
	place
}

// Run registers the kernel with Jupyter.
func (i *installCommand) Run(_ context.Context, t *terminal) error {
	data, err := i.dir()
	if err != nil {
		return err
	}
	program, err := t.placed()
	if err != nil {
		return err
	}
	dir, err := kernel.Install(data, program)
	if err != nil {
		return err
	}
	t.console.Say(
		fmt.Sprintf(
			"installed the kernel SmoothLab in %s; it runs %s\nopen JupyterLab and choose SmoothLab, or: jupyter console --kernel %s",
			dir,
			program,
			wire.KernelName,
		),
	)
	return nil
}

// uninstallCommand holds the flags of smoothlab uninstall.
type uninstallCommand struct {
	place
}

// Run removes the kernelspec that install wrote.
func (u *uninstallCommand) Run(_ context.Context, t *terminal) error {
	data, err := u.dir()
	if err != nil {
		return err
	}
	dir, err := kernel.Uninstall(data)
	if errors.Is(err, kernel.ErrNotInstalled) {
		return fmt.Errorf("the kernel SmoothLab is not installed in %s", dir)
	}
	if err != nil {
		return err
	}
	t.console.Say("removed " + dir)
	return nil
}
