// Smoothlab trains and certifies classifiers by randomized smoothing. See smoothlab help.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/memory"
	"smoothlab/papertable"
	"smoothlab/quickstart"
	"smoothlab/repl"

	"github.com/alecthomas/kong"
)

// commands describes the command line. kong derives help and errors from it.
type commands struct {
	Repl         replCommand           `cmd:"" default:"1" hidden:"" help:"Start a prompt."`
	Run          runCommand            `cmd:"" help:"Run a program, written as at the prompt: smoothlab run FILE -- ARGUMENTS."`
	Quickstart   quickstartCommand     `cmd:"" help:"Train Gaussian and SmoothMix classifiers on real digits, certify and compare them."`
	Table        tableCommand          `cmd:"" help:"Make the paper's table: train its rows, certify them, and compare them with the authors' runs."`
	Attach       attachCommand         `cmd:"" help:"Attach a prompt to a running session, such as a notebook's, or start one that keeps running after you leave."`
	Kernel       kernelCommand         `cmd:"" help:"Run as a Jupyter kernel (started by JupyterLab)."`
	Install      installCommand        `cmd:"" help:"Install the kernel SmoothLab in Jupyter."`
	Uninstall    uninstallCommand      `cmd:"" help:"Remove the kernel SmoothLab from Jupyter."`
	ExportScript exportScriptCommand   `cmd:"" help:"Print to_smoothlab.py, which exports a PyTorch network for from_onnx."`
	External     externalScriptCommand `cmd:"" name:"external-script" help:"Print smoothlab_external.py, by which a Python program votes for external."`
	Version      versionCommand        `cmd:"" help:"Print the version and the revision that the program was built from."`
	Doctor       doctorCommand         `cmd:"" help:"Check this machine and print fixes for what is missing."`
}

// terminal holds the program's streams and signals.
type terminal struct {
	in, out, err *os.File
	console      *console
	interrupts   chan os.Signal // receives each Ctrl-C
}

// interruptible returns a context that the first Ctrl-C cancels. The second Ctrl-C ends the process.
func (t *terminal) interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-t.interrupts:
			signal.Reset(os.Interrupt)
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// lastSteps is how long a process may take to save its progress after a signal to end.
const lastSteps = 20 * time.Second

// ended returns a context that SIGTERM or SIGHUP cancels. The process ends at a second signal, or after lastSteps.
func ended(stderr *os.File) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
			return
		}
		select {
		case <-signals:
		case <-time.After(lastSteps):
			fmt.Fprintln(stderr, "smoothlab: ended during a step that could not be interrupted")
		}
		os.Exit(statusInterrupted)
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}

// statusInterrupted is the exit status of a process ended by a signal.
const statusInterrupted = 130

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// lists provides the names in the lists to help texts.
func lists() kong.Vars {
	var plans, sets, networks []string
	for _, p := range quickstart.Plans() {
		plans = append(plans, p.Name)
	}
	for _, e := range dataset.List() {
		sets = append(sets, e.Name)
	}
	for _, a := range classifier.Architectures() {
		networks = append(networks, a.Name)
	}
	return kong.Vars{
		"plans":       strings.Join(plans, ", "),
		"plan":        plans[0],
		"tables":      strings.Join(papertable.Tables(), ", "),
		"rows":        strings.Join(papertable.Names(), ", "),
		"datasets":    strings.Join(sets, ", "),
		"classifiers": strings.Join(networks, ", "),
	}
}

// run runs the program and returns the exit status: 0 success, 1 failure, 2 usage error, 130 interrupted.
func run(args []string, stdin, stdout, stderr *os.File) int {
	// A signal to end, for instance from a closing terminal, stops everything like Ctrl-C and saves its progress.
	ctx, stop := ended(stderr)
	defer stop()
	debug.SetMemoryLimit(memory.Total() / 2) // the collector runs more often near this limit
	t := &terminal{
		in:         stdin,
		out:        stdout,
		err:        stderr,
		console:    &console{Console: repl.NewConsole(stdout, stderr, os.Getenv)},
		interrupts: make(chan os.Signal, 1),
	}
	signal.Notify(t.interrupts, os.Interrupt)
	defer signal.Stop(t.interrupts)
	defer t.console.EndProgress()
	exit := -1
	parser, err := kong.New(
		&commands{},
		kong.Name("smoothlab"),
		kong.Description(
			"An interactive laboratory for certified robustness: randomized smoothing and SmoothMix on GoMLX and XLA. Without a command, it starts a prompt.",
		),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(t),
		lists(),
	)
	if err != nil {
		fmt.Fprintln(stderr, "smoothlab:", err)
		return 1
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // help was printed
		return exit
	}
	if err != nil {
		fmt.Fprintf(stderr, "smoothlab: %v; see smoothlab --help\n", err)
		return 2
	}
	err = command.Run()
	t.console.EndProgress()
	if failure := t.console.Err(); failure != nil {
		fmt.Fprintln(stderr, "smoothlab: cannot write the output:", failure)
		return 1
	}
	return exitStatus(err, stderr)
}

// exitStatus prints the error of a command, unless it was shown before, and returns the exit status.
func exitStatus(err error, stderr *os.File) int {
	var status exitError
	switch shown := errors.Is(err, errShown); {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	case errors.Is(err, context.Canceled):
		if !shown {
			fmt.Fprintln(stderr, "\nsmoothlab: interrupted:", err)
		}
		return statusInterrupted
	default:
		if !shown {
			fmt.Fprintln(stderr, "smoothlab:", err)
		}
		return 1
	}
}
