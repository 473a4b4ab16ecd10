package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"smoothlab/internal/datadir"
	"smoothlab/kernel"
	"smoothlab/kernel/wire"
)

// kernelCommand is smoothlab kernel: what front ends start.
type kernelCommand struct {
	File  string   `short:"f" required:"" help:"The connection file that the front end wrote."`
	Owned bool     `hidden:"" help:"The file is removed at the end."`
	Rest  []string `arg:"" optional:"" hidden:"" passthrough:"" help:"What a front end passes on, such as jupyter run the name of its file, has no meaning."`
}

// Run serves a session until a front end ends it. Ctrl-C is the front end's: a terminal sends it to everybody in it.
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
	notices := make(chan string, 100)
	s := t.session(nil, func(text string) {
		select {
		case notices <- text:
		default: // nobody has read a hundred
		}
	})
	defer s.Close()
	history := ""
	if folder, err := datadir.Folder("jupyter-history"); err == nil {
		history = folder
	}
	_, err = kernel.Serve(
		ctx,
		kernel.Options{
			Evaluator:  s,
			Connection: c,
			Version:    version,
			Engine:     s.Engine,
			History:    history,
			Notices:    notices,
			Banner:     fmt.Sprintf("smoothlab %s · %s · help() lists what there is", version, where()),
			Log:        func(err error) { fmt.Fprintln(t.err, "smoothlab kernel:", err) },
		},
	)
	if err != nil {
		return fmt.Errorf("the kernel cannot start: %w", err)
	}
	return nil
}

// removeOwn removes the connection file and the log beside it, unless they are another kernel's by now.
func removeOwn(path string, c wire.Connection) {
	if now, err := wire.ReadConnection(path); err == nil && now == c {
		os.Remove(path)
		os.Remove(strings.TrimSuffix(path, ".json") + ".log")
	}
}

// orphaned ends the kernel when the front end that started it is gone without a word. jupyter_client says who that is.
func orphaned(ctx context.Context, stop func()) {
	parent, err := strconv.Atoi(os.Getenv("JPY_PARENT_PID"))
	if err != nil || parent <= 1 || os.Getppid() != parent {
		return
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if os.Getppid() != parent {
				stop()
				return
			}
		}
	}
}

// place says where the kernelspec goes.
type place struct {
	User      bool   `xor:"place" help:"For this user: below JUPYTER_DATA_DIR, or ~/.local/share/jupyter. The default."`
	Prefix    string `xor:"place" type:"path" placeholder:"FOLDER" help:"Below FOLDER/share/jupyter, for instance that of a virtual environment."`
	SysPrefix bool   `xor:"place" help:"For the virtual environment that is active."`
}

func (p place) folder() (string, error) {
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
			"no virtual environment is active (VIRTUAL_ENV and CONDA_PREFIX are not set): activate one, or name its folder with --prefix",
		)
	}
	return wire.DataDir()
}

// installCommand is smoothlab install.
type installCommand struct {
	place
}

// Run tells Jupyter about the kernel.
func (i *installCommand) Run(_ context.Context, t *terminal) error {
	data, err := i.folder()
	if err != nil {
		return err
	}
	program, err := t.placed()
	if err != nil {
		return err
	}
	folder, err := kernel.Install(data, program)
	if err != nil {
		return err
	}
	t.console.Say(
		fmt.Sprintf(
			"the kernel SmoothLab is in %s; it runs %s\nopen JupyterLab and choose SmoothLab, or: jupyter console --kernel %s",
			folder,
			program,
			wire.KernelName,
		),
	)
	return nil
}

// uninstallCommand is smoothlab uninstall.
type uninstallCommand struct {
	place
}

// Run removes what install made.
func (u *uninstallCommand) Run(_ context.Context, t *terminal) error {
	data, err := u.folder()
	if err != nil {
		return err
	}
	folder, err := kernel.Uninstall(data)
	if errors.Is(err, kernel.ErrNotInstalled) {
		return fmt.Errorf("there is no kernel SmoothLab in %s", folder)
	}
	if err != nil {
		return err
	}
	t.console.Say("removed " + folder)
	return nil
}
