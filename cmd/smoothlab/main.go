// Smoothlab trains and certifies classifiers by randomized smoothing. See smoothlab help.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"smoothlab/classifier"
	"smoothlab/dataset"
	"smoothlab/internal/quickstart"

	"github.com/alecthomas/kong"
)

// commands is the command line; kong derives help and errors from it.
type commands struct {
	Quickstart quickstartCommand `cmd:"" help:"Train Gaussian and SmoothMix classifiers on real digits, certify them, and set them side by side."`
	Doctor     doctorCommand     `cmd:"" help:"Say what is found on this machine, what is missing, and how to mend it."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

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
	return kong.Vars{"plans": strings.Join(plans, ", "), "plan": plans[0], "datasets": strings.Join(sets, ", "), "classifiers": strings.Join(networks, ", ")}
}

// run is the program; it returns the exit status: 0 done, 1 failed, 2 not understood, 130 interrupted.
func run(ctx context.Context, args []string, stdout, stderr *os.File) int {
	exit := -1
	parser, err := kong.New(&commands{}, kong.Name("smoothlab"),
		kong.Description("An interactive laboratory for certified robustness: randomized smoothing and SmoothMix on GoMLX and XLA."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(newConsole(stdout)), lists())
	if err != nil {
		fmt.Fprintln(stderr, "smoothlab:", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // help was printed
		return exit
	}
	if err != nil {
		fmt.Fprintf(stderr, "smoothlab: %v; smoothlab --help lists what there is\n", err)
		return 2
	}
	switch err := command.Run(); {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "\nsmoothlab: interrupted:", err)
		return 130
	default:
		fmt.Fprintln(stderr, "smoothlab:", err)
		return 1
	}
}
