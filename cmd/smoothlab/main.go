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

// commands is the command line; kong derives help and errors from it.
type commands struct {
	Repl         replCommand         `cmd:"" default:"1" hidden:"" help:"Read and run what is typed."`
	Run          runCommand          `cmd:"" help:"Run a program, as it would be typed at the prompt: smoothlab run FILE -- ARGUMENTS."`
	Quickstart   quickstartCommand   `cmd:"" help:"Train Gaussian and SmoothMix classifiers on real digits, certify them, and set them side by side."`
	Table        tableCommand        `cmd:"" help:"Make the paper's table: train its rows, certify them, and set them next to the authors' runs."`
	Attach       attachCommand       `cmd:"" help:"The prompt of a session that runs elsewhere, in a notebook for instance, or of a new one that goes on without the prompt."`
	Kernel       kernelCommand       `cmd:"" help:"Be a Jupyter kernel: what JupyterLab and others start."`
	Install      installCommand      `cmd:"" help:"Tell Jupyter about the kernel SmoothLab."`
	Uninstall    uninstallCommand    `cmd:"" help:"Remove the kernel SmoothLab from Jupyter."`
	ExportScript exportScriptCommand `cmd:"" help:"Print to_smoothlab.py, which exports a PyTorch network for from_onnx."`
	Doctor       doctorCommand       `cmd:"" help:"Say what is found on this machine, what is missing, and how to mend it."`
}

// terminal is where the program runs.
type terminal struct {
	in, out, err *os.File
	console      *console
	interrupts   chan os.Signal // each Ctrl-C
}

// interruptible is a context that the first Ctrl-C ends; the second one ends the process.
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

// lastSteps is how long a process that is asked to end may take to keep what it has, before it ends without.
const lastSteps = 20 * time.Second

// ended is a context that SIGTERM or SIGHUP ends. A second signal, or lastSteps later none, ends the process.
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
			fmt.Fprintln(stderr, "smoothlab: ended in a step that could not be cut short")
		}
		os.Exit(statusInterrupted)
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}

// statusInterrupted is the exit status of a process that was interrupted or asked to end.
const statusInterrupted = 130

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// lists lets help texts name what the lists hold.
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

// run is the program; it returns the exit status: 0 done, 1 failed, 2 not understood, 130 interrupted.
func run(args []string, stdin, stdout, stderr *os.File) int {
	// Asked to end, by a terminal that closes for instance, everything stops as after Ctrl-C, and keeps what it has.
	ctx, stop := ended(stderr)
	defer stop()
	debug.SetMemoryLimit(memory.Total() / 2) // the collector works harder before that much is in use
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
			"An interactive laboratory for certified robustness: randomized smoothing and SmoothMix on GoMLX and XLA. Without a command, a prompt.",
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
		fmt.Fprintf(stderr, "smoothlab: %v; smoothlab --help lists what there is\n", err)
		return 2
	}
	err = command.Run()
	t.console.EndProgress()
	if failure := t.console.Err(); failure != nil {
		fmt.Fprintln(stderr, "smoothlab: the output cannot be written:", failure)
		return 1
	}
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
