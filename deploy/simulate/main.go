package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/alecthomas/kong"

	"smoothlab/internal/texttable"
)

// options are the command-line flags.
type options struct {
	job
	Tasks []int `default:"100,1000,10000" help:"Numbers of shards to try."`
	Runs  int   `default:"21" help:"Simulations per line."`
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("simulate"), kong.Description("Estimates a certification on many nodes."))
	if err := run(o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(1)
	}
}

// run prints, for each number of shards, the time without trouble and with each kind of it.
func run(o options, out io.Writer) error {
	if o.Runs < 1 {
		return fmt.Errorf("--runs must be at least 1, got %d", o.Runs)
	}
	fmt.Fprintf(out, "%d images of %g s on %d nodes: %.1f h if nothing goes wrong and nothing has to start\n\n",
		o.Images, o.Seconds, o.Nodes, ideal(o.job)/3600)
	rows := [][]string{{"shards", "nodes", "hours", "range", "of the ideal", "nodes busy", "starts", "images lost"}}
	for _, shards := range o.Tasks {
		for _, trouble := range troubles {
			j := trouble.of(o.job)
			j.Shards = shards
			if err := j.check(); err != nil {
				return err
			}
			var runs []outcome
			for seed := range o.Runs {
				runs = append(runs, simulate(j, uint64(seed+1)))
			}
			slices.SortFunc(runs, func(a, b outcome) int { return int(1e3 * (a.seconds - b.seconds)) })
			middle := runs[len(runs)/2]
			busy := middle.busy / (middle.seconds * float64(j.Nodes))
			rows = append(rows, []string{
				strconv.Itoa(shards),
				trouble.name,
				fmt.Sprintf("%.2f", middle.seconds/3600),
				fmt.Sprintf("%.2f…%.2f", runs[0].seconds/3600, runs[len(runs)-1].seconds/3600),
				fmt.Sprintf("%.0f%%", 100*ideal(j)/middle.seconds),
				fmt.Sprintf("%.0f%%", 100*busy),
				strconv.Itoa(middle.starts),
				strconv.Itoa(middle.lost),
			})
		}
	}
	_, err := io.WriteString(out, texttable.New(rows, 0).Text(rows))
	return err
}

// trouble is what goes wrong in a line of the table.
type trouble struct {
	name string
	of   func(job) job
}

// troubles are the lines for each number of shards.
var troubles = [...]trouble{
	{"alike", func(j job) job { j.Slow, j.Preemptions = 0, 0; return j }},
	{"some slow", func(j job) job { j.Preemptions = 0; return j }},
	{"preempted", func(j job) job { j.Slow = 0; return j }},
	{"both", func(j job) job { return j }},
}
